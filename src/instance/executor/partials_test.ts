import { expect, test } from "bun:test";
import { BatchReader, MARKER_KIND, partsCostBytes } from "../../tuples/mod.ts";
import {
  grantsOf,
  handleAll,
  openIntake,
  Source,
  takeAll,
} from "../../../tests/support/channel_source.ts";

/** Past the window of 32 KiB. */
const LARGE_BYTES = 60_000;

test("Partials: an intake grants past the window while a tuple comes in parts, and counts it until it is handled", () => {
  const intake = openIntake();
  const source = new Source(intake, 1);
  source.mark(MARKER_KIND.sync);
  grantsOf(intake);
  const parts = source.parts(LARGE_BYTES);
  takeAll(intake, parts.slice(0, -1));
  expect(intake.partials.isEmpty).toBe(false);
  const received = intake.channel(1)?.receivedBytes ?? 0;
  expect(grantsOf(intake)).toMatchObject([{ limit: received + 32768 }]);
  takeAll(intake, parts.slice(-1));
  expect(intake.partials.isEmpty).toBe(true);
  expect(intake.heldBytes).toBe(source.offset);
  expect(grantsOf(intake)).toEqual([]);
  expect(handleAll(intake)).toBe(1);
  expect(intake.heldBytes).toBe(0);
  source.mark(MARKER_KIND.sync);
  expect(grantsOf(intake)).toMatchObject([{ limit: source.offset + 32768 }]);
  expect(intake.dropped.size).toBe(0);
});

test("Partials: an intake makes a tuple whole that it hands on as any, with its stream and bytes", () => {
  const intake = openIntake();
  const source = new Source(intake, 1);
  takeAll(intake, source.parts(5_000));
  const batch = intake.nextBatch();
  const reader = new BatchReader();
  if (batch === undefined) throw new Error("no batch");
  reader.open(batch.bytes, 0, batch.bytes.length);
  expect(reader.next()).toBe(true);
  expect(reader.valuesEnd - reader.valuesStart).toBe(5_000);
  expect(reader.next()).toBe(false);
  expect(batch.creditBytes).toBe(source.offset);
  expect(batch.creditBytes).toBe(partsCostBytes(reader.runBytes, 1024));
});

test("Partials: an intake lets one source at a time send a tuple past its window", () => {
  const intake = openIntake();
  const [first, second] = [new Source(intake, 1), new Source(intake, 2)];
  for (const source of [first, second]) source.mark(MARKER_KIND.sync);
  grantsOf(intake);
  const firstParts = first.parts(LARGE_BYTES);
  const secondParts = second.parts(LARGE_BYTES);
  takeAll(intake, firstParts.slice(0, 10));
  takeAll(intake, secondParts.slice(0, 20));
  expect(grantsOf(intake).map(({ sourceTask }) => sourceTask)).toEqual([1]);
  takeAll(intake, firstParts.slice(10));
  // Whole, and not handled yet.
  expect(grantsOf(intake)).toEqual([]);
  expect(handleAll(intake)).toBe(1);
  const received = intake.channel(2)?.receivedBytes ?? 0;
  expect(grantsOf(intake)).toEqual(expect.arrayContaining([
    expect.objectContaining({ sourceTask: 2, limit: received + 32768 }),
  ]));
});

test("Partials: an intake passes on the favour of a source that falls silent in the middle of its tuple", () => {
  const intake = openIntake();
  const [first, second] = [new Source(intake, 1), new Source(intake, 2)];
  for (const source of [first, second]) source.mark(MARKER_KIND.sync);
  grantsOf(intake);
  expect(intake.partials.tend(0)).toBeUndefined();
  const firstParts = first.parts(LARGE_BYTES);
  takeAll(intake, firstParts.slice(0, 1));
  expect(intake.partials.tend(0)).toBeUndefined();
  takeAll(intake, second.parts(LARGE_BYTES).slice(0, 20));
  expect(intake.partials.tend(100)).toBe(1100);
  takeAll(intake, firstParts.slice(1, 2));
  expect(intake.partials.tend(1000)).toBe(2000);
  grantsOf(intake);
  expect(intake.partials.tend(1999)).toBe(2000);
  expect(grantsOf(intake)).toEqual([]);
  expect(intake.partials.tend(2000)).toBe(3000);
  expect(grantsOf(intake).map(({ sourceTask }) => sourceTask)).toEqual([2]);
});

