/**
 * Instances of one thread, alone and beside others of two: all that is promised of two holds,
 * and what user code cannot do there is told.
 */

import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Random, seededRandom } from "../../src/base/mod.ts";
import { DurableRun } from "../chaos/durable_run.ts";
import { recovered, strike } from "../chaos/faults.ts";
import { LiveRun, type RunResult, strayPaths, topologyFile } from "./live_run.ts";
import { brokenLinks } from "./role_logs.ts";

const TEST_MS = 180_000;
const GONE_MS = 5000;
const root = await mkdtemp(join(tmpdir(), "heron-bin-threads-"));
afterAll(() => rm(root, { recursive: true }));

/** Starts another topology of these tests with so many threads an instance. */
function startRun(threads: string, containers: number, ...args: readonly string[]): LiveRun {
  const where = ["--plain", "--containers", String(containers)];
  return new LiveRun([...where, topologyFile("threads"), threads, ...args]);
}

async function runOf(...args: Parameters<typeof startRun>): Promise<RunResult> {
  await using run = startRun(...args);
  return await run.result;
}

/** What the tasks of a run that must go well said, sorted. */
async function said(...args: Parameters<typeof startRun>): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runOf(...args);
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.trimEnd().split("\n").sort();
}

/** Lines of words, a few of them often. */
function linesOf(random: Random, lines: number, words: number): string[] {
  const word = (): string => {
    const number = Math.floor(random.unit() ** 3 * 200);
    return String.fromCharCode(97 + number % 26, 97 + Math.floor(number / 26));
  };
  return Array.from({ length: lines }, () => Array.from({ length: words }, word).join(" "));
}

/** `word<TAB>count` of the lines, sorted. */
function countsOf(lines: readonly string[]): string[] {
  const byWord = Map.groupBy(lines.flatMap((line) => line.split(" ")), (word) => word);
  return [...byWord].map(([word, same]) => `${word}\t${same.length}`).sort();
}

test.each([["1", true, true], ["mixed", true, false], ["2", false, false]])(
  "instance.threads %s decides where user code runs",
  async (threads, spout, bolt) => {
    expect(await said(threads, 1, "which_thread")).toEqual([
      `bolt in main thread: ${bolt}`,
      `spout in main thread: ${spout}`,
    ]);
  },
  TEST_MS,
);

test.each([["1", 1], ["1", 3], ["mixed", 1], ["mixed", 3]])(
  "words are counted exactly, in both modes, with %s threads and %d containers",
  async (threads, containers) => {
    const lines = linesOf(seededRandom(containers), 3000, 5);
    const file = join(root, crypto.randomUUID());
    await writeFile(file, lines.join("\n"));
    const counts = countsOf(lines);
    // The bolts are slower than the spout, and their credit is little.
    expect(await said(threads, containers, "slow_word_count", file)).toEqual(counts);
    expect(await said(threads, containers, "acked_word_count", file)).toEqual(
      [...counts, `acked\t${lines.length}`].sort(),
    );
  },
  TEST_MS,
);

test.each(["1", "mixed"])("a slow async bolt stops its spout with %s threads", async (threads) => {
  const lines = linesOf(seededRandom(7), 400, 1);
  const file = join(root, crypto.randomUUID());
  await writeFile(file, lines.join("\n"));
  // At 40 ms, what a spout may emit at first takes longer than half the time-out, which is 4 s: on
  // a loaded machine a process may stand still for two.
  expect(await said(threads, 1, "acked_word_count", file, "40", "4")).toEqual(
    [...countsOf(lines), `acked\t${lines.length}`].sort(),
  );
}, TEST_MS);

test(
  "direct and global grouping, an async bolt and a finish that floods lose nothing in one thread",
  async () => {
    expect(await said("1", 2, "exchange", "5000")).toEqual([
      "received 0, wrong 0",
      "received 100000, wrong 0",
      ...Array.from({ length: 2 }, () => "received 2500, wrong 0"),
      ...Array.from({ length: 3 }, () => "received 5000, wrong 0"),
    ]);
  },
  TEST_MS,
);

test("a tuple in parts gets through in one thread", async () => {
  const lines = await said("1", 2, "large_tuples", "5", "300000", "ATLEAST_ONCE");
  expect(lines.filter((line) => line.startsWith("got ")).length).toBe(15);
  expect(lines.filter((line) => line.includes("damaged"))).toEqual([]);
  expect(lines).toContain("acked 5");
}, TEST_MS);

