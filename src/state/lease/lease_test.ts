import { expect, test } from "bun:test";
import { HeronError, ManualClock } from "../../base/mod.ts";
import { until } from "../conformance.ts";
import { openMemory } from "../memory.ts";
import type { StateManager } from "../state_manager.ts";
import { acquireLease, type LeaseOptions } from "./lease.ts";

const PATH = "heron-bin/t/tm-lease";

/** A store in memory whose writes fail with what `faults` holds, one after the other. */
function faulty(faults: unknown[]): StateManager {
  const state = openMemory();
  const guarded = <T>(run: () => Promise<T>): Promise<T> =>
    faults.length > 0 ? Promise.reject(faults.shift()) : run();
  return {
    get: (path) => state.get(path),
    create: (path, bytes) => guarded(() => state.create(path, bytes)),
    set: (path, bytes, expected) => guarded(() => state.set(path, bytes, expected)),
    delete: (path, expected) => state.delete(path, expected),
    list: (folder) => state.list(folder),
    watch: (path, listener) => state.watch(path, listener),
    close: () => state.close(),
    [Symbol.asyncDispose]: () => state.close(),
  };
}

function unavailable(): HeronError {
  return new HeronError("unavailable", "Writing: found no store, expected one");
}

function options(state: StateManager) {
  const clock = new ManualClock();
  const lost: HeronError[] = [];
  const onLost = (reason: HeronError) => void lost.push(reason);
  const given: LeaseOptions = { state, path: PATH, holder: "a", durationMs: 900, onLost, clock };
  return { clock, lost, given };
}

test("acquireLease() tries again what can get better", async () => {
  const { clock, lost, given } = options(faulty([unavailable(), unavailable()]));
  const acquiring = acquireLease(given);
  await clock.advance(500);
  const lease = await acquiring;
  expect([lease.epoch, lease.isHeld(), lost]).toEqual([1, true, []]);
  await lease.release();
  expect(clock.timers).toBe(0);
});

test("acquireLease() rejects with what cannot, and leaves no timer", async () => {
  const { clock, given } = options(faulty([new HeronError("io", "Writing: found a full disk")]));
  await expect(acquireLease(given)).rejects.toThrow("found a full disk");
  const closed = openMemory();
  await closed.close();
  await expect(acquireLease({ ...given, state: closed })).rejects.toThrow(TypeError);
  expect(clock.timers).toBe(0);
});

test("acquireLease() checks what it is given", async () => {
  const { given } = options(openMemory());
  await expect(acquireLease({ ...given, durationMs: 0.5 })).rejects.toThrow('found duration "0.5"');
  await expect(acquireLease({ ...given, marginMs: -1 })).rejects.toThrow(RangeError);
  await expect(acquireLease({ ...given, path: "lease" })).rejects.toThrow(RangeError);
});

test("a lease outlives renewals that fail for a while, and is lost when they go on failing", async () => {
  const faults: unknown[] = [];
  const { clock, lost, given } = options(faulty(faults));
  const lease = await acquireLease(given);
  faults.push(unavailable(), new HeronError("io", "Writing: found a full disk"));
  await clock.advance(2000);
  expect([lease.isHeld(), faults.length, lost]).toEqual([true, 0, []]);
  faults.push(...Array.from({ length: 100 }, unavailable));
  await clock.advance(900);
  expect([lease.isHeld(), lost.length]).toEqual([false, 1]);
  expect(lost[0]?.message).toBe(
    `Holding lease "${PATH}": found no renewal within "900" ms, expected "a" to hold it`,
  );
  await lease.release();
  expect(clock.timers).toBe(0);
});

test("a lease is lost in time when its store is closed or answers no more", async () => {
  const state = openMemory();
  const { clock, lost, given } = options(state);
  await acquireLease(given);
  await state.close();
  await clock.advance(900);
  expect(lost.map(({ code }) => code)).toEqual(["fenced"]);

  const mute: StateManager = { ...faulty([]), set: () => new Promise(() => {}) };
  const second = options(mute);
  const lease = await acquireLease(second.given);
  await second.clock.advance(899);
  expect([lease.isHeld(), second.lost.length]).toEqual([true, 0]);
  await second.clock.advance(1);
  expect([lease.isHeld(), second.lost.length]).toEqual([false, 1]);
});

test("await using releases the lease, and a later holder has a larger epoch", async () => {
  await using state = openMemory();
  const epochs: number[] = [];
  for (let round = 0; round < 3; round++) {
    await using lease = await acquireLease(options(state).given);
    epochs.push(lease.epoch);
  }
  expect(epochs).toEqual([1, 2, 3]);
  const { given, lost } = options(state);
  const lease = await acquireLease({ ...given, holder: "z" });
  await state.delete(PATH, "any");
  await until(() => lost.length === 1);
  expect(lease.isHeld()).toBe(false);
});
