/**
 * The count that `bun run test` ends with decides if a change lands, so it
 * has tests of its own: with commands that pass, fail, and write summaries.
 */

import { expect, spyOn, test } from "bun:test";
import { failuresIn, runSteps, type Step, tallyOf } from "./steps.ts";

async function run(steps: readonly Step[]) {
  const lines: string[] = [];
  const log = spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  try {
    return { tally: await runSteps(steps), text: lines.join("\n") };
  } finally {
    log.mockRestore();
  }
}

test("failuresIn() names what failed, and then says why", () => {
  const output = "a_test.ts:\nerror: one\n(fail) first [1ms]\n(pass) second\nerror: two\n" +
    "(fail) third [2ms]\n\n2 tests failed:\n(fail) first [1ms]\n(fail) third [2ms]\n 2 fail\n";
  expect(failuresIn(output)).toEqual([
    "(fail) first [1ms]",
    "(fail) third [2ms]",
    "---\na_test.ts:\nerror: one\n(fail) first [1ms]",
    "---\n(pass) second\nerror: two\n(fail) third [2ms]",
  ]);
  expect(failuresIn(" 3 pass\n 0 fail\n")).toEqual([]);
});

test("tallyOf() takes the last summary of bun test", () => {
  expect(tallyOf("x\n 12 pass\n 1 skip\n 3 fail\nRan 15 tests\n")).toEqual({
    passed: 12,
    failed: 3,
  });
  expect(tallyOf(" 1 pass\n 0 fail\n\n 2 pass\n 0 fail\n")).toEqual({ passed: 2, failed: 0 });
  expect(tallyOf("(pass) 7 pass in a title\n")).toEqual({ passed: 0, failed: 0 });
});

test("runSteps() sums the tests of all steps", async () => {
  const step = { name: "some", run: ["printf", " 2 pass\n 0 fail\n"], countsTests: true };
  expect((await run([step, { name: "none", run: ["true"] }, step])).tally)
    .toEqual({ passed: 4, failed: 0 });
});

test("runSteps() stops at the first failing step and shows what it said", async () => {
  const failing = { name: "bad", run: ["sh", "-c", "echo the reason; exit 3"] };
  const { tally, text } = await run([failing, { name: "never", run: ["true"] }]);
  expect(tally).toEqual({ passed: 0, failed: 1 });
  expect(text).toContain('the reason\nstep "bad" ended with 3');
  expect(text).not.toContain("never");
});

test("runSteps() counts failed tests once", async () => {
  const run2 = ["sh", "-c", "printf ' 5 pass\\n 2 fail\\n'; exit 1"];
  const { tally } = await run([{ name: "tests", run: run2, countsTests: true }]);
  expect(tally).toEqual({ passed: 5, failed: 2 });
});

test("runSteps() counts a test run that died before its summary as a failure", async () => {
  const died = { name: "died", run: ["sh", "-c", "kill -9 $$"], countsTests: true };
  expect((await run([died])).tally).toEqual({ passed: 0, failed: 1 });
});

test("runSteps() passes over what is not there yet, and says so", async () => {
  const { tally, text } = await run([{ name: "later", run: ["false"], needs: ["no/such"] }]);
  expect(tally).toEqual({ passed: 0, failed: 0 });
  expect(text).toBe("skip  later: no no/such yet");
});

test("runSteps() tells why a step of our own failed", async () => {
  const failing = { name: "own", run: () => Promise.reject(new Error("Looking: nothing")) };
  const { tally, text } = await run([failing]);
  expect(tally.failed).toBe(1);
  expect(text).toContain("Looking: nothing");
});

test("runSteps() shows what a step came to that says so in its last line", async () => {
  const telling = { name: "telling", run: ["printf", "much\nthe sum\n"], showsLastLine: true };
  const { text } = await run([telling]);
  expect(text).toContain("\nthe sum");
  expect(text).not.toContain("much");
});