test(
  "in one thread a call far past its credit fails, and awaiting ready() gets through",
  async () => {
    const { exitCode, stderr } = await runOf("1", 1, "overshoot", "5000", "1000");
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(
      "(emit.overshoot.bytes for each that may be open); await collector.ready() between emits",
    );
    expect(await said("2", 1, "overshoot", "5000", "1000")).toEqual(["received 5000"]);
    expect(await said("1", 1, "overshoot", "5000", "1000", "ready")).toEqual(["received 5000"]);
  },
  TEST_MS,
);

test("in one thread one call may pass the ceiling of open tuples, within limits", async () => {
  expect(await said("1", 1, "overshoot", "1000", "10", "acked")).toEqual(["received 1000"]);
  const { exitCode, stderr } = await runOf("1", 1, "overshoot", "2000", "10", "acked");
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain("open tuples after one call, expected at most 10");
  expect(await said("2", 1, "overshoot", "2000", "10", "acked")).toEqual(["received 2000"]);
}, TEST_MS);

test(
  "user code that blocks its only thread for 2 s loses neither its link nor a tuple",
  async () => {
    await using run = startRun("1", 1, "blocked_bolt", "20000", "2000");
    const { exitCode, stdout } = await run.result;
    expect(stdout.trimEnd().split("\n")).toEqual(["blocked", "relieved", "received 20000"]);
    const ended = brokenLinks(run.folder, Date.now()).filter((line) =>
      line.includes("instance disconnected")
    );
    expect(ended.filter((line) => !line.includes("The instance stops"))).toEqual([]);
    expect(exitCode).toBe(0);
  },
  TEST_MS,
);

test.each(["throws", "rejects", "unhandled", "timer", "open", "finish", "exit"])(
  "user code of one thread that fails by %s is shown with its line",
  async (mode) => {
    await using run = startRun("1", 1, "ends", mode);
    const { exitCode, stderr } = await run.result;
    const source = (await readFile(topologyFile("ends"), "utf8")).split("\n");
    const line = 1 + source.findIndex((one) => new RegExp(`// line of .*\\b${mode}\\b`).test(one));
    expect(stderr).toMatch(new RegExp(`^ +at .*\\bends\\.ts:${line}:\\d+\\)?$`, "m"));
    expect(stderr).toContain(mode === "exit" ? "process.exit(3)" : "Error: thrown on purpose");
    expect(exitCode).toBe(4);
    await run.untilGone(GONE_MS);
    expect(strayPaths(run)).toEqual([]);
  },
  TEST_MS,
);

test(
  "Ctrl-C drains an endless topology of one thread, whose spout always has something",
  async () => {
    await using run = startRun("1", 1, "ends", "endless");
    // What tasks print may come before the word that all of them run; until then Ctrl-C kills.
    await run.untilStderr(/running \d+ tasks? in/);
    await run.untilStdout(/going/);
    run.interrupt();
    const { exitCode, stdout, stderr } = await run.result;
    const [, emitted = "none"] = /summary of "threads"|summary of "ends"[^]*numbers +1 +([\d,]+) /
      .exec(stderr) ?? [];
    expect(stdout).toContain(`received ${emitted.replaceAll(",", "")}\n`);
    expect(exitCode).toBe(0);
  },
  TEST_MS,
);

test("a cleanup that throws in one thread does not hold the end up", async () => {
  expect(await said("1", 1, "ends", "cleanup")).toContain("received 10000");
}, TEST_MS);

test("kill -9 of spouts and bolts of one thread loses nothing", async () => {
  await using run = await DurableRun.start({
    containers: 2,
    seed: 13,
    rate: 300,
    settings: ["instance.threads=1"],
  });
  for (const component of ["records", "split", "sink"]) {
    const task = run.plan.task(run.plan.tasksOf(component)[0] ?? NaN);
    const target = { role: "instance" as const, container: task.containerId, task };
    const underWay = strike(run, { type: "kill", target });
    if (underWay === undefined) throw new Error(`Kill "${component}": it is not there`);
    const { recoveryMs, startMs } = await recovered(run, underWay);
    console.log(`${component} works again after ${recoveryMs} ms`);
    await run.progress(startMs);
  }
  const { lost, overBound, faults } = await run.finish();
  expect({ lost, overBound, faults }).toEqual({ lost: 0, overBound: 0, faults: [] });
}, TEST_MS);
