import { expect, test } from "bun:test";
import fc from "fast-check";
import { AckMerger } from "./ack_merger.ts";
import { ACK_KIND, AckReader, type AckRecord } from "./acks.ts";
import type { TaskLife } from "./channel_header.ts";
import { RootReader, RootWriter } from "./roots.ts";
import { TAG } from "./tags.ts";
import { VarintCursor } from "./varint.ts";

/** A new seed every run; fast-check prints it when a property fails. */
const RUNS = { numRuns: 2000 };

interface Added extends AckRecord {
  readonly task: number;
  readonly life: TaskLife;
}

interface Frame {
  readonly task: number;
  readonly life: TaskLife;
  readonly records: readonly AckRecord[];
  readonly bytes: number;
}

const half = fc.oneof(fc.constant(0), fc.integer());

const added: fc.Arbitrary<Added> = fc.record({
  task: fc.integer({ min: 0, max: 2 }),
  life: fc.record({
    epoch: fc.integer({ min: 1, max: 2 }),
    counter: fc.integer({ min: 0, max: 1 }),
  }),
  slot: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  generation: fc.oneof(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 2 ** 32 - 2, max: 2 ** 32 - 1 }),
  ),
  kind: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 3 })),
  xorLow: half,
  xorHigh: half,
});

/** Takes frames apart. */
class Sink {
  readonly frames: Frame[] = [];
  readonly bodies: Uint8Array[] = [];

  write(bytes: Uint8Array, start: number, end: number): void {
    const cursor = new VarintCursor(bytes, start, end);
    expect(cursor.nextLength()).toBe(end - cursor.at);
    cursor.next();
    expect(cursor.nextLength()).toBe(end - cursor.at);
    this.bodies.push(bytes.slice(cursor.at, end));
    const reader = new AckReader();
    reader.open(bytes, cursor.at, end);
    const { spoutTask: task, epoch, counter } = reader;
    const records: AckRecord[] = [];
    while (reader.next()) {
      const { slot, generation, kind, xorLow, xorHigh } = reader;
      records.push({ slot, generation, kind, xorLow, xorHigh });
    }
    this.frames.push({ task, life: { epoch, counter }, records, bytes: end - start });
  }
}

interface Merged {
  generation: number;
  low: number;
  high: number;
  isSole: boolean;
  isFailed: boolean;
  isReset: boolean;
}

/** The same by plain means. */
class NaiveMerger {
  readonly spouts = new Map<number, { life: TaskLife; slots: Map<number, Merged> }>();

  add({ task, life, ...record }: Added): void {
    const known = this.spouts.get(task);
    const age = known === undefined ? 1 : order(life) - order(known.life);
    if (age < 0) return;
    const slots = known === undefined || age > 0 ? new Map<number, Merged>() : known.slots;
    const spout = { life, slots };
    this.spouts.set(task, spout);
    const before = slots.get(record.slot);
    const generation = record.generation;
    if (before !== undefined && ((generation - before.generation) | 0) < 0) return;
    const merged = before?.generation === generation
      ? before
      : { generation, low: 0, high: 0, isSole: false, isFailed: false, isReset: false };
    slots.set(record.slot, merged);
    if (record.kind === ACK_KIND.fail) merged.isFailed = true;
    if (record.kind === ACK_KIND.resetTimeout) merged.isReset = true;
    if (record.kind === ACK_KIND.ackSole) merged.isSole = true;
    else if (record.kind !== ACK_KIND.ack) return;
    merged.low ^= record.xorLow;
    merged.high ^= record.xorHigh;
  }

  records(task: number): AckRecord[] {
    const slots = this.spouts.get(task)?.slots ?? new Map<number, Merged>();
    return [...slots].flatMap<AckRecord>(
      ([slot, { generation, low, high, isSole, isFailed, isReset }]) => {
        const root = { slot, generation, xorLow: 0, xorHigh: 0 };
        if (isFailed) return [{ ...root, kind: ACK_KIND.fail }];
        const resets = isReset ? [{ ...root, kind: ACK_KIND.resetTimeout }] : [];
        const isEmpty = low === 0 && high === 0 && !isSole;
        const kind = isSole ? ACK_KIND.ackSole : ACK_KIND.ack;
        return isEmpty ? resets : [...resets, { ...root, kind, xorLow: low, xorHigh: high }];
      },
    );
  }
}

