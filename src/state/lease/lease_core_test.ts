import { expect, test } from "bun:test";
import { type Random, seededRandom } from "../../base/mod.ts";
import { type LeaseAction, LeaseCore, type LeaseEvent, type LeaseSight } from "./lease_core.ts";
import type { LeaseRecord } from "./lease_record.ts";

const TERMS = { holder: "a", nonce: "n", durationMs: 900, marginMs: 100 };
const OTHER: LeaseRecord = {
  holder: "b",
  nonce: "m",
  epoch: 4,
  renewal: 9,
  durationMs: 600,
  released: false,
};

function sight(version: string, record: LeaseRecord | undefined): LeaseSight {
  return { version, record };
}

/** A core that holds the lease with epoch 1 and version "1" since time 0. */
function holding(): LeaseCore {
  const core = new LeaseCore(TERMS);
  core.handle({ type: "seen", sight: undefined }, 0);
  core.handle({ type: "written", version: "1" }, 5);
  return core;
}

function typesOf(actions: readonly LeaseAction[]): string[] {
  return actions.map(({ type }) => type);
}

test("LeaseCore takes a free lease and counts from sending, not from the answer", () => {
  const core = new LeaseCore(TERMS);
  expect(core.wakeAtMs).toBeUndefined();
  const [write] = core.handle({ type: "seen", sight: undefined }, 0);
  const record = {
    holder: "a",
    nonce: "n",
    epoch: 1,
    renewal: 0,
    durationMs: 900,
    released: false,
  };
  expect(write).toEqual({ type: "write", record });
  expect(core.handle({ type: "written", version: "1" }, 400)).toEqual([
    { type: "acquired", epoch: 1 },
    { type: "write", record: { ...record, renewal: 1 }, expected: "1" },
  ]);
  expect([core.isHeld(899), core.isHeld(900)]).toEqual([true, false]);
});

test("LeaseCore takes a lease that is confirmed too late once more", () => {
  const core = new LeaseCore(TERMS);
  core.handle({ type: "seen", sight: undefined }, 0);
  const [again] = core.handle({ type: "written", version: "1" }, 900);
  expect(again).toMatchObject({ type: "write", record: { epoch: 2 }, expected: "1" });
  expect(core.isHeld(900)).toBe(false);
  expect(core.handle({ type: "written", version: "2" }, 901)).toEqual([{
    type: "acquired",
    epoch: 2,
  }]);
});

test("LeaseCore waits the other's duration and its margin from the last change it saw", () => {
  const core = new LeaseCore(TERMS);
  expect(core.handle({ type: "seen", sight: sight("1", OTHER) }, 10)).toEqual([]);
  expect([core.wakeAtMs, core.waitedFor]).toEqual([710, OTHER]);
  core.handle({ type: "seen", sight: sight("2", { ...OTHER, renewal: 10 }) }, 500);
  core.handle({ type: "seen", sight: sight("2", { ...OTHER, renewal: 10 }) }, 1100);
  expect(core.handle({ type: "time" }, 1199)).toEqual([]);
  const [take] = core.handle({ type: "time" }, 1200);
  expect(take).toMatchObject({ type: "write", record: { holder: "a", epoch: 5 }, expected: "2" });
  // Renewed just before.
  expect(core.handle({ type: "refused" }, 1201)).toEqual([{ type: "read" }]);
  core.handle({ type: "read", sight: sight("3", { ...OTHER, renewal: 11 }) }, 1202);
  expect(core.wakeAtMs).toBe(1902);
});

test("LeaseCore takes a released lease at once, and one whose record was deleted with a higher epoch", () => {
  const core = new LeaseCore(TERMS);
  core.handle({ type: "seen", sight: sight("1", OTHER) }, 0);
  const [take] = core.handle({ type: "seen", sight: sight("2", { ...OTHER, released: true }) }, 1);
  expect(take).toMatchObject({ type: "write", record: { epoch: 5 }, expected: "2" });
  const other = new LeaseCore(TERMS);
  other.handle({ type: "seen", sight: sight("1", OTHER) }, 0);
  const [make] = other.handle({ type: "seen", sight: undefined }, 1);
  expect(make).toMatchObject({ type: "write", record: { epoch: 5 } });
  expect(make).not.toHaveProperty("expected");
});

