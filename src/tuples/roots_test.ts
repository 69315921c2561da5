import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { TupleSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { type Random, seededRandom } from "../base/mod.ts";
import { fieldSoup } from "../../tests/support/field_soup.ts";
import { type RootId, RootReader, RootWriter } from "./roots.ts";

interface KeyedRoot extends RootId {
  readonly keyLow: number;
  readonly keyHigh: number;
}

function randomRoot(random: Random): KeyedRoot {
  const number = () => random.below(4) === 0 ? 0 : random.below(2 ** (1 + random.below(32)));
  const half = () => (random.uint32() | 0) || 1;
  return {
    task: number(),
    epoch: number(),
    counter: number(),
    slot: number(),
    generation: number(),
    keyLow: half(),
    keyHigh: half(),
  };
}

function randomRoots(random: Random, most: number): KeyedRoot[] {
  return Array.from({ length: random.below(most + 1) }, () => randomRoot(random));
}

function write(writer: RootWriter, roots: readonly KeyedRoot[]): Uint8Array {
  writer.clear();
  for (const root of roots) writer.add(root, root.keyLow, root.keyHigh);
  return writer.bytes;
}

/** As a reader has them: without a task they are the source's. */
function resolved(roots: readonly KeyedRoot[]): KeyedRoot[] {
  return roots.map((root) => root.task === 0 ? { ...root, ...SOURCE } : root);
}

/** What protobuf-es makes of them. */
function encode(roots: readonly KeyedRoot[]): Uint8Array {
  const messages = roots.map(({ keyLow, keyHigh, ...root }) => ({
    ...root,
    keyLow: keyLow >>> 0,
    keyHigh: keyHigh >>> 0,
  }));
  return toBinary(TupleSchema, create(TupleSchema, { roots: messages }));
}

/** Whose roots those are that do not say it. */
const SOURCE = Object.freeze({ task: 7001, epoch: 7002, counter: 7003 });

function readAll(bytes: Uint8Array): KeyedRoot[] {
  const reader = new RootReader();
  const roots: KeyedRoot[] = [];
  reader.open({ bytes, rootsStart: 0, rootsEnd: bytes.length }, SOURCE);
  while (reader.next()) {
    const { task, epoch, counter, slot, generation, keyLow, keyHigh } = reader;
    roots.push({ task, epoch, counter, slot, generation, keyLow, keyHigh });
  }
  return roots;
}

function newSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

test("RootWriter writes what protobuf-es writes, byte for byte, and RootReader reads it", () => {
  const seed = newSeed();
  const random = seededRandom(seed);
  const writer = new RootWriter();
  for (let round = 0; round < 10_000; round++) {
    const roots = randomRoots(random, round % 500 === 0 ? 300 : 5);
    const bytes = write(writer, roots);
    if (Buffer.compare(bytes, encode(roots)) !== 0) {
      throw new Error(`Round ${round} of seed ${seed} differs from what protobuf-es writes`);
    }
    expect(writer.count).toBe(roots.length);
    expect(readAll(bytes)).toEqual(resolved(roots));
  }
});

test("RootWriter.setKey() changes keys in place", () => {
  const random = seededRandom(newSeed());
  const writer = new RootWriter();
  for (let round = 0; round < 500; round++) {
    const roots = randomRoots(random, 20);
    const { length } = write(writer, roots);
    const changed = roots.map((root) => ({ ...root, ...keyOf(randomRoot(random)) }));
    for (const [index, { keyLow, keyHigh }] of changed.entries()) {
      writer.setKey(index, keyLow, keyHigh);
    }
    expect(writer.bytes.length).toBe(length);
    expect(writer.bytes).toEqual(encode(changed));
  }
});

function keyOf({ keyLow, keyHigh }: KeyedRoot): { keyLow: number; keyHigh: number } {
  return { keyLow, keyHigh };
}

test("RootWriter.addSole() leaves key and source to the spout", () => {
  const writer = new RootWriter();
  for (const [slot, generation] of [[0, 1], [1, 300], [65_535, 2 ** 32 - 1]] as const) {
    writer.clear();
    writer.addSole(slot, generation);
    const root = { slot, generation, keyLow: 0, keyHigh: 0 };
    expect(writer.bytes).toEqual(encode([{ task: 0, epoch: 0, counter: 0, ...root }]));
    expect(readAll(writer.bytes)).toEqual([{ ...SOURCE, ...root }]);
    expect(() => writer.setKey(0, 1, 1)).toThrow("expected one with a key");
  }
});

test("RootWriter refuses keys with a half of 0, and roots that it has not", () => {
  const writer = new RootWriter();
  const root = randomRoot(seededRandom(1));
  expect(() => writer.add(root, 0, 1)).toThrow("expected that both are 0 or none");
  expect(() => writer.add(root, 1, 0)).toThrow("expected that both are 0 or none");
  // 32 bits are kept.
  expect(() => writer.add(root, 2 ** 32, 1)).toThrow("expected that both are 0 or none");
  expect(writer.count).toBe(0);
  writer.add(root, 1, 1);
  expect(() => writer.setKey(0, 1, 0)).toThrow("expected that both are 0 or none");
  expect(() => writer.setKey(1, 1, 1)).toThrow("found root 1, expected one with a key below 1");
  expect(() => writer.setKey(-1, 1, 1)).toThrow(RangeError);
});

test("RootReader reads what protobuf-es reads: fields absent, in any order, or unknown", () => {
  const seed = newSeed();
  const random = seededRandom(seed);
  for (let round = 0; round < 2000; round++) {
    const roots = randomRoots(random, 4).map((root) => ({
      ...root,
      keyLow: random.below(2) === 0 ? 0 : root.keyLow,
      keyHigh: random.below(2) === 0 ? 0 : root.keyHigh,
    }));
    expect(readAll(encode(roots))).toEqual(resolved(roots));
  }
  // Values before a root, a root with its key first, and a field 15 inside.
  const tail = [0x35, 4, 3, 2, 1, 0x7a, 1, 9, 0x08, 7];
  const bytes = new Uint8Array([0x12, 2, 0xaa, 0xbb, 0x0a, tail.length, ...tail]);
  expect(readAll(bytes)).toMatchObject([{ task: 7, keyLow: 0x01020304, keyHigh: 0 }]);
  expect(fromBinary(TupleSchema, bytes).roots).toMatchObject([{ task: 7, keyLow: 0x01020304 }]);
});

test("RootReader reads what protobuf-es reads, of any order of fields", () => {
  const seed = newSeed();
  const random = seededRandom(seed);
  const soup = { varints: [1, 2, 3, 4, 5], fixed: [6, 7] };
  const sole = { varints: [4, 5], fixed: [6, 7] };
  for (let round = 0; round < 20_000; round++) {
    const root = fieldSoup(random, round % 2 === 0 ? soup : sole);
    const bytes = Uint8Array.of(0x0a, root.length, ...root, 0x0a, 2, 8, 9);
    const expected = fromBinary(TupleSchema, bytes).roots.map((one) => ({
      task: one.task,
      epoch: one.epoch,
      counter: one.counter,
      slot: one.slot,
      generation: one.generation,
      keyLow: one.keyLow | 0,
      keyHigh: one.keyHigh | 0,
    }));
    const [roots, read] = [resolved(expected), readAll(bytes)];
    expect({ seed, round, roots: read }).toEqual({ seed, round, roots });
  }
});

test("RootReader survives roots cut at each byte, and damaged ones", () => {
  const seed = newSeed();
  const random = seededRandom(seed);
  const roots = Array.from({ length: 6 }, () => randomRoot(random));
  const whole = encode(roots);
  for (let cut = 0; cut < whole.length; cut++) {
    expectRead(
      whole.slice(0, cut),
      seed,
      (read) => expect(read).toEqual(resolved(roots).slice(0, read.length)),
    );
  }
  for (let round = 0; round < 5000; round++) {
    const bytes = whole.slice();
    for (let hit = 0; hit <= random.below(4); hit++) {
      bytes[random.below(bytes.length)] = random.below(256);
    }
    expectRead(bytes, seed, (read) => expect(read.length).toBeLessThan(bytes.length));
  }
});

/** Reads roots, or fails as one does on bytes from outside. */
function expectRead(bytes: Uint8Array, seed: number, check: (roots: KeyedRoot[]) => void): void {
  let roots: KeyedRoot[];
  try {
    roots = readAll(bytes);
  } catch (thrown) {
    expect({ seed, thrown }).toMatchObject({ thrown: { code: "protocol" } });
    return;
  }
  check(roots);
}