function order({ epoch, counter }: TaskLife): number {
  return epoch * 100 + counter;
}

function addTo(merger: AckMerger, { task, life, ...record }: Added): void {
  merger.add(task, life, record);
}

function recordsOf(frames: readonly Frame[], task: number): AckRecord[] {
  return frames.filter((frame) => frame.task === task).flatMap(({ records }) => records);
}

test("AckMerger merges as a naive model does, and is empty after drain()", () => {
  fc.assert(
    fc.property(fc.array(fc.array(added, { maxLength: 60 }), { maxLength: 3 }), (rounds) => {
      const merger = new AckMerger();
      const lives = new Map<number, TaskLife>();
      for (const round of rounds) {
        const naive = new NaiveMerger();
        // Lives are remembered over a drain, records are not.
        for (const [task, life] of lives) naive.spouts.set(task, { life, slots: new Map() });
        for (const one of round) {
          addTo(merger, one);
          naive.add(one);
        }
        const sink = new Sink();
        merger.drain(sink);
        for (const [task, { life }] of naive.spouts) {
          lives.set(task, life);
          expect(recordsOf(sink.frames, task)).toEqual(naive.records(task));
        }
        for (const { task, life } of sink.frames) {
          expect(naive.spouts.get(task)).toMatchObject({ life });
        }
        expect([merger.isEmpty, merger.bytes]).toEqual([true, 0]);
      }
    }),
    RUNS,
  );
});

test("AckMerger with loose records says the same of each root, with more of them or as many", () => {
  const options = fc.record({
    frameBytesMax: fc.integer({ min: 40, max: 400 }),
    looseBytesMax: fc.integer({ min: 1, max: 2000 }),
  });
  fc.assert(
    fc.property(options, fc.array(fc.array(added, { maxLength: 60 })), (given, rounds) => {
      const merger = new AckMerger(given);
      for (const round of rounds) {
        const [plain, again] = [new AckMerger(), new AckMerger()];
        for (const one of round) {
          addTo(merger, one);
          addTo(plain, one);
        }
        const [sink, plainSink, againSink] = [new Sink(), new Sink(), new Sink()];
        merger.drain(sink);
        expect([merger.isEmpty, merger.bytes]).toEqual([true, 0]);
        plain.drain(plainSink);
        // Lives that a round before has ended say nothing.
        for (const [index, body] of sink.bodies.entries()) {
          expect(sink.frames[index]?.bytes).toBeLessThan(given.frameBytesMax + 2 * 40);
          again.takeBody(body, 0, body.length);
        }
        again.drain(againSink);
        for (const task of sink.frames.map((frame) => frame.task)) {
          expect(sink.frames.filter((one) => one.task === task).map(({ life }) => order(life)))
            .toEqual(sink.frames.filter((one) => one.task === task).map(() => lifeOf(sink, task)));
          if (lifeOf(sink, task) !== lifeOf(plainSink, task)) continue;
          expect(recordsOf(againSink.frames, task)).toEqual(recordsOf(plainSink.frames, task));
        }
      }
    }),
    RUNS,
  );
});

function lifeOf({ frames }: Sink, task: number): number {
  const frame = frames.find((one) => one.task === task);
  return frame === undefined ? -1 : order(frame.life);
}

test("AckMerger merges loose records of one root that follow each other, and holds few for long", () => {
  const merger = new AckMerger({ looseBytesMax: 1000 });
  const life = { epoch: 1, counter: 1 };
  for (let word = 1; word <= 10; word++) {
    const keys = { xorLow: 2 ** word, xorHigh: 3 ** word };
    merger.add(5, life, { slot: 3, generation: 1, kind: ACK_KIND.ack, ...keys });
  }
  const sink = new Sink();
  merger.drain(sink);
  expect(recordsOf(sink.frames, 5)).toHaveLength(1);
  for (let round = 0; round < 2000; round++) {
    for (let slot = 0; slot < 20; slot++) {
      merger.add(5, life, {
        slot,
        generation: 1,
        kind: ACK_KIND.ack,
        xorLow: 1 + round,
        xorHigh: 1,
      });
    }
  }
  expect(merger.bytes).toBeLessThan(1000 + 20 * 2 * 40);
});