test("Partials: an intake drops a tuple of which a part was lost, once, and takes the next", () => {
  for (const lost of [0, 1, 2, 3, 4, 5]) {
    const intake = openIntake();
    const source = new Source(intake, 1);
    source.mark(MARKER_KIND.sync);
    grantsOf(intake);
    const parts = source.parts(5_000);
    expect(parts.length).toBe(6);
    takeAll(intake, parts.filter((_, index) => index !== lost));
    source.mark(MARKER_KIND.sync);
    expect(intake.heldBytes).toBe(0);
    expect(intake.partials.isEmpty).toBe(true);
    expect(grantsOf(intake)).toMatchObject([{ limit: source.offset + 32768 }]);
    // Without its first part, nobody knows that it was a tuple.
    expect([...intake.dropped]).toEqual(lost === 0 ? [] : [["cut", 1]]);
    takeAll(intake, source.parts(5_000));
    expect(handleAll(intake)).toBe(1);
    expect(intake.doneBytes + intake.goneBytes).toBe(source.offset);
  }
});

test("Partials: an intake never makes one tuple of the parts of two", () => {
  const intake = openIntake();
  const source = new Source(intake, 1);
  const [first, second] = [source.parts(5_000), source.parts(5_000)];
  takeAll(intake, [...first.slice(0, 3), ...second.slice(3)]);
  expect(handleAll(intake)).toBe(0);
  expect([...intake.dropped]).toEqual([["cut", 1]]);
  expect(intake.heldBytes).toBe(0);
});

test("Partials: an intake lets a source say where it stands in the middle of a tuple, and nothing else", () => {
  const intake = openIntake();
  const source = new Source(intake, 1);
  const writer = new Source(intake, 1);
  const parts = source.parts(5_000);
  takeAll(intake, parts.slice(0, 3));
  writer.offset = intake.channel(1)?.receivedBytes ?? 0;
  writer.mark(MARKER_KIND.sync);
  expect(grantsOf(intake)).toMatchObject([{ limit: writer.offset + 32768 }]);
  for (const kind of [MARKER_KIND.end, MARKER_KIND.flush]) {
    expect(() => writer.mark(kind)).toThrow("between the parts of a tuple");
  }
  expect(() => writer.send(10)).toThrow("between the parts of a tuple");
  writer.offset = intake.channel(1)?.receivedBytes ?? 0;
  expect(() => takeAll(intake, writer.parts(5_000))).toThrow("between the parts of a tuple");
  takeAll(intake, parts.slice(3));
  expect(handleAll(intake)).toBe(1);
});

test("Partials: an intake drops a tuple that is not whole when a newer life of its source speaks", () => {
  const intake = openIntake();
  const older = new Source(intake, 1);
  const parts = older.parts(5_000);
  takeAll(intake, parts.slice(0, 3));
  new Source(intake, 1, { epoch: 2, counter: 1 }).mark(MARKER_KIND.sync);
  takeAll(intake, parts.slice(3));
  expect([...intake.dropped]).toEqual([["cut", 1], ["other_incarnation", 0]]);
  expect(intake.heldBytes).toBe(0);
  expect(intake.doneBytes).toBe(older.offset);
});

test("Intake.close() drops a tuple that is not whole and what still comes of it, once", () => {
  const intake = openIntake();
  const source = new Source(intake, 1);
  const parts = source.parts(5_000);
  takeAll(intake, parts.slice(0, 3));
  intake.close();
  takeAll(intake, [...parts.slice(3), ...source.parts(5_000)]);
  expect([...intake.dropped]).toEqual([["after_end", 2]]);
  expect(intake.heldBytes).toBe(0);
  expect(intake.doneBytes).toBe(source.offset);
});

test("Partials: an intake refuses a tuple past its limit before it takes memory for it", () => {
  const intake = openIntake();
  const [part] = new Source(intake, 1).parts(200_000);
  expect(() => takeAll(intake, part === undefined ? [] : [part])).toThrow(
    "expected at most 100000 B (topology.tuple.max.bytes)",
  );
});

test("Partials.since() tells the roots of tuples that began before a round", () => {
  const intake = openIntake();
  const life = { epoch: 2, counter: 9 };
  takeAll(intake, new Source(intake, 1, life).parts(5_000).slice(0, 2));
  expect(intake.partials.since(intake.round)).toEqual([]);
  intake.waitingSince(0);
  expect(intake.partials.since(intake.round)).toMatchObject([{ source: { task: 1, ...life } }]);
});
