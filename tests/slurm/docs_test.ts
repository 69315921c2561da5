/** What docs/slurm.md shows, done by the compiled binary on a real Slurm. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { PageWorld } from "../e2e/page_run.ts";
import { type SlurmCluster, startSlurm } from "../infra/slurm.ts";
import { readPages } from "../support/docs/pages.ts";

const PAGE_MS = 600_000;

let slurm: SlurmCluster;
beforeAll(async () => {
  slurm = await startSlurm({ nodes: 2, cpus: 16, ramMib: 64_000 });
}, 300_000);
afterAll(() => slurm[Symbol.asyncDispose](), 60_000);

test("what docs/slurm.md shows is so, and leaves nothing", async () => {
  const pages = (await readPages()).filter(({ needsSlurm }) => needsSlurm);
  expect(pages.length).toBe(1);
  await using world = await PageWorld.create(slurm.environment);
  for (const page of pages) await world.show(page);
  const { stdout } = await slurm.run(["squeue", "--noheader", "--format=%T"]);
  expect(stdout).toBe("");
  expect(slurm.jobProcesses()).toEqual([]);
}, PAGE_MS);