test("AckMerger.takeBody() takes what another one wrote", () => {
  fc.assert(
    fc.property(fc.array(added, { maxLength: 80 }), (all) => {
      const small = { frameBytesMax: 100 };
      const [first, second] = [new AckMerger(small), new AckMerger(small)];
      for (const one of all) addTo(first, one);
      const [there, back] = [new Sink(), new Sink()];
      first.drain(there);
      for (const body of there.bodies) second.takeBody(body, 0, body.length);
      second.drain(back);
      for (const task of [0, 1, 2]) {
        expect(recordsOf(back.frames, task)).toEqual(recordsOf(there.frames, task));
      }
    }),
    RUNS,
  );
});

test("AckMerger.drain() writes frames of about the size asked for, no more than bytes said", () => {
  const merger = new AckMerger({ frameBytesMax: 1000 });
  const life = { epoch: 1, counter: 1 };
  for (let slot = 0; slot < 10_000; slot++) {
    const record = { slot, generation: 1 + slot, kind: ACK_KIND.ack, xorLow: -1, xorHigh: slot };
    merger.add(slot % 3, life, record);
  }
  const { bytes } = merger;
  expect(merger.isEmpty).toBe(false);
  const sink = new Sink();
  merger.drain(sink);
  const sizes = sink.frames.map((frame) => frame.bytes);
  const written = sizes.reduce((sum, size) => sum + size);
  expect(Math.max(...sizes)).toBeLessThan(1100);
  expect(written).toBeLessThanOrEqual(1.1 * bytes);
  expect(written).toBeGreaterThan(bytes / 2);
  expect(sink.frames.flatMap(({ records }) => records).length).toBe(10_000);
});

test("AckMerger holds one record and a reset a slot, however many come", () => {
  const merger = new AckMerger();
  const life = { epoch: 1, counter: 1 };
  for (let round = 1; round <= 2000; round++) {
    for (let slot = 0; slot < 20; slot++) {
      const record = { slot, generation: round, kind: round % 3, xorLow: round, xorHigh: 1 };
      merger.add(5, life, record);
      merger.add(5, life, { ...record, kind: ACK_KIND.resetTimeout });
    }
  }
  expect(merger.bytes).toBeLessThan(20 * 2 * 40);
});

test("AckMerger ignores a kind that it does not know", () => {
  const merger = new AckMerger();
  const record = { slot: 1, generation: 1, kind: 9, xorLow: 1, xorHigh: 1 };
  merger.add(1, { epoch: 1, counter: 1 }, record);
  const sink = new Sink();
  merger.drain(sink);
  expect(sink.frames).toEqual([]);
});

interface RootInit extends TaskLife {
  readonly task: number;
  readonly slot: number;
  readonly generation: number;
  readonly form: "source" | "unkeyed" | "keyed";
}

const OWN = Object.freeze({ task: 3, epoch: 1, counter: 0 });

const rootInit: fc.Arbitrary<RootInit> = fc.record({
  task: fc.constantFrom(3, 4),
  epoch: fc.constantFrom(1, 300),
  counter: fc.constantFrom(0, 1),
  slot: fc.constantFrom(0, 1, 127, 128, 20_000, 2 ** 24 - 1),
  generation: fc.constantFrom(1, 200, 70_000, 2 ** 32 - 1),
  form: fc.constantFrom("source", "source", "unkeyed", "unkeyed", "keyed"),
});

function encodeRoots(roots: readonly RootInit[]): Uint8Array {
  const writer = new RootWriter();
  for (const root of roots) {
    if (root.form === "source") writer.addSole(root.slot, root.generation);
    else writer.add(root, root.form === "keyed" ? 5 : 0, root.form === "keyed" ? 6 : 0);
  }
  return writer.bytes.slice();
}

/** What a bolt tells of a tuple with these roots, to which nothing was anchored; or the fault in them. */
function addRead(merger: AckMerger, bytes: Uint8Array): string {
  const reader = new RootReader();
  reader.open({ bytes, rootsStart: 0, rootsEnd: bytes.length }, OWN);
  try {
    while (reader.next()) {
      const { slot, generation, keyLow: xorLow, keyHigh: xorHigh } = reader;
      const kind = (xorLow | xorHigh) === 0 ? ACK_KIND.ackSole : ACK_KIND.ack;
      merger.add(reader.task, reader, { slot, generation, kind, xorLow, xorHigh });
    }
    return "";
  } catch (thrown) {
    return String(thrown);
  }
}

