import { expect, test } from "bun:test";
import { type Random, seededRandom } from "../../base/mod.ts";
import { LeaseCore, type LeaseEvent, type LeaseSight } from "./lease_core.ts";
import { compareLives, type LeaseLife } from "./lease_life.ts";
import type { LeaseRecord } from "./lease_record.ts";

const DURATION_MS = 900;

function life(counter: number, epoch = 2, party = "tm"): LeaseLife {
  return { party, epoch, counter };
}

function coreOf(own: LeaseLife): LeaseCore {
  const nonce = `${own.party} ${own.epoch}.${own.counter}`;
  return new LeaseCore({
    holder: "tm",
    nonce,
    durationMs: DURATION_MS,
    marginMs: 100,
    life: own,
  });
}

/** What `own` wrote when it took the lease. */
function heldBy(own: LeaseLife, epoch = 4): LeaseRecord {
  const nonce = `${own.party} ${own.epoch}.${own.counter}`;
  return {
    holder: "tm",
    nonce,
    epoch,
    renewal: 9,
    durationMs: DURATION_MS,
    released: false,
    life: own,
  };
}

function seen(version: string, record: LeaseRecord): LeaseEvent & { type: "seen" } {
  return { type: "seen", sight: { version, record } };
}

test("compareLives() orders lives of one party by epoch, then counter, and no others", () => {
  expect(compareLives(life(1), life(2))).toBeLessThan(0);
  expect(compareLives(life(1, 3), life(9, 2))).toBeGreaterThan(0);
  expect(compareLives(life(1), life(1))).toBe(0);
  expect(compareLives(life(1, 2, "tm"), life(2, 2, "standby"))).toBeUndefined();
  expect(compareLives(undefined, life(1))).toBeUndefined();
});

test("LeaseCore takes the lease of an earlier life at once, by compare-and-set, with a higher epoch", () => {
  for (const own of [life(2), life(1, 3)]) {
    const core = coreOf(own);
    const [take, ...others] = core.handle(seen("7", heldBy(life(1))), 10);
    expect(take).toMatchObject({ type: "write", record: { epoch: 5, life: own }, expected: "7" });
    expect([others, core.waitedFor]).toEqual([[], undefined]);
    // A last renewal of the earlier life was on the way.
    expect(core.handle({ type: "refused" }, 11)).toEqual([{ type: "read" }]);
    const again = core.handle({ type: "read", sight: seen("8", heldBy(life(1))).sight }, 12);
    expect(again).toMatchObject([{ type: "write", record: { epoch: 5 }, expected: "8" }]);
    expect(core.handle({ type: "written", version: "9" }, 13)).toEqual([
      { type: "acquired", epoch: 5 },
    ]);
  }
});

test("LeaseCore waits for another party and for an equal life as for anybody", () => {
  for (const other of [life(1, 1, "standby"), life(2)]) {
    const core = coreOf(life(2));
    const record = { ...heldBy(other), nonce: "another" };
    expect(core.handle(seen("7", record), 10)).toEqual([]);
    expect([core.wakeAtMs, core.waitedFor]).toEqual([10 + DURATION_MS + 100, record]);
  }
});

test("LeaseCore never takes the lease of a later life, be it silent or released", () => {
  for (const released of [false, true]) {
    const core = coreOf(life(1));
    const record = { ...heldBy(life(2)), released };
    expect(core.handle(seen("7", record), 10)).toMatchObject([{ type: "lost", code: "fenced" }]);
    expect([core.wakeAtMs, core.isHeld(10)]).toEqual([undefined, false]);
    expect(core.handle({ type: "time" }, 100_000)).toEqual([]);
  }
});

test("LeaseCore: an earlier life that wakes up after long holds nothing, and ends without a write", () => {
  const older = coreOf(life(1));
  older.handle({ type: "seen", sight: undefined }, 0);
  older.handle({ type: "written", version: "1" }, 5);
  // Stopped meanwhile; the later life has it.
  expect(older.isHeld(5000)).toBe(false);
  expect(older.handle(seen("2", heldBy(life(2), 2)), 5000)).toMatchObject([
    { type: "lost", code: "fenced" },
  ]);
});

