/**
 * Leases on every member of `state`, with clocks that the suite moves: contenders whose clocks run apart, stop and
 * jump. The rules alone are tested in `lease_core_test.ts`.
 */

import { describe, expect, test } from "bun:test";
import type { HeronError } from "../../base/mod.ts";
import { ManualClock } from "../../base/mod.ts";
import { type TestTree, until } from "../conformance.ts";
import type { StateManager } from "../state_manager.ts";
import { acquireLease, type Lease } from "./lease.ts";
import { decodeLease, type LeaseRecord } from "./lease_record.ts";

const PATH = "heron-bin/t/tm-lease";
const DURATION_MS = 900;
const MARGIN_MS = 100;

/** One who wants the lease, with a clock of its own. */
class Contender {
  readonly clock = new ManualClock();
  readonly lost: HeronError[] = [];
  readonly waits: LeaseRecord[] = [];
  readonly controller = new AbortController();
  readonly #state: StateManager;
  readonly #name: string;
  readonly #counter: number | undefined;
  lease: Lease | undefined;

  /** @param counter which life of the one party there is, if it is one */
  constructor(state: StateManager, name: string, counter?: number) {
    this.#state = state;
    this.#name = name;
    this.#counter = counter;
  }

  get isHolding(): boolean {
    return this.lease?.isHeld() ?? false;
  }

  async acquire(): Promise<Lease> {
    const counter = this.#counter;
    this.lease = await acquireLease({
      ...(counter === undefined ? {} : { life: { party: "tm", epoch: 1, counter } }),
      state: this.#state,
      path: PATH,
      holder: this.#name,
      durationMs: DURATION_MS,
      marginMs: MARGIN_MS,
      onLost: (reason) => void this.lost.push(reason),
      onWaiting: (current) => void this.waits.push(current),
      signal: this.controller.signal,
      clock: this.clock,
    });
    return this.lease;
  }
}

async function recordIn(state: StateManager): Promise<LeaseRecord | undefined> {
  const value = await state.get(PATH);
  return value === undefined ? undefined : decodeLease(value.bytes);
}

/** Declares the suite for the member `name`; `open` makes a new empty tree. */
export function describeLeases(name: string, open: () => Promise<TestTree>): void {
  describe(`leases on ${name}`, () => {
    describeHolding(open);
    describeTakeover(open);
    describeLives(open);
  });
}

function describeHolding(open: () => Promise<TestTree>): void {
  test("a lease is held as long as it is renewed, and no other gets it", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    await using other = await tree.connect();
    const a = new Contender(state, "a");
    const b = new Contender(other, "b");
    expect((await a.acquire()).epoch).toBe(1);
    const waiting = b.acquire();
    await until(() => b.waits.length === 1);
    for (let renewal = 1; renewal <= 12; renewal++) {
      await a.clock.advance(DURATION_MS / 3);
      await until(async () => (await recordIn(state))?.renewal === renewal);
      await b.clock.advance(DURATION_MS / 3);
      expect([a.isHolding, b.isHolding]).toEqual([true, false]);
    }
    await a.lease?.release();
    expect((await waiting).epoch).toBe(2);
    await b.lease?.release();
    expect([a.lost, b.lost, a.clock.timers + b.clock.timers]).toEqual([[], [], 0]);
  });

  test("of many at once one holds it, then each in turn, with growing epochs", async () => {
    await using tree = await open();
    const managers = await Promise.all(Array.from({ length: 5 }, () => tree.connect()));
    const contenders = managers.map((state, index) => new Contender(state, `c${index}`));
    const epochs: number[] = [];
    await Promise.all(contenders.map(async (contender) => {
      const lease = await contender.acquire();
      expect(contenders.filter(({ isHolding }) => isHolding)).toEqual([contender]);
      epochs.push(lease.epoch);
      await lease.release();
      await lease.release();
      expect(lease.isHeld()).toBe(false);
    }));
    expect(epochs).toEqual([1, 2, 3, 4, 5]);
    for (const state of managers) await state.close();
  });

  test("a wait ends when it is not wanted any more, and leaves nothing behind", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    const a = new Contender(state, "a");
    const b = new Contender(state, "b");
    await a.acquire();
    const waiting = b.acquire();
    await until(() => b.waits.length === 1);
    b.controller.abort(new Error("not wanted"));
    await expect(waiting).rejects.toThrow("not wanted");
    await expect(b.acquire()).rejects.toThrow("not wanted");
    expect(b.clock.timers).toBe(0);
    a.controller.abort();
    await until(async () => (await recordIn(state))?.released === true);
    expect([a.isHolding, a.lost]).toEqual([false, []]);
  });
}