function drained(merger: AckMerger): Omit<Frame, "bytes">[] {
  const sink = new Sink();
  merger.drain(sink);
  return sink.frames.map(({ task, life, records }) => ({ task, life, records }));
}

test("AckMerger.addSole() takes what add() would say in the same bytes, and nothing else", () => {
  const edit = fc.tuple(fc.nat(60), fc.nat(255));
  let [taken, left] = [0, 0];
  fc.assert(
    fc.property(fc.array(rootInit, { maxLength: 2 }), fc.option(edit), (roots, edited) => {
      const bytes = encodeRoots(roots);
      if (edited !== null && edited[0] < bytes.length) bytes[edited[0]] = edited[1];
      for (const first of roots.length === 0 ? [OWN] : [OWN, ...roots]) {
        const [quick, plain] = [1, 2].map(() => new AckMerger({ looseBytesMax: 1000 }));
        if (quick === undefined || plain === undefined) return;
        // It knows the spout of the record before.
        const record = { slot: 9, generation: 9, kind: ACK_KIND.fail, xorLow: 0, xorHigh: 0 };
        for (const merger of [quick, plain]) merger.add(first.task, first, record);
        const range = { bytes, rootsStart: 0, rootsEnd: bytes.length };
        if (!quick.addSole(OWN, range)) {
          expect(quick.bytes).toBe(drainedBytes(first, record));
          left++;
          continue;
        }
        taken++;
        expect(addRead(plain, bytes)).toBe("");
        expect(drained(quick)).toEqual(drained(plain));
      }
    }),
    RUNS,
  );
  expect(Math.min(taken, left)).toBeGreaterThan(200);
});

test("AckMerger.addSole() leaves numbers that are longer than any to add()", () => {
  const long = [...new Array<number>(90).fill(0x80), 0];
  const root = [TAG.rootTask, OWN.task, TAG.rootEpoch, OWN.epoch, TAG.rootSlot, ...long];
  root.push(TAG.rootGeneration, 1, TAG.rootKeyLow, 0, 0, 0, 0, TAG.rootKeyHigh, 0, 0, 0, 0);
  const bytes = Uint8Array.of(TAG.tupleRoots, root.length, ...root);
  const merger = new AckMerger({ looseBytesMax: 1000 });
  merger.add(OWN.task, OWN, { slot: 9, generation: 9, kind: ACK_KIND.fail, xorLow: 0, xorHigh: 0 });
  expect(merger.addSole(OWN, { bytes, rootsStart: 0, rootsEnd: bytes.length })).toBe(false);
  expect(addRead(merger, bytes)).toContain("Read a varint");
});

/** What waits behind one record alone. */
function drainedBytes(life: TaskLife & { readonly task: number }, record: AckRecord): number {
  const merger = new AckMerger({ looseBytesMax: 1000 });
  merger.add(life.task, life, record);
  return merger.bytes;
}

test("AckMerger.addSole() takes nothing without a spout, and none behind merged records", () => {
  const bytes = encodeRoots([{ ...OWN, slot: 7, generation: 8, form: "source" }]);
  const range = { bytes, rootsStart: 0, rootsEnd: bytes.length };
  const record = { slot: 9, generation: 9, kind: ACK_KIND.ack, xorLow: 1, xorHigh: 1 };
  const merger = new AckMerger({ looseBytesMax: 100 });
  expect(merger.addSole(OWN, range)).toBe(false);
  let [loose, slot] = [0, 100];
  merger.add(OWN.task, OWN, record);
  while (merger.addSole(OWN, range)) loose++;
  expect(loose).toBeGreaterThan(0);
  merger.add(OWN.task, OWN, { ...record, slot: ++slot });
  expect(merger.addSole(OWN, range)).toBe(false);
  const slots = drained(merger).flatMap(({ records }) => records).map((one) => one.slot);
  expect(slots.toSorted((a, b) => a - b)).toEqual([7, 9, 101]);
});