test("LeaseCore renews after a third, one write at a time", () => {
  const core = holding();
  expect(core.wakeAtMs).toBe(300);
  expect(typesOf(core.handle({ type: "time" }, 299))).toEqual([]);
  expect(core.handle({ type: "time" }, 310)).toMatchObject([{
    type: "write",
    record: { renewal: 1 },
  }]);
  expect([core.wakeAtMs, ...typesOf(core.handle({ type: "time" }, 800))]).toEqual([900]);
  core.handle({ type: "written", version: "2" }, 850);
  expect([core.isHeld(1209), core.isHeld(1210)]).toEqual([true, false]);
});

test("LeaseCore keeps the lease when a renewal of unknown outcome was made after all", () => {
  const core = holding();
  const [write] = core.handle({ type: "time" }, 300);
  expect(core.handle({ type: "failed" }, 310)).toEqual([]);
  expect(core.handle({ type: "time" }, 400)).toEqual([{ type: "read" }]);
  const made = write?.type === "write" ? write.record : undefined;
  const [again] = core.handle({ type: "read", sight: sight("2", made) }, 410);
  expect(again).toMatchObject({ type: "write", record: { renewal: 2 }, expected: "2" });
  expect(core.isHeld(900)).toBe(false);
  core.handle({ type: "written", version: "3" }, 420);
  expect(core.isHeld(900)).toBe(true);
});

test("LeaseCore loses what it cannot renew, and what another has taken", () => {
  const silent = holding();
  silent.handle({ type: "time" }, 300);
  expect(silent.handle({ type: "time" }, 900)).toMatchObject([{ type: "lost", code: "fenced" }]);
  expect(silent.handle({ type: "written", version: "2" }, 901)).toEqual([]);
  expect([silent.isHeld(901), silent.wakeAtMs]).toEqual([false, undefined]);

  const taken = holding();
  expect(typesOf(taken.handle({ type: "seen", sight: sight("9", OTHER) }, 20))).toEqual(["lost"]);

  const deleted = holding();
  expect(typesOf(deleted.handle({ type: "seen", sight: undefined }, 20))).toEqual(["write"]);
  expect(typesOf(deleted.handle({ type: "refused" }, 30))).toEqual(["read"]);
  expect(typesOf(deleted.handle({ type: "read", sight: undefined }, 40))).toEqual(["lost"]);
});

test("LeaseCore holds on when the watch tells what was before it", () => {
  const core = holding();
  const old = sight("0", { ...OTHER, epoch: 0 });
  expect(typesOf(core.handle({ type: "seen", sight: old }, 20))).toEqual(["write"]);
  expect(core.handle({ type: "written", version: "2" }, 30)).toEqual([]);
  expect(core.isHeld(30)).toBe(true);
});

test("LeaseCore releases by a last write, or without one when it holds nothing", () => {
  const core = holding();
  const [write] = core.handle({ type: "release" }, 20);
  expect(write).toMatchObject({ type: "write", record: { released: true }, expected: "1" });
  expect(core.isHeld(20)).toBe(false);
  expect(core.handle({ type: "written", version: "2" }, 30)).toEqual([{ type: "released" }]);

  const taken = holding();
  taken.handle({ type: "release" }, 20);
  taken.handle({ type: "refused" }, 30);
  const read = taken.handle({ type: "read", sight: sight("9", OTHER) }, 40);
  expect(read).toEqual([{ type: "released" }]);

  expect(new LeaseCore(TERMS).handle({ type: "release" }, 0)).toEqual([{ type: "released" }]);
  const hopeless = holding();
  hopeless.handle({ type: "release" }, 20);
  expect(hopeless.handle({ type: "time" }, 900)).toEqual([{ type: "released" }]);
});

test("LeaseCore does not touch a record that is no lease", () => {
  const core = new LeaseCore(TERMS);
  const [lost] = core.handle({ type: "seen", sight: sight("1", undefined) }, 0);
  expect(lost).toMatchObject({ type: "lost", code: "corrupt" });
});

interface Player {
  readonly core: LeaseCore;
  /** How far its clock is from the trial's. */
  readonly shiftMs: number;
  readonly name: string;
  stoppedUntilMs: number;
}

/** A store whose answers come late, out of order, or not at all, and processes that stop. */
class Trial {
  readonly #random: Random;
  readonly #contenders: Player[] = [];
  #stored: { record: LeaseRecord; version: string } | undefined;
  #queue: { atMs: number; run: () => void }[] = [];
  #versions = 0;
  #nowMs = 0;
  readonly epochs: number[] = [];