function describeTakeover(open: () => Promise<TestTree>): void {
  test("a silent holder loses it by its own clock before another gets it", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    await using other = await tree.connect();
    const a = new Contender(state, "a");
    const b = new Contender(other, "b");
    await a.acquire();
    const waiting = b.acquire();
    await until(() => b.waits.length === 1);
    // Stopped: its time passes, its timers do not fire.
    a.clock.jump(DURATION_MS - 1);
    expect(a.isHolding).toBe(true);
    a.clock.jump(1);
    expect(a.isHolding).toBe(false);
    await b.clock.advance(DURATION_MS + MARGIN_MS - 1);
    expect([b.isHolding, (await recordIn(state))?.epoch]).toEqual([false, 1]);
    await b.clock.advance(1);
    expect((await waiting).epoch).toBe(2);
    await a.clock.advance(0);
    await until(() => a.lost.length === 1);
    expect(a.lost[0]?.code).toBe("fenced");
    expect([a.isHolding, b.isHolding, b.lost.length]).toEqual([false, true, 0]);
    await a.lease?.release();
    expect(await recordIn(state)).toMatchObject({ holder: "b", epoch: 2, released: false });
    await b.lease?.release();
  });

  test("a holder whose clock stands still learns from the record that it lost it", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    await using other = await tree.connect();
    const a = new Contender(state, "a");
    const b = new Contender(other, "b");
    await a.acquire();
    const waiting = b.acquire();
    await until(() => b.waits.length === 1);
    await b.clock.advance(DURATION_MS + MARGIN_MS);
    await waiting;
    await until(() => a.lost.length === 1);
    expect([a.isHolding, b.isHolding]).toEqual([false, true]);
    expect(a.lost[0]?.message).toContain('found holder "b", expected "a" to hold it');
    await b.lease?.release();
  });

  test("a lease whose record was deleted is lost, and a record that is none is refused", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    const a = new Contender(state, "a");
    await a.acquire();
    await state.delete(PATH, "any");
    // The watch may not tell what came and went; the next renewal finds out.
    await a.clock.advance(DURATION_MS / 3);
    await until(() => a.lost.length === 1);
    expect(a.lost[0]?.code).toBe("fenced");
    await state.create(PATH, new TextEncoder().encode("{}"));
    await expect(a.acquire()).rejects.toThrow("found a record that is no lease");
    expect(a.clock.timers).toBe(0);
  });
}

function describeLives(open: () => Promise<TestTree>): void {
  test("a later life takes over at once, and the earlier one is refused everything", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    await using other = await tree.connect();
    const first = new Contender(state, "tm", 1);
    const second = new Contender(other, "tm", 2);
    const held = await first.acquire();
    expect(await held.confirm()).toBe(true);
    // No clock moves: nothing is waited for.
    expect((await second.acquire()).epoch).toBe(2);
    expect(await held.confirm()).toBe(false);
    expect([first.isHolding, second.isHolding, first.lost.length]).toEqual([false, true, 1]);
    expect(await second.lease?.confirm()).toBe(true);
    await expect(new Contender(state, "tm", 1).acquire()).rejects.toThrow("a later life of it");
    await second.lease?.release();
    await expect(new Contender(state, "tm", 1).acquire()).rejects.toThrow("a later life of it");
    expect((await new Contender(state, "tm", 3).acquire()).epoch).toBe(3);
    expect(second.waits).toEqual([]);
  });

  test("of lives that compete the last one holds it in the end", async () => {
    await using tree = await open();
    const managers = await Promise.all(Array.from({ length: 4 }, () => tree.connect()));
    const lives = managers.map((state, index) => new Contender(state, "tm", index + 1));
    await Promise.allSettled(lives.map((life) => life.acquire()));
    await until(() => lives.filter(({ isHolding }) => isHolding).length === 1);
    expect(lives.map(({ isHolding }) => isHolding)).toEqual([false, false, false, true]);
    for (const state of managers) await state.close();
  });
}
