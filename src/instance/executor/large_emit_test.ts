import { expect, test } from "bun:test";
import {
  BatchReader,
  countTuples,
  PartialTuple,
  RootReader,
  RootWriter,
} from "../../tuples/mod.ts";
import { bodyOf, openEmitter, wholeByTask } from "../../../tests/support/emitter_bench.ts";
import type { CopyRoots } from "./content.ts";

/** Values of a tuple with one string, as they are encoded. */
function encoded(text: string): Uint8Array {
  const head = new DataView(new ArrayBuffer(5));
  head.setUint8(0, 0xdb);
  head.setUint32(1, text.length);
  return Uint8Array.from([...new Uint8Array(head.buffer), ...new TextEncoder().encode(text)]);
}

test("LargeEmit: an emitter sends a tuple larger than a batch in parts, in its place between the others", () => {
  const { emitter, frames } = openEmitter();
  const text = "0123456789".repeat(10_000);
  emitter.emit("all", ["before"]);
  emitter.emit("all", [text]);
  emitter.emit("all", ["behind"]);
  expect(emitter.emitted).toBe(3);
  emitter.flush();
  for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(32 * 1024);
  const small = (word: string) => Uint8Array.of(0xa0 | 6, ...new TextEncoder().encode(word));
  const expected = [small("before"), encoded(text), small("behind")];
  expect(wholeByTask(frames)).toEqual(new Map([5, 6, 7].map((task) => [task, expected])));
  const counts = frames.map((frame) => countTuples(bodyOf(frame), 0, bodyOf(frame).length));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(9);
});

test("LargeEmit: an emitter gives each copy of a tuple in parts its own keys, also of more roots than a batch holds", () => {
  const { emitter, frames } = openEmitter({ "instance.batch.bytes": 1024 });
  const writer = new RootWriter();
  let commits = 0;
  const roots: CopyRoots = {
    prepare: (copies) => expect(copies).toBe(3),
    bytesOf: (copy) => {
      writer.clear();
      for (let slot = 0; slot < 200; slot++) {
        writer.add({ task: 1, epoch: 1, counter: 1, slot, generation: 1 }, 100 + copy, slot + 1);
      }
      return writer.bytes;
    },
    commit: () => commits++,
  };
  emitter.emit("all", ["x"], roots);
  expect(commits).toBe(1);
  const partials = new Map<number, PartialTuple>();
  const reader = new BatchReader();
  for (const frame of frames) {
    const body = bodyOf(frame);
    reader.open(body, 0, body.length);
    const partial = partials.get(reader.destinationTask) ?? new PartialTuple(reader);
    partials.set(reader.destinationTask, partial);
    partial.add(reader);
  }
  const keys = [...partials].map(([task, partial]) => {
    const read = new RootReader();
    read.open(partial.roots(), { task: 1, epoch: 1, counter: 1 });
    let count = 0;
    while (read.next()) if (read.keyHigh === ++count) continue;
    return [task, count, read.keyLow];
  });
  expect(keys).toEqual([[5, 200, 100], [6, 200, 101], [7, 200, 102]]);
});

test("LargeEmit: an emitter refuses a tuple past topology.tuple.max.bytes, and keeps what it had", () => {
  const { emitter, frames } = openEmitter({ "topology.tuple.max.bytes": 100_000 });
  emitter.emit("global", ["kept"]);
  const error = /Emit from "source" to stream "global": found a tuple of 1000\d\d B, expected at/;
  expect(() => emitter.emit("global", ["x".repeat(100_000)])).toThrow(error);
  emitter.emit("global", ["x".repeat(99_000)]);
  emitter.flush();
  expect(wholeByTask(frames).get(8)?.map(({ length }) => length)).toEqual([5, 99_005]);
});

test("LargeEmit: an emitter sends nothing of a tuple in parts that its credit does not allow where nothing can wait", () => {
  const { emitter, frames, credit } = openEmitter({ "emit.overshoot.bytes": 65536 });
  emitter.emit("global", ["kept"]);
  let commits = 0;
  const roots: CopyRoots = {
    prepare: () => {},
    bytesOf: () => new Uint8Array(0),
    commit: () => commits++,
  };
  expect(() => emitter.emit("global", ["x".repeat(200_000)], roots)).toThrow(
    /found a tuple of 200\d\d\d B and \d+ B of credit for task 8, expected that it is passed by at most 65536 B/,
  );
  expect(commits).toBe(0);
  expect(emitter.emitted).toBe(1);
  credit.raise(8, 200_000);
  emitter.emit("global", ["x".repeat(200_000)], roots);
  expect(commits).toBe(1);
  expect(emitter.hasCredit()).toBe(false);
  emitter.flush();
  expect(wholeByTask(frames).get(8)?.map(({ length }) => length)).toEqual([5, 200_005]);
});

test("LargeEmit: an emitter waits for credit between the parts of a tuple, with all else flushed", () => {
  let waits = 0;
  const { emitter, frames } = openEmitter(
    { "emit.overshoot.bytes": 65536, "instance.receive.bytes": 65536 },
    ({ credit, emitter: { channels }, frames: { length } }, channel) => {
      // Before the first part, there is some.
      if (channel.headroom() > 0) return true;
      waits++;
      expect(channel.headroom()).toBeGreaterThan(-65536 - 32 * 1024);
      expect(length).toBeGreaterThan(0);
      for (const other of channels.values()) expect(other.batch.tuples).toBe(0);
      return credit.raise(8, channel.sentBytes + 10_000);
    },
  );
  emitter.emit("default", ["other", 1]);
  emitter.emit("global", ["x".repeat(1_000_000)]);
  emitter.flush();
  expect(waits).toBeGreaterThan(8);
  expect(wholeByTask(frames).get(8)?.map(({ length }) => length)).toEqual([1_000_005]);
});

test("LargeEmit: an emitter keeps no memory of a large tuple", () => {
  const { emitter } = openEmitter({ "emit.overshoot.bytes": 2 ** 30 });
  const channel = emitter.channels.get(8);
  emitter.emit("global", ["x".repeat(10_000_000)]);
  expect(() => emitter.emit("global", [["x".repeat(10_000_000), () => 1]])).toThrow("field");
  const buffer = channel?.batch.beginTuple(0);
  expect(buffer?.bytes.length).toBeLessThan(1_000);
  channel?.batch.cancelTuple();
});
