import { expect, test } from "bun:test";
import { encodeBatch } from "../../tests/support/encoded_tuples.ts";
import { PacketPeek } from "../base/wire/mod.ts";
import { type Random, seededRandom } from "../base/mod.ts";
import { BatchReader } from "./batch_reader.ts";
import { BatchWriter } from "./batch_writer.ts";
import { FirstStrings } from "./first_strings.ts";
import { readValue, ValueReader } from "./values_read.ts";
import { writeValue } from "./values_write.ts";

/** One that knows so many words that it looks ahead. */
function learned(): FirstStrings {
  const strings = new FirstStrings();
  readBatch(strings, Array.from({ length: 4000 }, (_, row) => [`word ${1000 + row}`]));
  return strings;
}

/** The bytes of a batch with a run for each list of rows. */
function encodeRuns(runs: readonly (readonly (readonly unknown[])[])[]): Uint8Array {
  const writer = new BatchWriter(Uint8Array.of(8, 2));
  for (const [stream, rows] of runs.entries()) {
    for (const row of rows) {
      const buffer = writer.beginTuple(stream);
      for (const value of row) writeValue(buffer, value);
      writer.endTuple();
    }
  }
  const { bytes, start, end } = writer.close(0);
  const frame = bytes.slice(start, end);
  const peek = new PacketPeek();
  peek.peek(frame, frame.findIndex((byte) => byte < 0x80) + 1, frame.length);
  return frame.slice(peek.bodyStart);
}

/** The first values of the tuples of a batch that are asked for, as `strings` gives them. */
function readBatch(
  strings: FirstStrings,
  rows: readonly (readonly unknown[])[],
  isAsked: (row: number) => boolean = () => true,
): unknown[] {
  return readEncoded(strings, encodeBatch(rows), { rows, isAsked });
}

function readEncoded(
  strings: FirstStrings,
  bytes: Uint8Array,
  { rows, isAsked }: {
    readonly rows: readonly (readonly unknown[])[];
    readonly isAsked: (row: number) => boolean;
  },
): unknown[] {
  const batch = new BatchReader();
  const reader = new ValueReader(new Uint8Array(0));
  const values: unknown[] = [];
  batch.open(bytes, 0, bytes.length);
  for (let row = 0; batch.next(); row++) {
    if (!isAsked(row)) continue;
    reader.bytes = bytes;
    reader.at = batch.valuesStart;
    reader.end = batch.valuesEnd;
    values.push(strings.read(reader) ?? readValue(reader));
    for (let rest = 1; rest < (rows[row]?.length ?? 0); rest++) readValue(reader);
    expect(reader.at).toBe(batch.valuesEnd);
  }
  return values;
}

function randomRow(random: Random, words: number): unknown[] {
  const word = `word ${random.below(words)}`;
  switch (random.below(12)) {
    case 0:
      return [random.below(1000), word];
    case 1:
      return [word.repeat(1 + random.below(30)), null];
    case 2:
      return ["ä" + word];
    case 3:
      return [""];
    default:
      return [word, random.below(5)];
  }
}

test("FirstStrings.read() gives what readValue() gives, whatever is asked for", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const random = seededRandom(seed);
  const strings = new FirstStrings();
  for (let round = 0; round < 600; round++) {
    const words = round < 300 ? 20_000 : 50;
    const rows = Array.from({ length: 1 + random.below(200) }, () => randomRow(random, words));
    const part = random.below(4);
    const isAsked = (row: number) => part === 0 || (row * 7919) % 4 < part;
    const expected = rows.filter((_, row) => isAsked(row)).map(([first]) => first);
    expect({ seed, values: readBatch(strings, rows, isAsked) }).toEqual({ seed, values: expected });
  }
});

test("FirstStrings.read() asks for a tuple again, and for one before", () => {
  const strings = new FirstStrings();
  const rows = Array.from({ length: 4000 }, (_, row) => [`word ${row}`]);
  readBatch(strings, rows);
  const bytes = encodeBatch(rows.slice(0, 200));
  const batch = new BatchReader();
  const places: [start: number, end: number][] = [];
  batch.open(bytes, 0, bytes.length);
  while (batch.next()) places.push([batch.valuesStart, batch.valuesEnd]);
  const readAt = (row: number) => {
    const [start = 0, end = 0] = places[row] ?? [];
    return strings.read(new ValueReader(bytes, start, end));
  };
  const order = [0, 1, 2, 2, 5, 4, 3, 100, 60, 61, 199, 0];
  expect(order.map(readAt)).toEqual(order.map((row) => `word ${row}`));
});

test("FirstStrings.read() goes on right when so many strings are new that it gives up", () => {
  const strings = new FirstStrings();
  let count = 0;
  for (let round = 0; round < 1200; round++) {
    const rows = Array.from(
      { length: 200 },
      (_, row) => [row % 8 === 0 ? `word ${row}` : `number ${count++}`],
    );
    expect(readBatch(strings, rows)).toEqual(rows.map(([first]) => first));
  }
});

test("FirstStrings.read() takes nothing for what it found in another batch, or another run", () => {
  const strings = learned();
  const rowsFrom = (first: number, count: number) =>
    Array.from({ length: count }, (_, row) => [`word ${1000 + first + row}`]);
  // All have the same layout.
  readBatch(strings, rowsFrom(0, 200), (row) => row < 40);
  expect(readBatch(strings, rowsFrom(300, 200))).toEqual(rowsFrom(300, 200).flat());
  // Somewhere tuples of a later run stand where others stood in the batch before.
  for (let length = 2; length < 30; length++) {
    readBatch(strings, rowsFrom(600, 65));
    const runs = [[["x".repeat(length)], ...rowsFrom(900, 3)], rowsFrom(1200, 60)];
    const rows = runs.flat();
    const values = readEncoded(strings, encodeRuns(runs), { rows, isAsked: () => true });
    expect(values).toEqual(rows.flat());
  }
});

test("FirstStrings.read() does not look past the values of a tuple", () => {
  const strings = learned();
  const bytes = encodeBatch([["word 1000"], ["word 1001"], ["word 1002"]]);
  const batch = new BatchReader();
  batch.open(bytes, 0, bytes.length);
  batch.next();
  const broken = bytes.slice();
  batch.next();
  // The second string now ends in the third tuple, and is known.
  broken[batch.valuesStart] = 0xa0 + 15;
  const from = batch.valuesStart + 1;
  readBatch(strings, [[Buffer.from(broken.slice(from, from + 15)).toString()]]);
  batch.open(broken, 0, broken.length);
  const read = () => {
    batch.next();
    return strings.read(new ValueReader(broken, batch.valuesStart, batch.valuesEnd));
  };
  expect([read(), read(), read()]).toEqual(["word 1000", undefined, "word 1002"]);
});

test("FirstStrings.read() leaves what is cut, or no string, to others", () => {
  const strings = new FirstStrings();
  for (const bytes of [[0xa5, 0x61], [0xd9, 40, 0x61], [0xd9], [7], [0xc0], []]) {
    const reader = new ValueReader(Uint8Array.from(bytes));
    expect([strings.read(reader), reader.at]).toEqual([undefined, 0]);
  }
});
