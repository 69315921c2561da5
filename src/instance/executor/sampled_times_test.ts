import { expect, test } from "bun:test";
import { SampledTimes } from "./sampled_times.ts";

/** Times of `streams` streams, and a tuple of one that takes so long. */
function createTimes(streams: number) {
  const tuples = Array.from({ length: streams }, () => 0);
  let ms = 0;
  const times = new SampledTimes(() => ms, () => tuples);
  return {
    times,
    tuple(stream: number, tookMs: number) {
      tuples[stream] = (tuples[stream] ?? 0) + 1;
      const startMs = ms;
      ms += tookMs;
      if (times.isOn) times.add(stream, startMs);
    },
  };
}

test("SampledTimes lets the tuples of a look stand for all since the last one", () => {
  const { times, tuple } = createTimes(2);
  expect(times.isOn).toBe(true);
  tuple(0, 10);
  times.turn(0);
  expect(times.msByStream).toEqual([10]);
  // Another is due at once, and lasts until something was timed.
  expect(times.isOn).toBe(true);
  times.turn(1);
  expect(times.isOn).toBe(true);
  tuple(0, 1);
  times.turn(2);
  expect(times.isOn).toBe(false);
  for (let index = 0; index < 6; index++) tuple(0, 100);
  for (let index = 0; index < 5; index++) tuple(1, 100);
  times.turn(249);
  expect(times.isOn).toBe(false);
  times.turn(250);
  expect(times.isOn).toBe(true);
  tuple(0, 2);
  tuple(0, 4);
  times.turn(251);
  // Eight tuples of 3 ms; of the other stream none was seen.
  expect(times.msByStream).toEqual([35]);
  times.turn(500);
  tuple(1, 7);
  times.turn(501);
  expect(times.msByStream).toEqual([35, 42]);
});

test("SampledTimes takes a tuple that is much longer than others for itself alone", () => {
  const { times, tuple } = createTimes(1);
  tuple(0, 0.5);
  times.turn(0);
  tuple(0, 0.5);
  times.turn(1);
  for (let index = 0; index < 90; index++) tuple(0, 100);
  times.turn(250);
  for (let index = 0; index < 9; index++) tuple(0, 0.5);
  tuple(0, 20);
  times.turn(251);
  // 90 and 10 tuples, of which 9 of 0.5 ms are those of a kind.
  expect(times.msByStream[0]).toBeCloseTo(1 + 4.5 * 10 + 20);
});

test("SampledTimes times no more than 512 tuples in one look", () => {
  const { times, tuple } = createTimes(1);
  for (let index = 0; index < 511; index++) tuple(0, 1);
  expect(times.isOn).toBe(true);
  tuple(0, 1);
  expect(times.isOn).toBe(false);
  expect(times.msByStream).toEqual([512]);
});

test("SampledTimes counts tuples that were seen and not timed for nothing", () => {
  const tuples = [0];
  let ms = 0;
  const times = new SampledTimes(() => ms, () => tuples);
  tuples[0] = 10;
  ms = 5;
  times.add(0, 0);
  times.turn(0);
  // Ten were seen, of which one was read.
  expect(times.msByStream).toEqual([5]);
  tuples[0] = 30;
  times.turn(250);
  tuples[0] = 40;
  ms = 9;
  times.add(0, 7);
  times.turn(251);
  // The same of the next thirty.
  expect(times.msByStream).toEqual([7]);
});

test("SampledTimes says when a look ends and when another begins", () => {
  const told: boolean[] = [];
  const times = new SampledTimes(() => 0, () => [1], (isOn) => void told.push(isOn));
  times.add(0, 0);
  times.turn(1);
  expect(told).toEqual([false, true]);
  times.add(0, 0);
  times.turn(2);
  times.turn(250);
  expect(told).toEqual([false, true, false]);
  times.turn(251);
  expect(told).toEqual([false, true, false, true]);
});
