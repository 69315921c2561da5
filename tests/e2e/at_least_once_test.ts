/**
 * At least once while nobody dies: words are counted exactly, whatever the bolt's pace; what
 * fails or is late comes again, once; and what is held back is asked for at the end.
 */

import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Random, seededRandom } from "../../src/base/mod.ts";
import { ROOT } from "../support/repository.ts";
import { LiveRun, type RunResult, topologyFile } from "./live_run.ts";

const TEST_MS = 180_000;
const root = await mkdtemp(join(tmpdir(), "heron-bin-acked-"));
afterAll(() => rm(root, { recursive: true }));

/** Lines of words, a few of them often. */
function linesOf(random: Random, lines: number, wordsMax: number): string[] {
  const word = (): string => {
    const number = Math.floor(random.unit() ** 3 * 200);
    return String.fromCharCode(97 + number % 26, 97 + Math.floor(number / 26));
  };
  return Array.from(
    { length: lines },
    () => Array.from({ length: 1 + random.below(wordsMax) }, word).join(" "),
  );
}

/** `word<TAB>count` of the lines, sorted. */
function countsOf(lines: readonly string[]): string[] {
  const byWord = Map.groupBy(lines.flatMap((line) => line.split(" ")), (word) => word);
  return [...byWord].map(([word, same]) => `${word}\t${same.length}`).sort();
}

async function runOf(args: readonly string[]): Promise<RunResult> {
  await using run = new LiveRun(args);
  return await run.result;
}

interface Counted {
  /** `word<TAB>count`, sorted. */
  readonly words: string[];
  readonly acked: number;
  /** Message ids by the reason for which they failed. */
  readonly failed: ReadonlyMap<string, readonly string[]>;
}

/** Counts the words of `lines` by the binary. */
async function count(
  lines: readonly string[],
  { containers, ms, secs }: { containers: number; ms: number; secs: number },
): Promise<Counted> {
  const file = join(root, crypto.randomUUID());
  await writeFile(file, lines.join("\n"));
  const topology = topologyFile("acked_word_count");
  const settings = [file, String(ms), String(secs)];
  const { exitCode, stdout, stderr } = await runOf(
    ["--plain", "--containers", String(containers), topology, ...settings],
  );
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  const pairs = stdout.trimEnd().split("\n").map((line) => line.split("\t"));
  const told = Map.groupBy(pairs, ([first = ""]) => first);
  const valuesOf = (name: string): string[] =>
    (told.get(name) ?? []).map(([, value = ""]) => value);
  const reasons = ["failed", "timeout", "lost"];
  return {
    words: pairs.filter(([name = ""]) => name.length === 2).map((pair) => pair.join("\t")).sort(),
    acked: Number(valuesOf("acked")[0]),
    failed: new Map(reasons.map((name) => [name, valuesOf(name)])),
  };
}

const NONE = new Map([["failed", []], ["timeout", []], ["lost", []]]);

for (const containers of [1, 3]) {
  test(`words are counted exactly with ${containers} containers`, async () => {
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    console.log(`text of seed ${seed}`);
    const lines = linesOf(seededRandom(seed), 5000, 10);
    expect(await count(lines, { containers, ms: 0, secs: 30 }))
      .toEqual({ words: countsOf(lines), acked: lines.length, failed: NONE });
  }, TEST_MS);

  // At 40 ms, what a spout may emit at first takes longer than half the time-out, which is 4 s: on
  // a loaded machine a process may stand still for two.
  test.each([[2, 2000, 4], [40, 400, 4]])(
    `words are counted exactly at %d ms a word with ${containers} containers`,
    async (ms, words, secs) => {
      const lines = linesOf(seededRandom(words), words, 1);
      expect(await count(lines, { containers, ms, secs }))
        .toEqual({ words: countsOf(lines), acked: lines.length, failed: NONE });
    },
    TEST_MS,
  );
}

test("words are counted exactly where the work waits for longer than the time-out", async () => {
  // 400 ms of work a line, a time-out of 4 s, and 32 lines under way from the start.
  const lines = linesOf(seededRandom(5), 150, 20);
  expect(await count(lines, { containers: 1, ms: 40, secs: 4 }))
    .toEqual({ words: countsOf(lines), acked: lines.length, failed: NONE });
}, TEST_MS);

/** What the tasks of the topology `acks` said, sorted. */
async function said(...args: readonly string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runOf([topologyFile("acks"), ...args]);
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.trimEnd().split("\n").sort();
}

test("what a bolt fails comes again with its reason, once", async () => {
  const failed = Array.from({ length: 15 }, (_, index) => `spout0[0] ${index * 7} failed`);
  expect(await said("fails", "100")).toEqual([
    "bolt[0] received 115, distinct 100",
    ...["spout0[0] acked 100", ...failed].sort(),
  ]);
}, TEST_MS);

test("a tuple that nobody acks times out and comes again, once", async () => {
  expect(await said("forgets", "50")).toEqual([
    "bolt[0] received 51, distinct 50",
    "spout0[0] 3 timeout",
    "spout0[0] acked 50",
  ]);
}, TEST_MS);

test("a time-out that is begun anew again and again does not strike", async () => {
  expect(await said("resets", "50")).toEqual([
    "bolt[0] received 50, distinct 50",
    "spout0[0] acked 50",
  ]);
}, TEST_MS);

test("a bolt that acks only when it is flushed gets all, and ends", async () => {
  expect(await said("batches", "100")).toEqual([
    "bolt[0] flush of 100",
    "bolt[0] received 100, distinct 100",
    "spout0[0] acked 100",
  ]);
}, TEST_MS);

test(
  "a bolt that holds back more than a spout may emit at first gets it after time-outs",
  async () => {
    const lines = await said("batches", "300", "secs=2");
    const late = lines.filter((line) => line.endsWith(" timeout")).length;
    console.log(`${late} of 300 tuples were late`);
    expect(lines.find((line) => line.includes("distinct"))).toEndWith(", distinct 300");
  },
  TEST_MS,
);

test("of two spouts the one that is done waits for the other's flush", async () => {
  expect(await said("batches", "10", "100")).toEqual([
    "bolt[0] flush of 110",
    "bolt[0] received 110, distinct 110",
    "spout0[0] acked 10",
    "spout1[0] acked 100",
  ]);
}, TEST_MS);

test("of two spouts the one that is done and acked ends, the other goes on", async () => {
  expect(await said("fails", "7", "3000")).toContain("bolt[0] received 3437, distinct 3007");
}, TEST_MS);

test("acked_orders books each order, also those that the bank refused", async () => {
  const { exitCode, stdout, stderr } = await runOf([join(ROOT, "examples/acked_orders.ts")]);
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  const refused = Array.from(
    { length: 20 },
    (_, index) => `orders[0] order ${5 * (index + 1)} failed, once more`,
  );
  expect(stdout.trimEnd().split("\n").sort())
    .toEqual(["book[0] 100 orders booked, the last is 100", ...refused].sort());
}, TEST_MS);
