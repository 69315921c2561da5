import { expect, test } from "bun:test";
import { seededRandom } from "../base/mod.ts";
import { PendingLimit } from "./pending_limit.ts";
import { OUTCOME } from "./slot_memory.ts";

const TIMEOUT_MS = 30_000;

interface Root {
  readonly openedMs: number;
  /** Since when its time-out runs: while it waits for the bolt, that is begun anew. */
  sinceMs: number;
  isOver: boolean;
}

/** How often the time-outs of waiting tuples are begun anew. */
const RESET_MS = TIMEOUT_MS / 10;

/** Roots that are somewhere for a time, in order. */
interface OnTheWay {
  readonly roots: readonly Root[];
  readonly untilMs: number;
}

interface ModelOptions {
  readonly start: number;
  readonly ceiling?: number;
  /** How long a tuple takes that is begun at `nowMs`. */
  readonly serviceMs: (nowMs: number) => number;
  readonly servers?: number;
  /** The bolt acks so many at once. @default 1 */
  readonly group?: number;
  /** To the bolt, and back. @default 1 */
  readonly delayMs?: number;
  /** Records of each root. @default 1 */
  readonly records?: number;
  /** One root in so many is never acked. @default none */
  readonly forgetsOneIn?: number;
  /** False: nothing times out. @default true */
  readonly timesOut?: boolean;
}

/** A spout with endless input before one queue, first in, first out. */
class Model {
  nowMs = 0;
  openCount = 0;
  /** When roots were acked in time, and when they timed out. */
  readonly ackedMs: number[] = [];
  readonly timedOutMs: number[] = [];
  readonly limit: PendingLimit;
  readonly #options: Required<ModelOptions>;
  readonly #toBolt: OnTheWay[] = [];
  readonly #served: OnTheWay[] = [];
  readonly #toSpout: OnTheWay[] = [];
  readonly #queue: Root[] = [];
  #held: Root[] = [];
  /** So many are acked at once from now on. */
  group: number;
  #opened: Root[] = [];
  #openedCount = 0;
  #lateCount = 0;
  #expireMs = 0;
  #checkMs = 0;

