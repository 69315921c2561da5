/** `submit --with-binary`: the topology runs on the binary that was packed with it, whatever becomes of the other. */

import { expect, test } from "bun:test";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BINARY, resultOf } from "./binary.ts";
import { Cluster } from "./cluster.ts";
import { PATIENCE_MS, topologyFile, until } from "./live_run.ts";
import { isAlive, signal } from "./process_tree.ts";

const TEST_MS = 4 * PATIENCE_MS;

test(
  "a topology outlives the binary that submitted it, and so do all of its restarts",
  async () => {
    await using cluster = new Cluster();
    const folder = join(cluster.root, "bin");
    const program = join(folder, "heron-bin");
    mkdirSync(folder);
    copyFileSync(BINARY, program);
    const command = ["submit", "local", "--with-binary", topologyFile("counting"), cluster.data];
    const submit = await resultOf(Bun.spawn([program, ...command], {
      cwd: cluster.root,
      env: cluster.environment,
      stdio: ["ignore", "pipe", "pipe"],
    }));
    expect(submit).toMatchObject({ exitCode: 0 });
    rmSync(folder, { recursive: true });
    const packed = join((await cluster.list())[0]?.folder ?? "", "heron-bin");
    const programs = () => new Set(cluster.processes.map(({ commandLine }) => commandLine[0]));
    expect([...programs()]).toEqual([packed]);
    await cluster.untilMore("seen-1", 5);
    for (const role of ["instance", "stmgr", "container"]) {
      const { pid } = await cluster.process(role, 1);
      signal(pid, "SIGKILL");
      await until(`the end of the ${role}`, () => !isAlive(pid));
      for (const file of ["seen-1", "seen-2"]) await cluster.untilMore(file, 5);
    }
    await cluster.succeed("restart", "local", "counting");
    for (const file of ["seen-1", "seen-2"]) await cluster.untilMore(file, 5);
    const scheduler = await cluster.process("scheduler");
    signal(scheduler.pid, "SIGKILL");
    await cluster.untilState("counting", "dead");
    // By another binary: the topology keeps its own.
    await cluster.succeed("restart", "local", "counting");
    await cluster.untilMore("seen-1", 5);
    expect([...programs()]).toEqual([packed]);
    await cluster.succeed("kill", "local", "counting");
    expect(cluster.processes).toEqual([]);
    expect(cluster.files).toEqual([]);
  },
  TEST_MS,
);
