/** The durable ends together, driven by hand through every kind of death; and the checker, which must see each flaw. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FailReason } from "heron-bin";
import {
  type Emitted,
  openSpout,
  prepareSink,
  type SinkBench,
  splitTuples,
  type SpoutBench,
} from "./durable_bench.ts";
import { checkDurable, type DurableOutcome } from "./durable_check.ts";
import { readPosition } from "./durable_files.ts";
import { completeSources, readSource, SourceWriter } from "./durable_source.ts";
import { positionFile } from "./durable_spout.ts";

const RECORDS = 20;

let folder: string;
let children: number[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "heron-bin-durable-"));
  using writer = new SourceWriter(folder, 0, 3);
  writer.append(RECORDS);
  completeSources(folder);
  children = readSource(folder, 0).map((record) => record.children);
});

afterEach(() => rmSync(folder, { recursive: true }));

function check(): DurableOutcome {
  return checkDurable({ folder, sources: 1, sinks: 1 });
}

/** Calls the spout `calls` times. */
function emit({ spout, emitted }: SpoutBench, calls: number): Emitted[] {
  const before = emitted.length;
  for (let call = 0; call < calls; call++) spout.nextTuple();
  return emitted.slice(before);
}

/** Brings all children of what was emitted to the sink; its acks are none of the spout yet. */
async function bring({ sink }: SinkBench, emitted: readonly Emitted[]): Promise<void> {
  for (const tuple of emitted.flatMap(splitTuples)) sink.execute(tuple);
  await sink.flush();
}

