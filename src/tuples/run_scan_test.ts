import { expect, test } from "bun:test";
import { encodeBatch } from "../../tests/support/encoded_tuples.ts";
import { BatchReader } from "./batch_reader.ts";
import { BatchWriter } from "./batch_writer.ts";
import { scanTuples } from "./run_scan.ts";

interface Range {
  readonly start: number;
  readonly end: number;
}

function rangesOf(bytes: Uint8Array): Range[] {
  const reader = new BatchReader();
  reader.open(bytes, 0, bytes.length);
  const ranges: Range[] = [];
  while (reader.next()) ranges.push({ start: reader.valuesStart, end: reader.valuesEnd });
  return ranges;
}

function scanned(bytes: Uint8Array, at: number, room = 64): Range[] {
  const found = new Int32Array(2 * room);
  const count = scanTuples(bytes, at, found);
  return Array.from({ length: count }, (_, index) => ({
    start: found[2 * index]!,
    end: found[2 * index + 1]!,
  }));
}

const ROWS = Array.from({ length: 40 }, (_, index) => ["x".repeat(index * 17), index]);

test("scanTuples() finds the tuples behind each tuple, up to its room", () => {
  const bytes = encodeBatch(ROWS);
  const ranges = rangesOf(bytes);
  ranges.forEach(({ end }, index) => {
    expect(scanned(bytes, end)).toEqual(ranges.slice(index + 1));
    expect(scanned(bytes, end, 3)).toEqual(ranges.slice(index + 1, index + 4));
  });
});

test("scanTuples() passes over roots", () => {
  const root = [0x0a, 6, 8, 1, 16, 1, 24, 1];
  const bytes = encodeBatch(ROWS, new Uint8Array([...root, ...root]));
  const ranges = rangesOf(bytes);
  expect(ranges.length).toBe(ROWS.length);
  expect(scanned(bytes, ranges[0]?.end ?? 0)).toEqual(ranges.slice(1));
});

test("scanTuples() ends with the run", () => {
  const writer = new BatchWriter(new Uint8Array([8, 2, 16, 1]));
  for (const stream of [0, 0, 1, 1]) {
    writer.beginTuple(stream).length += 1;
    writer.endTuple();
  }
  const { bytes, start, end } = writer.close(0);
  // Lengths of all that is around the batch take one byte each.
  const batch = bytes.slice(start + 3, end);
  const ranges = rangesOf(batch);
  expect(ranges.length).toBe(4);
  expect(scanned(batch, ranges[0]?.end ?? 0)).toEqual(ranges.slice(1, 2));
});

test("scanTuples() of bytes that are cut or wrong anywhere tells of no range outside them", () => {
  const bytes = encodeBatch(ROWS.slice(0, 12));
  const at = rangesOf(bytes)[0]?.end ?? 0;
  for (let cut = at; cut < bytes.length; cut++) {
    for (const { end } of scanned(bytes.slice(0, cut), at)) expect(end).toBeLessThanOrEqual(cut);
    for (const byte of [0, 0x12, 0x80, 0xff]) {
      const wrong = bytes.slice();
      wrong[cut] = byte;
      for (const { start, end } of scanned(wrong, at)) {
        expect(start >= at && start <= end && end <= wrong.length).toBe(true);
      }
    }
  }
});
