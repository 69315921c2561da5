/**
 * Tuples larger than a batch, ring or window travel in parts through real processes and come out
 * as they went in, at most once and at least once, also where stream managers die between parts.
 */

import { expect, test } from "bun:test";
import { contentHash, largeContent } from "../support/large_content.ts";
import { LiveRun, topologyFile, until } from "./live_run.ts";
import { signal } from "./process_tree.ts";

const TEST_MS = 240_000;
const TOPOLOGY = topologyFile("large_tuples");
const RECEIVERS = 3;

/** `number hash` of each tuple. */
function expectedOf(count: number, size: number): string[] {
  return Array.from(
    { length: count },
    (_, number) => `${number} ${contentHash(largeContent(number, size))}`,
  );
}

/** What each task of the last bolt got, as it came. */
function gotBy(stdout: string): string[][] {
  const pairs = [...stdout.matchAll(/^last\[(\d)\] +got (.*)$/gm)];
  return Array.from(
    { length: RECEIVERS },
    (_, index) => pairs.flatMap(([, task, got = ""]) => Number(task) === index ? [got] : []).sort(),
  );
}

test.each([
  ["ATMOST_ONCE", 1],
  ["ATMOST_ONCE", 3],
  ["ATLEAST_ONCE", 1],
  ["ATLEAST_ONCE", 3],
])("tuples of 10 MB arrive whole (%s, containers: %d)", async (mode, containers) => {
  const [count, size] = [5, 10_000_000];
  const args = [TOPOLOGY, String(count), String(size), mode];
  await using run = await LiveRun.running(["--containers", String(containers), ...args]);
  const { exitCode, stdout, stderr } = await run.result;
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  const expected = expectedOf(count, size).sort();
  expect(gotBy(stdout)).toEqual([expected, expected, expected]);
  expect(stdout).toContain(`acked ${count}`);
  // One tuple in parts is one tuple.
  expect(stderr).toMatch(new RegExp(`source +1 +${count} +0 +[\\d,]+ +0 +0\\n`));
  expect(stderr).toMatch(new RegExp(`last +3 +0 +${RECEIVERS * count} +[\\d,]+ +0 +0\\n`));
}, TEST_MS);

test("tuples past topology.tuple.max.bytes fail their task by name", async () => {
  const args = [TOPOLOGY, "1", "100000000"];
  await using run = await LiveRun.running(args);
  const { exitCode, stderr } = await run.result;
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(
    /Emit from "source" to stream "default": found a tuple of \d+ B, expected at most 67108864 B \(topology\.tuple\.max\.bytes\)/,
  );
}, TEST_MS);

test.each([1, 3])(
  "tuples in parts all arrive where stream managers die between the parts (containers: %d)",
  async (containers) => {
    const [count, size] = [30, 4_000_000];
    // Slow enough that the last of the kills comes long before the last of the tuples.
    const args = [TOPOLOGY, String(count), String(size), "ATLEAST_ONCE", "60"];
    await using run = await LiveRun.running(["--containers", String(containers), ...args]);
    const seed = Math.floor(Math.random() * 1000);
    for (let kill = 0; kill < 4; kill++) {
      const container = 1 + (kill + seed) % containers;
      const before = gotBy(run.stdout).flat().length;
      await until("more tuples", () => gotBy(run.stdout).flat().length > before + 5);
      // Somewhere in a tuple.
      await Bun.sleep((seed + 37 * kill) % 100);
      const { pid } = run.process("stmgr", { container });
      signal(pid, "SIGKILL");
      await until(
        "the next stream manager",
        () =>
          run.processes.find((one) =>
            one.role === "stmgr" && one.container === container && one.pid !== pid
          ),
      );
    }
    const { exitCode, stdout, stderr } = await run.result;
    const again = [...stdout.matchAll(/^source\[0\] +(lost|timeout|failed) /gm)];
    const cut = /^ *(?:last|pass) .*$/gm.exec(stderr)?.[0];
    console.log(`containers: ${containers}: ${again.length} tuples came again; ${cut}`);
    expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({
      exitCode: 0,
      stderr: "",
    });
    const expected = expectedOf(count, size).sort();
    const distinct = gotBy(stdout).map((got) => [...new Set(got)]);
    expect(distinct).toEqual([expected, expected, expected]);
    expect(stdout).toContain(`acked ${count}`);
    // What is lost is told: nothing waits for its time-out.
    expect(again.filter(([, reason]) => reason !== "lost")).toEqual([]);
  },
  TEST_MS,
);
