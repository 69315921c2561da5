import { expect, test } from "bun:test";
import { type Random, seededRandom } from "../base/mod.ts";
import { ACK_KIND, type AckRecord } from "./acks.ts";
import { SlotCloser } from "./slot_closer.ts";
import { allocateSlots, OUTCOME } from "./slot_memory.ts";
import { SlotOpener } from "./slot_opener.ts";

const TIMEOUT_MS = 100;

/** A root in the model. */
interface Root {
  readonly slot: number;
  readonly generation: number;
  /** Of its records, those that are still to come; all together they ack it. */
  readonly records: AckRecord[];
  seenMs: number | undefined;
  outcome: number | undefined;
}

/** A spout with a slot table, and what it should do by plain means. */
class Model {
  readonly opener: SlotOpener;
  readonly closer: SlotCloser;
  readonly #random: Random;
  /** By slot. */
  readonly #open = new Map<number, Root>();
  readonly #past: AckRecord[] = [];
  /** Closed, in order, and not taken by the spout. */
  readonly #ended: Root[] = [];
  #nowMs = 0;
  #stale = 0;

  constructor(count: number, random: Random) {
    const memory = allocateSlots(count);
    this.opener = new SlotOpener(memory);
    this.closer = new SlotCloser(memory, { timeoutMs: TIMEOUT_MS });
    this.#random = random;
  }

  step(): void {
    this.#nowMs += this.#random.below(8);
    const acts = [
      () => this.#openRoot(),
      () => this.#openRoot(),
      () => this.#ack(),
      () => this.#ack(),
      () => this.#ack(),
      () => this.#applyPast(),
      () => this.#take(),
      () => this.#take(),
      () => this.#record(this.#random.below(10) === 0 ? ACK_KIND.fail : ACK_KIND.resetTimeout),
      () => this.#expire(),
      () => this.#failAll(),
    ];
    acts[this.#random.below(this.#random.below(20) === 0 ? acts.length : acts.length - 1)]?.();
    expect(this.closer.openCount).toBe(this.#live().length);
    expect(this.opener.openCount).toBe(this.#open.size);
    expect(this.closer.stale).toBe(this.#stale);
    expect(this.opener.lateCount).toBe(this.#stale);
  }

  #live(): Root[] {
    return [...this.#open.values()].filter(({ outcome }) => outcome === undefined);
  }

  #openRoot(): void {
    const slot = this.opener.take();
    if (slot === undefined) return expect(this.opener.freeCount).toBe(0);
    if (this.#random.below(10) === 0) return this.opener.free(slot);
    const random = this.#random;
    const half = () => (random.uint32() | 0) || 1;
    const generation = this.opener.generationOf(slot);
    const records = Array.from({ length: 1 + random.below(4) }, () => {
      return { slot, generation, kind: ACK_KIND.ack, xorLow: half(), xorHigh: half() };
    });
    const low = records.reduce((sum, record) => sum ^ record.xorLow, 0);
    const high = records.reduce((sum, record) => sum ^ record.xorHigh, 0);
    this.#open.set(slot, { slot, generation, records, seenMs: undefined, outcome: undefined });
    this.opener.publish(slot, low, high);
  }

  #any<T>(all: readonly T[]): T | undefined {
    return all[this.#random.below(all.length)];
  }

  #ack(): void {
    const root = this.#any(this.#live());
    const record = root?.records.pop();
    if (root === undefined || record === undefined) return;
    this.#past.push(record);
    root.seenMs ??= this.#nowMs;
    const isLast = root.records.length === 0;
    if (isLast) this.#end(root, OUTCOME.acked);
    this.closer.apply(record, this.#nowMs);
    expect(this.closer.tellClosed()).toBe(isLast);
  }

  #record(kind: number): void {
    const root = this.#any(this.#live());
    if (root === undefined) return;
    const { slot, generation } = root;
    const record = { slot, generation, kind, xorLow: 5, xorHigh: 6 };
    if (kind === ACK_KIND.fail) this.#end(root, OUTCOME.failed);
    else root.seenMs = this.#nowMs;
    this.closer.apply(record, this.#nowMs);
    expect(this.closer.tellClosed()).toBe(kind === ACK_KIND.fail);
  }

  /** A record that came before, of a root that has ended; or one of no slot. */
  #applyPast(): void {
    const past = this.#any(this.#past);
    if (past === undefined) return;
    const root = this.#open.get(past.slot);
    if (root?.generation === past.generation && root.outcome === undefined) return;
    const isStrange = this.#random.below(5) === 0;
    const record = isStrange ? { ...past, slot: 2 ** 32 - 1 } : past;
    this.#stale++;
    this.closer.apply(record, this.#nowMs);
    expect(this.closer.tellClosed()).toBe(false);
  }

  #expire(): void {
    let late = 0;
    // In the order of slots.
    for (const root of this.#live().sort((a, b) => a.slot - b.slot)) {
      root.seenMs ??= this.#nowMs;
      if (this.#nowMs - root.seenMs < TIMEOUT_MS) continue;
      this.#end(root, OUTCOME.timeout);
      late++;
    }
    expect(this.closer.expire(this.#nowMs)).toBe(late);
  }

  #failAll(): void {
    const live = this.#live().sort((a, b) => a.slot - b.slot);
    for (const root of live) this.#end(root, OUTCOME.lost);
    expect(this.closer.failAll(OUTCOME.lost)).toBe(live.length);
  }

  #end(root: Root, outcome: number): void {
    root.outcome = outcome;
    this.#ended.push(root);
  }

  #take(): void {
    const root = this.#ended.shift();
    expect(this.opener.takeCompletion()).toBe(root !== undefined);
    if (root === undefined) return;
    const { completedSlot, completedOutcome } = this.opener;
    expect([completedSlot, completedOutcome]).toEqual([root.slot, root.outcome ?? NaN]);
    this.#open.delete(root.slot);
    this.opener.free(root.slot);
  }
}

test("SlotCloser and SlotOpener do what a plain model does", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const random = seededRandom(seed);
  for (let round = 0; round < 60; round++) {
    const model = new Model(1 + random.below(9), random);
    try {
      for (let step = 0; step < 500; step++) model.step();
    } catch (thrown) {
      throw new Error(`Round ${round} of seed ${seed} differs from the model`, { cause: thrown });
    }
  }
});

test("SlotCloser.expire() closes nothing without a time-out", () => {
  const memory = allocateSlots(1);
  const opener = new SlotOpener(memory);
  const closer = new SlotCloser(memory, { timeoutMs: undefined });
  opener.publish(opener.take() ?? NaN, 1, 1);
  expect([closer.expire(0), closer.expire(1e9)]).toEqual([0, 0]);
});

test("SlotCloser ignores a kind that it does not know", () => {
  const memory = allocateSlots(1);
  const opener = new SlotOpener(memory);
  const closer = new SlotCloser(memory, { timeoutMs: undefined });
  opener.publish(opener.take() ?? NaN, 1, 1);
  const record = { slot: 0, generation: 1, kind: 9, xorLow: 1, xorHigh: 1 };
  closer.apply(record, 0);
  expect(closer.tellClosed()).toBe(false);
  closer.apply({ ...record, kind: ACK_KIND.ack }, 0);
  expect(closer.tellClosed()).toBe(true);
});
