/**
 * `logs -f` of the compiled binary: it goes on through restarts, full files and cut ones, and ends with the
 * topology, saying why.
 */

import { expect, test } from "bun:test";
import { existsSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BINARY } from "./binary.ts";
import { Cluster } from "./cluster.ts";
import { PATIENCE_MS, topologyFile, until } from "./live_run.ts";
import { LogReader } from "./log_reader.ts";
import { signal } from "./process_tree.ts";

const TEST_MS = 4 * PATIENCE_MS;
const TALKING = topologyFile("talking");

function follow(cluster: Cluster, ...of: readonly string[]): LogReader {
  const command = [BINARY, "logs", "-f", "local", "talking", ...of];
  return new LogReader(command, { cwd: cluster.root, env: cluster.environment });
}

/** The numbers of a task that prints without a prefix, since it began last. */
function numbersOf({ lines }: LogReader): readonly number[] {
  const begin = lines.findLastIndex((line) => line.startsWith("begin"));
  return lines.slice(begin + 1).map((line) => Number(line.split(" ")[0]));
}

test(
  "logs -f follows a task, a component, a role and all of them until the topology is killed",
  async () => {
    await using cluster = new Cluster();
    await cluster.succeed("submit", "local", TALKING, cluster.data);
    const { folder = "" } = (await cluster.list())[0] ?? {};
    const task = follow(cluster, "talk[0]", "--lines", "1000000");
    const component = follow(cluster, "talk", "--lines", "0");
    const all = follow(cluster, "--lines", "1");
    const role = follow(cluster, "container-1");
    const left = follow(cluster, "2");
    for (const number of [0, 1]) {
      await component.untilMore("both tasks", (line) => line.startsWith(`talk[${number}] `));
      await all.untilMore("both tasks", (line) => line.startsWith(`talk[${number}] `));
    }
    await task.untilMore("numbers", (line) => /^\d+$/.test(line));
    expect(JSON.parse(role.lines[0] ?? "")).toMatchObject({ level: "info" });

    // A task that starts again goes on in the same file.
    const instances = cluster.processes.filter(({ role }) => role === "instance");
    const first = instances.find((one) => one.task === 1)?.pid ?? 0;
    signal(first, "SIGKILL");
    await task.untilMore("the next life", (line) => /^begin \d+$/.test(line));
    await role.untilLine(
      "what the container says of it",
      (line) => line.includes("process ended unasked") && line.includes(String(first)),
    );

    // The file is full, more than once: none of what was printed is left out.
    writeFileSync(join(cluster.data, "flood-1"), "");
    await task.untilMore("the flood", (line) => line.length > 900);
    await task.untilMore("its end", (line) => /^\d+$/.test(line));
    const output = join(folder, "logs/container_1_talk_1.out");
    expect(existsSync(`${output}.1`)).toBe(true);
    const numbers = numbersOf(task);
    expect(numbers.length).toBeGreaterThan(20_000);
    expect(numbers.findIndex((number, at) => number !== at)).toBe(-1);

    // Somebody cuts it.
    truncateSync(output, 0);
    await task.untilMore("what comes later", (line) => /^\d+$/.test(line));

    left.interrupt();
    expect(await left.end()).toEqual({ exitCode: 0, stderr: "" });
    await cluster.succeed("kill", "local", "talking");
    for (const reader of [task, component, all, role]) {
      expect(await reader.end()).toEqual({
        exitCode: 0,
        stderr: expect.stringMatching(/^heron-bin: topology "talking" is killed: .+\n$/),
      });
    }
  },
  TEST_MS,
);

test("logs -f of a topology that is dead shows what there is, says so and ends", async () => {
  await using cluster = new Cluster();
  await cluster.succeed("submit", "local", TALKING, cluster.data);
  const before = follow(cluster, "talk[0]");
  await before.untilMore("numbers", (line) => /^\d+$/.test(line));
  const piped = Bun.spawn(
    ["sh", "-c", '"$0" logs -f local talking | head -n 1', BINARY],
    { cwd: cluster.root, env: cluster.environment, stdio: ["ignore", "pipe", "pipe"] },
  );
  // Who reads no more ends it.
  expect(await piped.exited).toBe(0);
  const { pid } = await cluster.process("scheduler");
  signal(pid, "SIGKILL");
  const after = follow(cluster, "talk[0]");
  for (const reader of [before, after]) {
    const { exitCode, stderr } = await reader.end();
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr:
        `heron-bin: topology "talking" is dead: its scheduler, process ${pid}, is not there any more\n`,
    });
    await until("what was printed", () => reader.lines.length > 1);
  }
  await cluster.succeed("kill", "local", "talking");
}, TEST_MS);