function childrenOf(offsets: readonly number[]): number {
  return offsets.reduce((sum, offset) => sum + (children[offset] ?? 0), 0);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** Ends roots; what the spout emits again for it. */
function end(bench: SpoutBench, offsets: readonly number[], reason?: FailReason): Emitted[] {
  const before = bench.emitted.length;
  for (const offset of offsets) {
    if (reason === undefined) bench.spout.ack(offset);
    else bench.spout.fail(offset, reason);
  }
  return bench.emitted.slice(before);
}

test("a quiet run has each record once and stores the last position", async () => {
  const [spout, sink] = [openSpout(folder), prepareSink(folder)];
  await bring(sink, emit(spout, RECORDS));
  expect(sink.acked.length).toBe(childrenOf(range(0, RECORDS)));
  end(spout, range(0, RECORDS).reverse());
  expect(readPosition(positionFile(folder, 0))).toBe(RECORDS);
  emit(spout, 1);
  expect(spout.isEnded()).toBe(true);
  const sum = childrenOf(range(0, RECORDS));
  const { openAt, ...outcome } = check();
  expect(openAt(Date.now())).toBe(0);
  expect(outcome).toEqual({
    expected: sum,
    lost: 0,
    duplicates: 0,
    overBound: 0,
    causes: [],
    openMax: RECORDS,
    faults: [],
  });
});

test("what never came is lost, by record and child", async () => {
  const [spout, sink] = [openSpout(folder), prepareSink(folder)];
  const emitted = emit(spout, RECORDS);
  await bring(sink, emitted.slice(1));
  const { lost, faults } = check();
  expect(lost).toBe(childrenOf([0]));
  expect(faults[0]).toBe("source 0: 0/0 is lost");
});

test("a position is the lowest offset that is not done", () => {
  const spout = openSpout(folder);
  emit(spout, 5);
  end(spout, [1, 2, 4]);
  spout.spout.close();
  expect(readPosition(positionFile(folder, 0))).toBe(0);
  end(spout, [0]);
  spout.spout.close();
  expect(readPosition(positionFile(folder, 0))).toBe(3);
});

test("a spout that is started again begins at its stored position", async () => {
  const sink = prepareSink(folder);
  const first = openSpout(folder);
  await bring(sink, emit(first, 8));
  end(first, [0, 1, 2, 5]);
  first.spout.close();
  const second = openSpout(folder);
  await bring(sink, emit(second, RECORDS - 3));
  expect(second.emitted[0]?.messageId).toBe(3);
  const { lost, duplicates, overBound, causes } = check();
  expect({ lost, duplicates, overBound }).toEqual({
    lost: 0,
    duplicates: childrenOf(range(3, 8)),
    overBound: 0,
  });
  // Four roots open, and one done since the position was stored.
  expect(causes).toMatchObject([{ kind: "restart", mayReplay: 5, replayed: 5 }]);
  expect(causes[0]?.bound).toBe(childrenOf(range(3, 8)));
});

test("a notice may bring the roots again that were open, and no more", async () => {
  const [spout, sink] = [openSpout(folder), prepareSink(folder)];
  await bring(sink, emit(spout, 6));
  end(spout, [0, 1]);
  await bring(sink, end(spout, [2, 4], "lost"));
  await bring(sink, emit(spout, RECORDS - 6));
  const { lost, duplicates, overBound, causes, faults } = check();
  expect({ lost, overBound, faults }).toEqual({ lost: 0, overBound: 0, faults: [] });
  expect(duplicates).toBe(childrenOf([2, 4]));
  expect(causes).toMatchObject([{ kind: "notice", mayReplay: 4, replayed: 2, duplicates }]);
  expect(causes[0]?.bound).toBe(childrenOf([2, 3, 4, 5]));
});

test("a root emitted after a notice was lost to another", () => {
  const spout = openSpout(folder);
  emit(spout, 4);
  end(spout, [0, 1], "lost");
  emit(spout, 2);
  end(spout, [2, 0, 4, 5], "lost");
  expect(check().causes).toMatchObject([
    { kind: "notice", mayReplay: 4, replayed: 3 },
    { kind: "notice", mayReplay: 6, replayed: 3 },
  ]);
});

test.each(["failed", "timeout"] as const)("each %s tuple comes again once", async (reason) => {
  const [spout, sink] = [openSpout(folder), prepareSink(folder)];
  await bring(sink, emit(spout, RECORDS));
  await bring(sink, end(spout, [3, 4], reason));
  const { duplicates, overBound, causes } = check();
  expect({ duplicates, overBound }).toEqual({ duplicates: childrenOf([3, 4]), overBound: 0 });
  expect(causes).toMatchObject([{ kind: reason, mayReplay: 1 }, { kind: reason, mayReplay: 1 }]);
});

test("a tuple that was handled twice is above every bound", async () => {
  const [spout, sink] = [openSpout(folder), prepareSink(folder)];
  const emitted = emit(spout, RECORDS);
  await bring(sink, emitted);
  await bring(sink, emitted.slice(0, 1));
  const { lost, duplicates, overBound, faults } = check();
  expect({ lost, duplicates, overBound }).toEqual({
    lost: 0,
    duplicates: childrenOf([0]),
    overBound: childrenOf([0]),
  });
  expect(faults[0]).toBe("source 0: 0/0 came twice of emit 0/1");
});

test("a root that ends twice is a fault", () => {
  const spout = openSpout(folder);
  emit(spout, 1);
  end(spout, [0, 0]);
  expect(check().faults).toContain("offset 0 ended (ack) in life 0 without being open");
});

test("a record that changed on its way is a fault, and lost", async () => {
  const [spout, sink] = [openSpout(folder), prepareSink(folder)];
  const [first, ...rest] = emit(spout, RECORDS);
  const values = [...first?.values ?? []];
  values[6] = Number(values[6]) + 1;
  await bring(sink, [{ values, messageId: 0 }, ...rest]);
  const { lost, faults } = check();
  expect(lost).toBe(childrenOf([0]));
  expect(faults[0]).toStartWith("source 0: 0/0 has key");
});

test("a tuple that nobody emitted is a fault", async () => {
  const [spout, sink] = [openSpout(folder), prepareSink(folder)];
  const [first] = emit(spout, 1);
  const values = [...first?.values ?? []];
  values[3] = 99;
  await bring(sink, [{ values, messageId: 0 }]);
  expect(check().faults[0]).toBe("source 0: 0/0 is of emit 0/99, which was none");
});

test("the sink acks when its file is synced, and a new life keeps what was there", async () => {
  const spout = openSpout(folder);
  const [one, two] = [prepareSink(folder), prepareSink(folder)];
  const [first, ...rest] = emit(spout, RECORDS);
  if (first === undefined) throw new Error("Nothing was emitted");
  for (const tuple of splitTuples(first)) one.sink.execute(tuple);
  expect(one.acked.length).toBe(0);
  await one.sink.finish();
  expect(one.acked.length).toBe(childrenOf([0]));
  await bring(two, rest);
  expect(check()).toMatchObject({ lost: 0, duplicates: 0 });
});

test("a stored position that is torn is told, not taken for 0", () => {
  writeFileSync(positionFile(folder, 0), "1");
  expect(() => openSpout(folder)).toThrow("Read position");
});
