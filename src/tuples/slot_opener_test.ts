import { expect, test } from "bun:test";
import { SlotCloser } from "./slot_closer.ts";
import { allocateSlots, OUTCOME } from "./slot_memory.ts";
import { SlotOpener } from "./slot_opener.ts";

function pair(count: number): { opener: SlotOpener; closer: SlotCloser } {
  const memory = allocateSlots(count);
  return { opener: new SlotOpener(memory), closer: new SlotCloser(memory, { timeoutMs: 100 }) };
}

test("SlotOpener.take() gives each slot once, in a new generation each time", () => {
  const { opener } = pair(3);
  const slots = [opener.take(), opener.take(), opener.take()];
  expect([...slots].sort()).toEqual([0, 1, 2]);
  expect([opener.take(), opener.freeCount]).toEqual([undefined, 0]);
  opener.free(1);
  expect(opener.freeCount).toBe(1);
  expect(opener.generationOf(1)).toBe(1);
  expect(opener.take()).toBe(1);
  expect(opener.generationOf(1)).toBe(2);
});

test("SlotOpener counts roots from publish() to free()", () => {
  const { opener, closer } = pair(3);
  const slot = opener.take() ?? NaN;
  expect([opener.openCount, opener.isOpen(slot), closer.openCount]).toEqual([0, false, 0]);
  opener.publish(slot, 1, 2);
  expect([opener.openCount, opener.isOpen(slot), closer.openCount]).toEqual([1, true, 1]);
  closer.failAll(OUTCOME.lost);
  expect([opener.openCount, opener.isOpen(slot), closer.openCount]).toEqual([1, true, 0]);
  expect([opener.hasCompletion, opener.takeCompletion()]).toEqual([true, true]);
  expect([opener.hasCompletion, opener.takeCompletion()]).toEqual([false, false]);
  expect([opener.completedSlot, opener.completedOutcome]).toEqual([slot, OUTCOME.lost]);
  opener.free(slot);
  expect([opener.openCount, opener.isOpen(slot), opener.freeCount]).toEqual([0, false, 3]);
});

test("SlotOpener hears that the spout is paused, and of late records", () => {
  const { opener, closer } = pair(1);
  expect([opener.isPaused, opener.lateCount]).toEqual([false, 0]);
  closer.pause(true);
  closer.apply({ slot: 0, generation: 1, kind: 0, xorLow: 1, xorHigh: 1 }, 0);
  expect([opener.isPaused, opener.lateCount]).toEqual([true, 1]);
  closer.pause(false);
  expect(opener.isPaused).toBe(false);
});

test("SlotOpener: the ring of completions is never full, however long it goes on", () => {
  const { opener, closer } = pair(3);
  for (let round = 0; round < 1000; round++) {
    for (let slot = opener.take(); slot !== undefined; slot = opener.take()) {
      opener.publish(slot, 1, 1);
    }
    expect(closer.failAll(OUTCOME.failed)).toBe(3);
    const ended: number[] = [];
    while (opener.takeCompletion()) {
      ended.push(opener.completedSlot);
      opener.free(opener.completedSlot);
    }
    expect(ended.sort()).toEqual([0, 1, 2]);
  }
});
