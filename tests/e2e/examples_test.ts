/** Each example comes to the same by `heron-bin run`, in processes, and in the test kit, on virtual time. */

import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import multiAnchoredJoin from "../../examples/multi_anchored_join.ts";
import ownMetrics from "../../examples/own_metrics.ts";
import { createTestTopology } from "../../testing.ts";
import { ROOT } from "../support/repository.ts";
import { runBinary } from "./binary.ts";
import { LiveRun } from "./live_run.ts";
import { readMetrics, valueOf } from "./metric_files.ts";

const TEST_MS = 120_000;
const LINES_MAX = 79;
const EXAMPLES = join(ROOT, "examples");
const root = await mkdtemp("/tmp/hb-examples-");
afterAll(() => rm(root, { recursive: true }));

/** Examples whose output is the same each time, line by line in some order, with these arguments. */
const EXACT = [
  ["acked_orders", ["50"]],
  ["async_enrichment", []],
  ["dead_letters", []],
  // Of these words, each task gets as many by shuffle, wherever it begins.
  ["every_grouping", ["900"]],
  ["keyed_word_count", []],
  ["multi_anchored_join", ["200"]],
  ["word_count", []],
] as const;
/** Those of which chance or time has its part. */
const OTHERS = ["exclamation", "own_metrics", "rolling_count"];

/** What user code printed in a run and in the test kit, in the order it came. */
async function linesOf(example: string, args: readonly string[]) {
  const file = join(EXAMPLES, `${example}.ts`);
  const testFile = join(root, `${example}_test.ts`);
  await writeFile(
    testFile,
    `import { createTestTopology, test } from "heron-bin/testing";
import example from ${JSON.stringify(file)};
test("runs", async () => {
  await using topology = await createTestTopology(example, {
    args: ${JSON.stringify(args)},
    containers: 2,
  });
  await topology.run();
});
`,
  );
  const ran = await runBinary(["run", "--plain", "--containers", "2", file, ...args], {
    cwd: root,
  });
  expect({ ...ran, stdout: "", stderr: ran.exitCode === 0 ? "" : ran.stderr })
    .toEqual({ exitCode: 0, stdout: "", stderr: "" });
  const tested = await runBinary(["test", "--timeout", "60000", testFile], { cwd: root });
  expect({ ...tested, stdout: "", stderr: tested.exitCode === 0 ? "" : tested.stderr })
    .toEqual({ exitCode: 0, stdout: "", stderr: "" });
  const lines = (text: string): string[] =>
    text.split("\n").filter((line) => line !== "" && !line.startsWith("bun test "));
  return { ran: lines(ran.stdout), tested: lines(tested.stdout) };
}

test("each example is compared, and is short", async () => {
  const names = (await readdir(EXAMPLES)).filter((name) => name.endsWith(".ts"))
    .map((name) => name.slice(0, -".ts".length));
  expect(names.sort()).toEqual([...EXACT.map(([name]) => name), ...OTHERS].sort());
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  for (const name of names) {
    const text = await readFile(join(EXAMPLES, `${name}.ts`), "utf8");
    expect([name, text.split("\n").length - 1 <= LINES_MAX]).toEqual([name, true]);
    expect(readme).toContain(`\`${name}.ts\``);
  }
});

test.each(EXACT)("%s prints the same in the test kit as by run", async (example, args) => {
  const { ran, tested } = await linesOf(example, args);
  expect(tested.length).toBeGreaterThan(1);
  expect(tested.sort()).toEqual(ran.sort());
}, TEST_MS);

test("exclamation handles as many words in the test kit as by run", async () => {
  const { ran, tested } = await linesOf("exclamation", ["120"]);
  // Which task handles which word is chance.
  const words = (lines: readonly string[]): number =>
    lines.reduce((sum, line) => sum + Number.parseInt(line), 0);
  expect(tested).toHaveLength(4);
  expect(words(tested)).toBe(240);
  expect(words(ran)).toBe(240);
}, TEST_MS);

/** How often each word came, all told, by the windows of three slots that rolling_count prints. */
function wordsOfWindows(windows: readonly string[]): Readonly<Record<string, number>> {
  const words: Record<string, number> = {};
  for (const word of ["tick", "tock", "ding"]) {
    const slots: number[] = [];
    for (const window of windows) {
      const count = Number(RegExp(`${word} (\\d+)`).exec(window)?.[1] ?? 0);
      slots.push(count - (slots.at(-1) ?? 0) - (slots.at(-2) ?? 0));
    }
    words[word] = slots.reduce((sum, count) => sum + count, 0);
  }
  return words;
}

test("rolling_count counts each word in the windows of the test kit as of a run", async () => {
  const { ran, tested } = await linesOf("rolling_count", ["3000"]);
  const words = { tick: 1500, tock: 1000, ding: 500 };
  expect(wordsOfWindows(ran)).toEqual(words);
  expect(wordsOfWindows(tested)).toEqual(words);
  // 3 s at least, in windows that are told of each 100 ms; who stands still leaves some out.
  for (const windows of [ran, tested]) expect(windows.length).toBeGreaterThan(5);
}, TEST_MS);

test("own_metrics counts in a run the orders that its bolt has in the test kit", async () => {
  // So many that all processes reach their metrics manager: of one that ends before, none are left.
  await using run = new LiveRun(["--plain", join(EXAMPLES, "own_metrics.ts"), "400000"]);
  const { exitCode, stderr } = await run.result;
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  const records = readMetrics(run.folder);
  await using topology = await createTestTopology(ownMetrics, { args: ["4000"] });
  await topology.run();
  const orders = Map.groupBy(topology.inputs("accounting"), ({ values: [country] }) => country);
  expect([...orders.keys()].sort()).toEqual(["at", "de", "fr"]);
  for (const [country, { length }] of orders) {
    const counted = records.reduce((sum, one) => sum + valueOf(one, `orders-of/${country}`), 0);
    expect([country, counted]).toEqual([country, 100 * length]);
  }
}, TEST_MS);

test("multi_anchored_join: a parcel that fails brings both its halves again", async () => {
  await using topology = await createTestTopology(multiAnchoredJoin, { args: ["3"] });
  topology.fail("ship");
  await topology.run();
  for (const { values, anchors } of topology.outputs("join")) {
    expect(anchors).toEqual([values, values]);
  }
  const [failed] = topology.failed("orders");
  expect(failed?.reason).toBe("failed");
  for (const spout of ["orders", "payments"]) {
    const failures = topology.failed(spout).map(({ messageId }) => messageId);
    expect(failures).toEqual([failed?.messageId]);
    const acked = topology.acked(spout).map(({ messageId }) => messageId);
    expect(acked.sort()).toEqual([1, 2, 3]);
  }
  expect(topology.inputs("ship").map(({ values: [id] }) => id).sort()).toEqual([1, 2, 3]);
  expect(topology.outputs("join")).toHaveLength(4);
}, TEST_MS);