  constructor(options: ModelOptions) {
    const one = { servers: 1, group: 1, delayMs: 1, records: 1 };
    this.#options = {
      ceiling: 65_536,
      forgetsOneIn: Infinity,
      timesOut: true,
      ...one,
      ...options,
    };
    const { start, ceiling, group } = this.#options;
    this.group = group;
    this.limit = new PendingLimit({ start, ceiling, timeoutMs: TIMEOUT_MS });
  }

  /** What part of the servers' time until `endMs` went to roots that were acked in time. */
  use(serviceMs: number, fromMs: number): number {
    const acked = this.ackedMs.filter((atMs) => atMs > fromMs).length;
    return (acked * serviceMs) / (this.#options.servers * (this.nowMs - fromMs));
  }

  runUntil(endMs: number): void {
    for (;;) {
      const ends = [this.#toBolt, this.#served, this.#toSpout].map((way) => way[0]?.untilMs);
      const next = Math.min(...ends.map((at) => at ?? Infinity), this.#expireMs, this.#checkMs);
      if (next > endMs) break;
      this.nowMs = Math.max(next, this.nowMs);
      this.#move();
    }
    this.nowMs = endMs;
  }

  #move(): void {
    for (const root of this.#arrived(this.#toBolt)) this.#queue.push(root);
    const served = this.#arrived(this.#served);
    this.#held.push(...served);
    while (this.#held.length >= this.group) {
      this.#toSpout.push(this.#later(this.#held.splice(0, this.group)));
    }
    while (this.#served.length < this.#options.servers) {
      const root = this.#queue.shift();
      if (root === undefined) break;
      const untilMs = this.nowMs + this.#options.serviceMs(this.nowMs);
      root.sinceMs = Math.max(root.sinceMs, Math.floor(this.nowMs / RESET_MS) * RESET_MS);
      this.#served.push({ roots: [root], untilMs });
      this.#served.sort((a, b) => a.untilMs - b.untilMs);
    }
    for (const root of this.#arrived(this.#toSpout)) this.#answer(root);
    if (this.nowMs >= this.#expireMs) this.#expire();
    this.#callSpout();
  }

  #later(roots: readonly Root[]): OnTheWay {
    return { roots, untilMs: this.nowMs + this.#options.delayMs };
  }

  #arrived(way: OnTheWay[]): Root[] {
    const roots: Root[] = [];
    for (let first = way[0]; first !== undefined && first.untilMs <= this.nowMs; first = way[0]) {
      roots.push(...first.roots);
      way.shift();
    }
    return roots;
  }

  #answer(root: Root): void {
    if (root.isOver) {
      this.#lateCount += this.#options.records;
      return;
    }
    this.#end(root, OUTCOME.acked);
    this.ackedMs.push(this.nowMs);
  }

  #end(root: Root, outcome: number): void {
    root.isOver = true;
    this.openCount--;
    this.limit.completed(outcome, this.nowMs - root.openedMs, this.nowMs);
  }

  #expire(): void {
    this.#expireMs = this.nowMs + TIMEOUT_MS / 20;
    if (!this.#options.timesOut) return;
    for (const root of this.#queue) {
      root.sinceMs = Math.max(root.sinceMs, Math.floor(this.nowMs / RESET_MS) * RESET_MS);
    }
    for (const root of this.#opened) {
      if (root.isOver || this.nowMs - root.sinceMs < TIMEOUT_MS) continue;
      this.#end(root, OUTCOME.timeout);
      this.timedOutMs.push(this.nowMs);
    }
    this.#opened = this.#opened.filter((root) => !root.isOver);
  }

  #callSpout(): void {
    while (this.openCount < this.limit.limit) {
      const root = { openedMs: this.nowMs, sinceMs: this.nowMs, isOver: false };
      this.#opened.push(root);
      if (++this.#openedCount % this.#options.forgetsOneIn !== 0) {
        this.#toBolt.push(this.#later([root]));
      }
      this.limit.opened(++this.openCount, this.nowMs);
    }
    this.limit.stalled(this.openCount, this.nowMs, this.#lateCount);
    // It may allow a call now: looked at in the same turn, as the executor does.
    this.#checkMs = this.openCount < this.limit.limit
      ? this.nowMs
      : Math.max(this.limit.dueMs, this.nowMs + 1);
  }
}

/** Runs for 1,000 services, at least 20 time-outs. */
function runLong(serviceMs: number, options: Partial<ModelOptions> = {}): Model {
  const model = new Model({ start: 1, serviceMs: () => serviceMs, ...options });
  model.runUntil(Math.max(20 * TIMEOUT_MS, 1000 * serviceMs));
  return model;
}

/** Parts of the time-out. */
const FAST = [0.001, 0.003, 0.01, 0.02, 1 / 40];
const SLOW = [0.03, 0.05, 1 / 16, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 0.85];

test.each([1, 32])(
  "PendingLimit: bolts up to a fortieth of the time-out let none time out, from %i",
  (start) => {
    for (const part of FAST) {
      const serviceMs = part * TIMEOUT_MS;
      const model = runLong(serviceMs, { start });
      expect({ part, timedOut: model.timedOutMs.length }).toEqual({ part, timedOut: 0 });
      expect(model.use(serviceMs, 0)).toBeGreaterThan(0.98);
    }
  },
);

test.each([1, 32])(
  "PendingLimit: no bolt below the time-out makes throughput collapse, from %i",
  (start) => {
    for (const part of [...FAST, ...SLOW]) {
      for (const servers of [1, 4, 16]) {
        const serviceMs = part * TIMEOUT_MS;
        const model = runLong(serviceMs, { start, servers });
        const use = model.use(serviceMs, model.timedOutMs[2] ?? 0);
        expect({ part, servers, use, isHalf: use > 0.75 }).toMatchObject({ isHalf: true });
        expect(model.use(serviceMs, 0.8 * model.nowMs)).toBeGreaterThan(0.8);
      }
    }
  },
);

test("PendingLimit: begun with one, few roots time out before it knows how slow bolts are", () => {
  const timedOut = (part: number) => runLong(part * TIMEOUT_MS).timedOutMs.length;
  expect(timedOut(0.1)).toBe(0);
  expect(timedOut(0.15)).toBe(0);
  expect(timedOut(0.25)).toBe(0);
  expect(timedOut(0.75)).toBe(0);
});

test("PendingLimit: bolts that take a random time keep three fifths of their throughput", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const random = seededRandom(seed);
  for (let round = 0; round < 40; round++) {
    const meanMs = TIMEOUT_MS * 0.001 * 700 ** random.unit();
    const servers = 1 + random.below(8);
    const start = 1 + random.below(40);
    const serviceMs = () => meanMs * (0.7 + 0.6 * random.unit());
    const model = new Model({ start, servers, serviceMs, records: 1 + random.below(5) });
    model.runUntil(Math.max(20 * TIMEOUT_MS, 1000 * meanMs));
    const use = model.use(meanMs, 0);
    const found = { seed, round, part: meanMs / TIMEOUT_MS, servers, start, use };
    expect({ ...found, isEnough: use > 0.6 }).toMatchObject({ isEnough: true });
  }
}, 60_000);

test(
  "PendingLimit: late records of many tuples a root do not end the wait for a queue early",
  () => {
    for (const part of SLOW) {
      const serviceMs = part * TIMEOUT_MS;
      expect(runLong(serviceMs, { start: 32, records: 10 }).use(serviceMs, 0)).toBeGreaterThan(
        0.75,
      );
    }
  },
  60_000,
);

test.each([1, 32])("PendingLimit: a bolt that acks 100 at once gets them, from %i", (start) => {
  for (const part of [1e-4, 1e-3, 3e-3]) {
    for (const group of [10, 100, 120]) {
      const serviceMs = part * TIMEOUT_MS;
      const model = new Model({ start, group, serviceMs: () => serviceMs });
      model.runUntil(10 * TIMEOUT_MS);
      expect({ part, group, timedOut: model.timedOutMs }).toEqual({ part, group, timedOut: [] });
      expect(model.use(serviceMs, TIMEOUT_MS)).toBeGreaterThan(0.9);
    }
  }
}, 60_000);

