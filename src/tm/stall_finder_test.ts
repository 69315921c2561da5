/**
 * The stall finder: reports a cycle that stands, and nothing that is merely
 * slow, half told, or withdrawn in time.
 */

import { expect, test } from "bun:test";
import { StallFinder } from "./stall_finder.ts";

const STALL_MS = 10_000;

/** Feeds `reports` each 1.25 s from 5 s on, as tasks do; returns what was found and when. */
function run(
  reports: (nowMs: number) => readonly (readonly [task: number, waitsFor: readonly number[]])[],
): { cycle: readonly number[]; atMs: number } | undefined {
  const finder = new StallFinder(STALL_MS);
  for (let nowMs = STALL_MS / 2; nowMs < 4 * STALL_MS; nowMs += STALL_MS / 8) {
    for (const [task, waitsFor] of reports(nowMs)) {
      const cycle = finder.take(task, waitsFor, nowMs);
      if (cycle !== undefined) return { cycle, atMs: nowMs };
    }
  }
  return undefined;
}

test("take() reports a cycle within its time, with those behind it left out", () => {
  expect(run(() => [[9, [1]], [1, [2]], [2, [1]]])).toEqual({
    cycle: [1, 2, 1],
    atMs: STALL_MS * (7 / 8),
  });
});

test("take() reports a task that waits for itself", () => {
  expect(run(() => [[4, [4]]])?.cycle).toEqual([4, 4]);
});

test("take() reports nothing while a task of the way says nothing: it is only slow", () => {
  expect(run(() => [[1, [2]], [2, [3]]])).toBeUndefined();
});

test("take() reports nothing while somebody waits for a slow task as well", () => {
  expect(run(() => [[1, [2, 3]], [2, [1]]])).toBeUndefined();
});

test("take() reports nothing when a report is withdrawn before its time", () => {
  expect(run((nowMs) => nowMs === 7_500 ? [[1, [2]], [2, []]] : [[1, [2]], [2, [1]]])?.atMs)
    .toBeGreaterThan(7_500 + STALL_MS / 4);
  expect(run((nowMs) => nowMs % 5_000 === 0 ? [[1, []]] : [[1, [2]], [2, [1]]])).toBeUndefined();
});

test("take() reports nothing when reports of a stopped process come all at once", () => {
  const finder = new StallFinder(STALL_MS);
  for (let sent = 0; sent < 5; sent++) expect(finder.take(1, [2], 20_000)).toBeUndefined();
  for (let sent = 0; sent < 5; sent++) expect(finder.take(2, [1], 20_000)).toBeUndefined();
  expect(finder.take(2, [], 20_001)).toBeUndefined();
  expect(finder.take(1, [2], 25_000)).toBeUndefined();
});

test("take() forgets what was said too long ago", () => {
  const finder = new StallFinder(STALL_MS);
  finder.take(1, [2], 0);
  finder.take(2, [1], 0);
  expect(finder.take(2, [1], 6_000)).toBeUndefined();
});

/** Tasks 1 and 2 wait for each other, and `forget` is called after 7.5 s; when a cycle is reported. */
function forgetting(forgotten: readonly number[]): number | undefined {
  const finder = new StallFinder(STALL_MS);
  for (let nowMs = 5_000; nowMs < 20_000; nowMs += 1_250) {
    for (const [task, other] of [[1, 2], [2, 1]] as const) {
      if (finder.take(task, [other], nowMs) !== undefined) return nowMs;
    }
    if (nowMs === 7_500) finder.forget(forgotten);
  }
  return undefined;
}

test("forget() begins anew for those who waited for the forgotten, and for them only", () => {
  expect(forgetting([])).toBe(8_750);
  expect(forgetting([3])).toBe(8_750);
  expect(forgetting([1])).toBe(12_500);
  expect(forgetting([2])).toBe(12_500);
});