test("LeaseCore: an earlier life that wakes up soon learns it by its watch or its renewal", () => {
  const watching = coreOf(life(1));
  watching.handle({ type: "seen", sight: undefined }, 0);
  watching.handle({ type: "written", version: "1" }, 5);
  const told = watching.handle(seen("2", heldBy(life(2), 2)), 200);
  expect(told).toMatchObject([{ type: "lost", code: "fenced" }]);
  expect(watching.isHeld(200)).toBe(false);

  const renewing = coreOf(life(1));
  renewing.handle({ type: "seen", sight: undefined }, 0);
  renewing.handle({ type: "written", version: "1" }, 5);
  expect(renewing.handle({ type: "time" }, 400)).toMatchObject([{ type: "write", expected: "1" }]);
  expect(renewing.handle({ type: "refused" }, 401)).toEqual([{ type: "read" }]);
  const sight: LeaseSight = { version: "2", record: heldBy(life(2), 2) };
  expect(renewing.handle({ type: "read", sight }, 402)).toMatchObject([{ type: "lost" }]);
});

test("LeaseCore: of two later lives that compete the lower one gives up, whoever wrote first", () => {
  const first = seen("7", heldBy(life(1)));
  const lower = coreOf(life(2));
  const higher = coreOf(life(3));
  lower.handle(first, 0);
  higher.handle(first, 0);
  // The lower one was first: the higher one takes it from there.
  lower.handle({ type: "written", version: "8" }, 1);
  higher.handle({ type: "refused" }, 1);
  const sight: LeaseSight = { version: "8", record: heldBy(life(2), 5) };
  expect(higher.handle({ type: "read", sight }, 2)).toMatchObject([
    { type: "write", record: { epoch: 6 }, expected: "8" },
  ]);
  higher.handle({ type: "written", version: "9" }, 3);
  expect(lower.handle(seen("9", heldBy(life(3), 6)), 4)).toMatchObject([{ type: "lost" }]);
  // The higher one was first.
  const late = coreOf(life(2));
  late.handle(first, 0);
  late.handle({ type: "refused" }, 1);
  expect(late.handle({ type: "read", sight: { version: "8", record: heldBy(life(3), 5) } }, 2))
    .toMatchObject([{ type: "lost", code: "fenced" }]);
});

interface Living {
  readonly core: LeaseCore;
  stoppedUntilMs: number;
  isDead: boolean;
}

/** Lives of one party over a slow store that loses answers. */
class Succession {
  readonly #random: Random;
  /** Whether the supervisor waits for the end of a life before it starts the next. */
  readonly #isSupervised: boolean;
  #lives: Living[] = [];
  #queue: { atMs: number; run: () => void }[] = [];
  #stored: { record: LeaseRecord; version: string } | undefined;
  #counter = 0;
  #bornMs = 0;
  #nowMs = 0;
  /** All records that were written. */
  readonly records: LeaseRecord[] = [];
  /** From the start of a life until it holds the lease. */
  readonly waitsMs: number[] = [];

  constructor(random: Random, isSupervised: boolean) {
    this.#random = random;
    this.#isSupervised = isSupervised;
    this.#bear();
  }