test.each([true, false])(
  "PendingLimit: one that acks 500 at once gets them, timing out: %p",
  (timesOut) => {
    const model = new Model({ start: 1, group: 500, serviceMs: () => 3, timesOut });
    model.runUntil(10 * TIMEOUT_MS);
    expect(model.use(3, 5 * TIMEOUT_MS)).toBeGreaterThan(0.9);
  },
);

test(
  "PendingLimit: bolts that become 100 times slower, and fast again, are used well again",
  () => {
    for (const part of [1e-4, 1e-3, 5e-3]) {
      const fastMs = part * TIMEOUT_MS;
      const isSlow = (nowMs: number) => nowMs > 5 * TIMEOUT_MS && nowMs < 60 * TIMEOUT_MS;
      const serviceMs = (nowMs: number) => isSlow(nowMs) ? 100 * fastMs : fastMs;
      const model = new Model({ start: 1, serviceMs });
      model.runUntil(45 * TIMEOUT_MS);
      // What was open when it became slow, a quarter of a time-out of fast work, goes first.
      model.runUntil(60 * TIMEOUT_MS);
      expect(model.use(100 * fastMs, 45 * TIMEOUT_MS)).toBeGreaterThan(0.85);
      model.runUntil(70 * TIMEOUT_MS);
      model.ackedMs.length = 0;
      model.runUntil(72 * TIMEOUT_MS);
      expect(model.use(fastMs, 70 * TIMEOUT_MS)).toBeGreaterThan(0.9);
    }
  },
  60_000,
);

test("PendingLimit: bolts that were away are used well at once when they are back", () => {
  for (const part of [1e-3, 1e-2, 0.1]) {
    const backMs = 15 * TIMEOUT_MS;
    const serviceMs = (nowMs: number) =>
      nowMs > 5 * TIMEOUT_MS && nowMs < backMs ? backMs - nowMs : part * TIMEOUT_MS;
    const model = new Model({ start: 1, serviceMs });
    model.runUntil(backMs);
    const timedOut = model.timedOutMs.length;
    expect(timedOut * part).toBeLessThan(3);
    model.runUntil(25 * TIMEOUT_MS);
    expect(model.use(part * TIMEOUT_MS, 20 * TIMEOUT_MS)).toBeGreaterThan(0.9);
  }
});

test("PendingLimit: roots that bolts forget do not slow the others down", () => {
  for (const forgetsOneIn of [1000, 100, 10]) {
    const model = runLong(30, { forgetsOneIn });
    expect(model.timedOutMs.length).toBeGreaterThan(10);
    expect(model.use(30, 0)).toBeGreaterThan(0.95);
  }
}, 60_000);

test.each([20, 30, 100])(
  "PendingLimit: a bolt that begins to ack %i at once gets them in the end",
  (group) => {
    // Found by simulation: fewer were enough before, what it holds times out, and it is never silent.
    let serviceMs = TIMEOUT_MS / 5;
    const model = new Model({ start: 1, serviceMs: () => serviceMs });
    model.runUntil(40 * TIMEOUT_MS);
    expect(model.limit.limit).toBeLessThan(group);
    model.group = group;
    serviceMs = TIMEOUT_MS / 2000;
    model.runUntil(140 * TIMEOUT_MS);
    expect(model.ackedMs.filter((atMs) => atMs > 120 * TIMEOUT_MS).length).toBeGreaterThan(group);
  },
);

test("PendingLimit stays within its ceiling, and at least 1", () => {
  for (const ceiling of [1, 5, 100]) {
    const model = new Model({ start: 32, ceiling, serviceMs: () => 1 });
    for (let turn = 1; turn <= 100; turn++) {
      model.runUntil(turn * 100);
      expect(model.limit.limit).toBeWithin(1, ceiling + 1);
    }
    expect(model.limit.limit).toBe(ceiling);
  }
  expect(new PendingLimit({ start: 32, ceiling: 7, timeoutMs: 1000 }).limit).toBe(7);
});

test("PendingLimit is not raised while it does not bind", () => {
  const limit = new PendingLimit({ start: 8, ceiling: 1000, timeoutMs: 1000 });
  for (let round = 0; round < 100; round++) {
    for (let open = 1; open <= 7; open++) limit.opened(open, round);
    for (let open = 1; open <= 7; open++) limit.completed(OUTCOME.acked, 1, round);
  }
  expect(limit.limit).toBe(8);
  limit.opened(8, 100);
  for (let open = 1; open <= 20; open++) limit.completed(OUTCOME.acked, 1, 101);
  expect(limit.limit).toBe(16);
});

test("PendingLimit learns nothing from roots that failed or are lost", () => {
  const limit = new PendingLimit({ start: 8, ceiling: 1000, timeoutMs: 1000 });
  for (let open = 1; open <= 8; open++) limit.opened(open, 0);
  for (let open = 1; open <= 4; open++) limit.completed(OUTCOME.failed, 900, 900);
  for (let open = 1; open <= 4; open++) limit.completed(OUTCOME.lost, 1, 900);
  expect(limit.limit).toBe(8);
});
