import { expect, test } from "bun:test";
import { seededRandom } from "../base/mod.ts";
import {
  assemble,
  begin,
  bodyOf,
  HEADER,
  partsOf,
  randomBytes,
  readAll,
  rootsOf,
} from "../../tests/support/tuple_parts.ts";
import { BatchReader, countTuples } from "./batch_reader.ts";
import { BatchWriter } from "./batch_writer.ts";
import { encodeChannelHeader } from "./channel_header.ts";
import { PART, partsCostBytes, setRoots } from "./large_tuple.ts";

test("BatchWriter.takeTuple() and PartWriter make parts that a PartialTuple makes whole", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  console.log(`parts of seed ${seed}`);
  const random = seededRandom(seed);
  for (let round = 0; round < 400; round++) {
    const writer = new BatchWriter(encodeChannelHeader(HEADER));
    const earlier = Array.from({ length: random.below(3) }, () => ({
      stream: random.below(3) * 100,
      roots: rootsOf(random.below(3)),
      values: randomBytes(random, random.below(300)),
    }));
    for (const tuple of earlier) {
      begin(writer, tuple);
      writer.endTuple(tuple.roots.length);
    }
    const tuple = {
      stream: random.below(3) * 100,
      roots: rootsOf([0, 1, 2, 300][random.below(4)] ?? 0),
      values: randomBytes(random, [0, 1, 200, 5_000, 40_000][random.below(5)] ?? 0),
    };
    begin(writer, tuple);
    const large = writer.takeTuple(tuple.roots.length);
    const offset = random.below(2) === 0 ? 0 : Math.floor(random.unit() * 2 ** 50);
    const batchBytes = 256 + random.below(3_000);
    const whole = assemble(partsOf(large, batchBytes, offset));
    expect(whole.creditBytes).toBe(partsCostBytes(large.end - large.start, batchBytes));
    expect(readAll(whole.bytes)).toEqual([tuple]);

    const other = { ...tuple, roots: rootsOf(tuple.roots.length === 0 ? 0 : 300, 7) };
    if (other.roots.length === tuple.roots.length) {
      setRoots(large, other.roots);
      expect(readAll(assemble(partsOf(large, batchBytes, offset)).bytes)).toEqual([other]);
    }
    // The batch goes on as if there had been none.
    expect(writer.tuples).toBe(earlier.length);
    const last = { stream: 0, roots: new Uint8Array(0), values: new Uint8Array([1]) };
    begin(writer, last);
    writer.endTuple();
    const frame = writer.close(offset);
    expect(readAll(bodyOf(frame.bytes.slice(frame.start, frame.end)))).toEqual([...earlier, last]);
  }
});

test("countTuples() counts a tuple in parts once, by its first part", () => {
  const writer = new BatchWriter(encodeChannelHeader(HEADER));
  begin(writer, { stream: 1, roots: rootsOf(1), values: new Uint8Array(5_000) });
  const bodies = partsOf(writer.takeTuple(rootsOf(1).length), 1_024, 0);
  expect(bodies.map((body) => countTuples(body, 0, body.length))).toEqual([1, 0, 0, 0, 0, 0]);
});

test("BatchReader takes `part` for the bits of a part", () => {
  const writer = new BatchWriter(encodeChannelHeader(HEADER));
  begin(writer, { stream: 0, roots: new Uint8Array(0), values: new Uint8Array(1_500) });
  const reader = new BatchReader();
  const seen = partsOf(writer.takeTuple(0), 1_024, 9).map((body) => {
    reader.open(body, 0, body.length);
    return [reader.part, reader.offset, reader.tupleOffset, reader.tupleBytes, reader.runBytes];
  });
  expect(seen).toEqual([[PART.part, 9, 9, 1509, 896], [
    PART.part | PART.last,
    9 + 896 + 128,
    9,
    1509,
    613,
  ]]);
});
