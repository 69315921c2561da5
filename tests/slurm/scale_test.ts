/**
 * Two topologies of 16 containers each at a time, on four nodes of a real Slurm that are one machine:
 * they share ports and disks, and nothing else.
 */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesWrittenBy, portsOf, type RunProcess } from "../e2e/process_tree.ts";
import { type SlurmCluster, startSlurm } from "../infra/slurm.ts";
import { ROOT } from "../support/repository.ts";
import { nodeOf, PATIENCE_MS, SlurmHome } from "./slurm_home.ts";

const NAMES = ["wide-a", "wide-b"] as const;
const CONTAINERS = 16;
/** The topology master's takes a place as well. */
const FLAGS = ["--containers", `${CONTAINERS}`, "--slurm", "containers.per.node=5"];
const TOPOLOGY = join(ROOT, "tests/slurm/topologies/wide_word_count.ts");

let slurm: SlurmCluster;
beforeAll(async () => {
  slurm = await startSlurm({ nodes: 4, cpus: 32, ramMib: 256_000 });
}, 300_000);
afterAll(() => slurm[Symbol.asyncDispose](), 60_000);

/** The processes of one topology, by its folder. */
function processesOf(home: SlurmHome, folder: string): readonly RunProcess[] {
  return home.roles.filter(({ commandLine }) => commandLine.includes(`${folder}/job`));
}

/** Its containers are on all nodes, and no two processes write a file; the ports that they listen on. */
function expectApart(processes: readonly RunProcess[], folder: string): readonly string[] {
  const containers = processes.filter(({ role, container }) =>
    role === "container" && container !== 0
  );
  expect(containers.length).toBe(CONTAINERS);
  const nodes = new Set(containers.map(({ pid }) => nodeOf(pid)));
  expect([...nodes].sort()).toEqual([...slurm.nodes]);
  // The state store is what all share.
  const written = processes.flatMap(({ pid }) => [...new Set(filesWrittenBy(pid))])
    .filter((path) => !path.includes("/.heron-bin/state/"));
  expect(written.filter((path) => !path.startsWith(`${folder}/`))).toEqual([]);
  expect(new Set(written).size).toBe(written.length);
  return processes.flatMap(({ pid }) =>
    portsOf(pid).map(({ localAddress, port }) => `${localAddress}:${port}`)
  );
}

test(
  "two topologies of 16 containers at a time count each word, and share no port or file",
  async () => {
    using home = new SlurmHome(slurm);
    const [text, go] = [join(home.data, "text"), join(home.data, "go")];
    const lines = Array.from({ length: 400 }, (_, at) => `every line w${at % 40} w${at % 25}`);
    writeFileSync(text, lines.join("\n"));
    await Promise.all(
      NAMES.map((name) => home.succeed("submit", "slurm", ...FLAGS, TOPOLOGY, name, text, go)),
    );
    const ports: string[] = [];
    for (const name of NAMES) {
      const { folder, state } = await home.untilState(name, "running");
      expect(state).toBe("running");
      ports.push(...expectApart(processesOf(home, folder), folder));
    }
    expect(new Set(ports).size).toBe(ports.length);
    writeFileSync(go, "");
    const expected = new Map<string, number>();
    for (const word of lines.join(" ").split(" ")) {
      expected.set(
        word,
        (expected.get(word) ?? 0) + 1,
      );
    }
    for (const name of NAMES) {
      const { reason } = await home.untilState(name, "ended", "failed", "dead");
      expect(reason).toBe("all its tasks have ended");
      const counted = (await home.succeed("logs", "slurm", name, "count", "--lines", "1000"))
        .trim().split("\n").map((line) => line.replace(/^count\[\d\] /, ""));
      expect(counted.sort()).toEqual([...expected].map((pair) => pair.join("\t")).sort());
      await home.succeed("kill", "slurm", name);
    }
    await home.expectNothingLeft();
  },
  4 * PATIENCE_MS,
);
