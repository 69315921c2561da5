/**
 * Several calls of a bolt open at once, retries, dead letters and timers with real processes: in
 * both modes, with one thread and two; instances of own classes; and the examples of these.
 */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { ROOT } from "../support/repository.ts";
import { LiveRun, type RunResult, topologyFile } from "./live_run.ts";

const TEST_MS = 180_000;

async function runOf(...args: readonly string[]): Promise<RunResult> {
  await using run = new LiveRun(["--plain", ...args]);
  return await run.result;
}

/** What the tasks of a run that must go well said, sorted. */
async function said(...args: readonly string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runOf(...args);
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.trimEnd().split("\n").sort();
}

function example(name: string): string {
  return join(ROOT, `examples/${name}.ts`);
}

for (const mode of ["ATMOST_ONCE", "ATLEAST_ONCE"]) {
  for (const threads of ["1", "2"]) {
    test(
      `Calls of a bolt overlap, are retried and given up: ${mode}, ${threads} threads`,
      async () => {
        const lines = await said(topologyFile("calls"), mode, threads);
        expect(lines).toEqual([
          "heard 500 acks and 0 fails",
          "letters 1,51,101,151,201,251,301,351,401,451",
          "most 10 open 0, timer ran: true",
          "through 490",
        ]);
      },
      TEST_MS,
    );
  }
}

test("A tuple that is skipped is acked", async () => {
  expect(await said(topologyFile("calls"), "ATLEAST_ONCE", "2", "100", "skip")).toEqual([
    "heard 100 acks and 0 fails",
    "most 10 open 0, timer ran: true",
    "through 98",
  ]);
}, TEST_MS);

test(
  "A bolt that crashes in one of several calls names the tuple of that call and the user's line",
  async () => {
    const { exitCode, stderr } = await runOf(
      topologyFile("calls"),
      "ATMOST_ONCE",
      "2",
      "1000",
      "crash",
    );
    expect(exitCode).toBe(4);
    expect(stderr).toContain(
      "Execute a tuple (source: numbers, stream: default, [1]), 2 times: Error: never 1",
    );
    // All of the name: bolt_calls.ts is of ours.
    expect(stderr).toContain("at execute (calls.ts:");
  },
  TEST_MS,
);

test("The example of async enrichment looks up 50 at once, and completes all orders", async () => {
  expect(await said(example("async_enrichment"))).toEqual([
    "Ada: 100 orders",
    "Bela: 100 orders",
    "Cleo: 100 orders",
    "Dana: 100 orders",
    "Emil: 100 orders",
    "Fay: 100 orders",
    "Gus: 100 orders",
    "lookups under way at once: 50, at the end: 0",
  ]);
}, TEST_MS);

test("The example of dead letters finds each tenth reading broken", async () => {
  const lines = await said(example("dead_letters"));
  expect(lines).toContain("900 readings, on average 2.22");
  expect(lines).toContain("100 dead letters");
  expect(lines).toContain('attempted 3 times: {"celsius": ');
  expect(lines.some((line) => line.startsWith("because of SyntaxError: "))).toBe(true);
}, TEST_MS);

test("The example of a rolling count moves its window on", async () => {
  const { exitCode, stdout } = await runOf(example("rolling_count"), "3000");
  expect(exitCode).toBe(0);
  const lines = stdout.trimEnd().split("\n");
  // 3000 words, one each millisecond at best, in windows of 300 ms told of each 100 ms; who stands
  // still leaves some out.
  expect(lines.length).toBeGreaterThan(5);
  const sums = lines.map((line) =>
    [...line.matchAll(/\d+/g)].reduce((sum, [n]) => sum + Number(n), 0)
  );
  expect(sums.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(3000);
  expect(lines.some((line) => line.startsWith("tick "))).toBe(true);
}, TEST_MS);

test.each(["1", "2"])(
  "Instances of registered classes pass between processes, %s threads",
  async (threads) => {
    // 1 + 4 + … + 1000, 2 + 5 + … + 998, 3 + 6 + … + 999.
    expect(await said(topologyFile("classes"), "yes", threads)).toEqual([
      "o0 167167",
      "o1 166500",
      "o2 166833",
    ]);
  },
  TEST_MS,
);

test(
  "An instance of a class without a serializer is refused by name, with the user's line",
  async () => {
    const { exitCode, stderr } = await runOf(topologyFile("classes"), "no");
    expect(exitCode).toBe(4);
    expect(stderr).toContain(
      'an instance of class "Owner", expected plain data or a registered class',
    );
    expect(stderr).toContain("classes.ts:");
  },
  TEST_MS,
);
