import { expect, test } from "bun:test";
import { takeRecord } from "../../../tests/support/bridges.ts";
import { allocateRing, Doorbell, RingReader, RingWriter } from "../../tuples/mod.ts";
import { RingSink } from "./ring_sink.ts";

test("RingSink keeps what finds no room, in order, and puts it when there is", () => {
  const bell = new Doorbell(new Int32Array(new SharedArrayBuffer(Doorbell.bytes)));
  const memory = allocateRing(64);
  const sink = new RingSink(new RingWriter(memory, bell));
  const reader = new RingReader(memory, bell);
  for (let value = 0; value < 20; value++) sink.write(new Uint8Array([9, value, 9]), 1, 2);
  expect(sink.hasRoom()).toBe(false);
  const seen: number[] = [];
  for (let round = 0; round < 40; round++) {
    const record = takeRecord(reader);
    if (record !== undefined) {
      seen.push(record[0] ?? -1);
      reader.release();
    }
    sink.drain();
  }
  expect(seen).toEqual(Array.from({ length: 20 }, (_, value) => value));
  expect(sink.hasRoom()).toBe(true);
});