  /** Runs for `ms` and says how many held the lease at most at one time. */
  run(ms: number): number {
    let most = 0;
    for (; this.#nowMs < ms; this.#nowMs++) {
      const due = this.#queue.filter(({ atMs }) => atMs <= this.#nowMs);
      this.#queue = this.#queue.filter(({ atMs }) => atMs > this.#nowMs);
      for (const { run } of due) run();
      for (const one of this.#lives) this.#step(one);
      this.#lives = this.#lives.filter(({ isDead }) => !isDead);
      if (this.#lives.length === 0 || this.#random.below(300) === 0) this.#succeed();
      const held = this.#lives.filter(({ core }) => core.isHeld(this.#nowMs));
      most = Math.max(most, held.length);
    }
    return most;
  }

  /** The newest life dies, or is lost from sight: stopped, maybe to wake up later. */
  #succeed(): void {
    for (const one of this.#lives) {
      if (this.#isSupervised) one.isDead = true;
      else one.stoppedUntilMs = this.#nowMs + this.#random.below(300);
    }
    if (this.#isSupervised) this.#lives = [];
    this.#bear();
  }

  #bear(): void {
    this.#bornMs = this.#nowMs;
    const own = life(++this.#counter);
    const core = new LeaseCore({
      holder: "tm",
      nonce: String(this.#counter),
      durationMs: 90,
      marginMs: 10,
      life: own,
    });
    const born: Living = { core, stoppedUntilMs: 0, isDead: false };
    this.#lives.push(born);
    this.#give(born, { type: "seen", sight: this.#stored });
  }

  #step(one: Living): void {
    const { wakeAtMs } = one.core;
    if (wakeAtMs !== undefined && wakeAtMs <= this.#nowMs) this.#give(one, { type: "time" });
  }

  #give(one: Living, event: LeaseEvent): void {
    if (one.isDead) return;
    if (one.stoppedUntilMs > this.#nowMs) {
      this.#queue.push({ atMs: one.stoppedUntilMs, run: () => this.#give(one, event) });
      return;
    }
    for (const action of one.core.handle(event, this.#nowMs)) {
      if (action.type === "acquired") {
        this.waitsMs.push(this.#nowMs - this.#bornMs);
      } else if (action.type === "read" || action.type === "write") this.#send(one, action);
      else one.isDead = true;
    }
  }

  /** A request goes on when its sender has died; one answer in twenty is lost. */
  #send(one: Living, action: ReturnType<LeaseCore["handle"]>[number]): void {
    const atMs = this.#nowMs + this.#random.below(8);
    let answer: LeaseEvent = { type: "failed" };
    this.#queue.push({ atMs, run: () => (answer = this.#serve(action)) });
    const isLost = this.#random.below(20) === 0;
    this.#queue.push({
      atMs: atMs + this.#random.below(8),
      run: () => this.#give(one, isLost ? { type: "failed" } : answer),
    });
  }

  #serve(action: ReturnType<LeaseCore["handle"]>[number]): LeaseEvent {
    if (action.type !== "write") return { type: "read", sight: this.#stored };
    if (this.#stored?.version !== action.expected) return { type: "refused" };
    const version = String(Number(this.#stored?.version ?? 0) + 1);
    const stored = { record: action.record, version };
    this.#stored = stored;
    this.records.push(action.record);
    for (const one of this.#lives) {
      const atMs = this.#nowMs + this.#random.below(20);
      this.#queue.push({ atMs, run: () => this.#give(one, { type: "seen", sight: stored }) });
    }
    return { type: "written", version };
  }
}

test("LeaseCore: lives that follow each other's end never hold it at once, and wait for nothing (seeded)", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const succession = new Succession(seededRandom(seed), true);
    expect(succession.run(4000), `seed ${seed}`).toBe(1);
    const { waitsMs } = succession;
    expect(waitsMs.length, `seed ${seed}`).toBeGreaterThan(3);
    // Far below the lease's time: what is lost or refused on the way is tried again.
    for (const waitMs of waitsMs) expect(waitMs, `seed ${seed}`).toBeLessThan(90);
  }
});

test("LeaseCore: when earlier lives wake up, the record never passes to a lower life or number (seeded)", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const succession = new Succession(seededRandom(seed), false);
    succession.run(4000);
    const { records } = succession;
    for (const [index, { epoch, life: own }] of records.entries()) {
      const before = records[index - 1];
      expect(epoch, `seed ${seed}`).toBeGreaterThanOrEqual(before?.epoch ?? 0);
      expect(own?.counter, `seed ${seed}`).toBeGreaterThanOrEqual(before?.life?.counter ?? 0);
    }
    expect(new Set(records.map(({ epoch }) => epoch)).size, `seed ${seed}`).toBeGreaterThan(3);
  }
});
