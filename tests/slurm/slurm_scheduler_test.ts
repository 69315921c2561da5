/**
 * The scheduler "slurm" on a real Slurm: the conformance suite of all schedulers, and what is its
 * own: containers on several nodes, several on one, and a step that dies.
 */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "../../src/base/mod.ts";
import { testScheduler } from "../../src/scheduler/conformance.ts";
import { createSlurmScheduler, type Scheduler } from "../../src/scheduler/mod.ts";
import { waitFor } from "../infra/programs.ts";
import { type SlurmCluster, startSlurm } from "../infra/slurm.ts";
import { ROOT } from "../support/repository.ts";

const MIB = 1024 * 1024;
const CONTAINERS = 9;
const SIZES = Array.from({ length: CONTAINERS }, (_, container) => ({
  container,
  cpus: 1,
  ramBytes: 64 * MIB,
}));

let cluster: SlurmCluster;
let folder: string;
let variables: Record<string, string>;

/** A job whose script only waits: its steps are started from here. */
beforeAll(async () => {
  cluster = await startSlurm({ nodes: 3, cpus: 3 });
  folder = await mkdtemp(join(tmpdir(), "heron-bin-slurm-"));
  const printed = join(folder, "variables");
  const script = `env >${printed}.new && mv ${printed}.new ${printed} && exec sleep 1000`;
  const { code, stderr } = await cluster.run([
    ...["sbatch", "--parsable", "--export=NONE", "--output=/dev/null", "--mem-per-cpu=100"],
    ...[`--ntasks=${CONTAINERS}`, `--wrap=${script}`],
  ]);
  expect([code, stderr]).toEqual([0, ""]);
  await waitFor("the job to run", () => Bun.file(printed).exists());
  const lines = (await readFile(printed, "utf8")).split("\n");
  variables = Object.fromEntries(lines.map((line) => {
    const cut = line.indexOf("=");
    return [line.slice(0, cut), line.slice(cut + 1)];
  }));
}, 300_000);

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  expect(cluster.jobProcesses()).toEqual([]);
  await rm(folder, { recursive: true });
}, 60_000);

function create(): Scheduler {
  return createSlurmScheduler({
    variables,
    sizes: SIZES,
    sweepCommand: [process.execPath, join(ROOT, "tests/support/sweep.ts")],
    srun: [...cluster.commandPrefix, "srun"],
    clock: systemClock,
  });
}

testScheduler("slurm", create, {
  // What slurmd and srun set in each step.
  ownVariables: /^(SLURM|SLURMD|SRUN)_|^(TMPDIR|HOSTNAME|USER|HOME|LOGNAME|SHELL)$/,
});

test("containers run on all nodes at once, several on one, and each says on which", async () => {
  const scheduler = create();
  const logFile = (container: number) => join(folder, `container-${container}.log`);
  const running = SIZES.map(({ container }) =>
    scheduler.start({
      container,
      command: ["/bin/sh", "-c", 'echo "$SLURMD_NODENAME"; exec sleep 1000'],
      marks: ["--none"],
      environment: { PATH: "/usr/bin:/bin" },
      workingFolder: folder,
      logFile: logFile(container),
      logger: silentLogger,
    })
  );
  const nodes = async (): Promise<string[]> =>
    await Promise.all(running.map(async (_, container) => {
      const file = Bun.file(logFile(container));
      return await file.exists() ? (await file.text()).trim() : "";
    }));
  await waitFor("all to run", async () => !(await nodes()).includes(""));
  expect(await nodes()).toEqual(["n1", "n1", "n1", "n2", "n2", "n2", "n3", "n3", "n3"]);
  for (const container of running) container.kill();
  for (const { exited } of running) expect((await exited).signal).toBe("SIGKILL");
});
