/** Samples become a figure a minute. */

import { expect, test } from "bun:test";
import { minutesOf, type Sample, SAMPLE_MS } from "./minute_figures.ts";

function samplesOf(count: number, change: (at: number) => Partial<Sample>): Sample[] {
  return Array.from({ length: count }, (_, at) => ({
    atMs: (at + 1) * SAMPLE_MS - 1,
    memory: { tm: 10 },
    tuplesPerSecond: 5,
    openRoots: 0,
    heldBytes: 0,
    ...change(at),
  }));
}

test("minutesOf() takes the median of each minute, and no minute that was hardly looked at", () => {
  const swinging = samplesOf(29, (at) => ({
    memory: { tm: at === 3 ? 1000 : at < 12 ? 10 : 20 },
    tuplesPerSecond: at % 2,
  }));
  expect(minutesOf(swinging)).toEqual([
    { minute: 1, memory: { tm: 10 }, tuplesPerSecond: 0.5, openRoots: 0, heldBytes: 0 },
    { minute: 2, memory: { tm: 20 }, tuplesPerSecond: 0.5, openRoots: 0, heldBytes: 0 },
  ]);
});

test("minutesOf() leaves out a process that was not there all the minute", () => {
  const samples = samplesOf(12, (at) => ({ memory: at === 7 ? { tm: 1 } : { tm: 1, stmgr: 2 } }));
  expect(minutesOf(samples)[0]?.memory).toEqual({ tm: 1 });
});
