import { expect, test } from "bun:test";
import { CallTimes } from "./call_times.ts";

function create(inputs: number) {
  const work = { calls: 0, executedByInput: Array.from({ length: inputs }, () => 0) };
  const clock = { ms: 100 };
  const times = new CallTimes(work, () => clock.ms);
  /** Calls take so long, of so many tuples by input. */
  function spend(ms: number, ...tuples: readonly number[]): void {
    clock.ms += ms;
    for (const [input, count] of tuples.entries()) {
      work.calls += count;
      work.executedByInput[input] = (work.executedByInput[input] ?? 0) + count;
    }
  }
  return { times, work, clock, spend };
}

test("CallTimes shares the time of a turn out by the tuples of each input", () => {
  const { times, spend, clock } = create(2);
  times.begin(false);
  spend(10, 4, 1);
  times.end(false);
  clock.ms += 1000;
  times.begin(false);
  spend(3, 0, 1);
  times.end(false);
  expect(times.msByInput).toEqual([8, 5]);
  expect(times.callMs).toBe(13);
});

test("CallTimes keeps a slow input apart from a fast one of the same turn", () => {
  const { times, spend } = create(2);
  times.begin(false);
  spend(1, 1000, 0);
  times.mark();
  spend(50, 0, 1);
  times.end(false);
  expect(times.msByInput).toEqual([1, 50]);
});

test("CallTimes counts a pending call until it has returned, and idle turns not at all", () => {
  const { times, spend, clock } = create(1);
  times.begin(false);
  spend(1, 1);
  times.end(true);
  clock.ms += 20;
  times.begin(true);
  times.end(true);
  clock.ms += 20;
  times.begin(false);
  times.end(false);
  expect(times.msByInput).toEqual([41]);
  clock.ms += 7;
  times.end(false);
  expect(times.callMs).toBe(41);
});

test("CallTimes times the calls of a spout, which has no inputs", () => {
  const { times, work, clock } = create(0);
  times.begin(false);
  work.calls = 3;
  clock.ms += 6;
  times.end(false);
  times.begin(false);
  work.calls = 4;
  times.end(true);
  clock.ms += 4;
  times.begin(false);
  expect(times.callMs).toBe(10);
});