  constructor(random: Random) {
    this.#random = random;
    for (let index = 0; index < 3; index++) this.#join(`c${index}`);
  }

  /** Runs for `ms` and says how many held the lease at most at one time. */
  run(ms: number): number {
    let most = 0;
    for (; this.#nowMs < ms; this.#nowMs++) {
      const due = this.#queue.filter(({ atMs }) => atMs <= this.#nowMs);
      this.#queue = this.#queue.filter(({ atMs }) => atMs > this.#nowMs);
      for (const { run } of due) run();
      for (const contender of this.#contenders) this.#step(contender);
      const held = this.#contenders.filter(({ core, shiftMs }) =>
        core.isHeld(this.#nowMs + shiftMs)
      );
      most = Math.max(most, held.length);
    }
    return most;
  }

  #join(name: string): void {
    const core = new LeaseCore({ holder: name, nonce: "n", durationMs: 90, marginMs: 10 });
    const shiftMs = this.#random.below(1_000_000);
    this.#contenders.push({ core, shiftMs, stoppedUntilMs: 0, name });
    this.#give(name, { type: "seen", sight: this.#stored });
  }

  #step(contender: Player): void {
    if (this.#random.below(400) === 0) {
      contender.stoppedUntilMs = this.#nowMs + this.#random.below(250);
    }
    const { core, shiftMs, name } = contender;
    const wakeAtMs = core.wakeAtMs;
    if (wakeAtMs !== undefined && wakeAtMs <= this.#nowMs + shiftMs) {
      this.#give(name, { type: "time" });
    }
    if (this.#random.below(2000) === 0) this.#give(name, { type: "release" });
  }

  #give(name: string, event: LeaseEvent): void {
    const contender = this.#contenders.find((one) => one.name === name);
    if (contender === undefined) return;
    if (contender.stoppedUntilMs > this.#nowMs) {
      this.#queue.push({ atMs: contender.stoppedUntilMs, run: () => this.#give(name, event) });
      return;
    }
    for (const action of contender.core.handle(event, this.#nowMs + contender.shiftMs)) {
      if (action.type === "acquired") this.epochs.push(action.epoch);
      else if (action.type === "lost" || action.type === "released") {
        this.#contenders.splice(this.#contenders.indexOf(contender), 1);
        this.#join(`${name.split(".")[0]}.${this.#nowMs}`);
      } else this.#send(name, action);
    }
  }

  /** The request takes its time, and so does the answer; one in ten is lost on either way. */
  #send(name: string, action: LeaseAction & { type: "read" | "write" }): void {
    const late = () => this.#random.below(this.#random.below(5) === 0 ? 120 : 8);
    const fate = this.#random.below(20);
    const atMs = this.#nowMs + late();
    let answer: LeaseEvent = { type: "failed" };
    if (fate !== 0) this.#queue.push({ atMs, run: () => (answer = this.#serve(action)) });
    this.#queue.push({
      atMs: atMs + late(),
      run: () => this.#give(name, fate <= 1 ? { type: "failed" } : answer),
    });
  }

  #serve(action: LeaseAction & { type: "read" | "write" }): LeaseEvent {
    if (action.type === "read") return { type: "read", sight: this.#stored };
    if (this.#stored?.version !== action.expected) return { type: "refused" };
    const stored = { record: action.record, version: String(++this.#versions) };
    this.#stored = stored;
    for (const { name } of this.#contenders) {
      const atMs = this.#nowMs + this.#random.below(20);
      this.#queue.push({ atMs, run: () => this.#give(name, { type: "seen", sight: stored }) });
    }
    return { type: "written", version: stored.version };
  }
}

test("LeaseCore: never two holders at a time, growing epochs, and holders come (seeded trials)", () => {
  let acquisitions = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const trial = new Trial(seededRandom(seed));
    expect(trial.run(4000), `seed ${seed}`).toBeLessThanOrEqual(1);
    const { epochs } = trial;
    expect(epochs, `seed ${seed}`).toEqual([...new Set(epochs)].sort((a, b) => a - b));
    acquisitions += epochs.length;
  }
  expect(acquisitions).toBeGreaterThan(60 * 5);
});
