import { expect, test } from "bun:test";
import { Config, TopologyBuilder } from "../api/mod.ts";
import { ByteBuffer } from "./byte_buffer.ts";
import { hashValues } from "./canonical_hash.ts";
import { ClassCodecs } from "./class_codecs.ts";
import { readValue, skipValue, ValueReader, writeValue } from "./values.ts";

class Money {
  constructor(readonly cents: number, readonly currency = "EUR") {}
}

class Coin extends Money {}

class Bytes {
  constructor(readonly bytes: Uint8Array) {}
}

class Chain {
  constructor(readonly next: unknown) {}
}

/** What a topology registers, by the order of names: bytes, chain, money. */
function codecs(onRead: () => void = () => {}): ClassCodecs {
  const builder = new TopologyBuilder("classes");
  builder.setSpout("source", { nextTuple() {} });
  const config = new Config()
    .registerSerialization(Money, {
      name: "money",
      serialize: ({ cents, currency }) => ({ cents, currency }),
      deserialize(value) {
        onRead();
        const { cents, currency } = Object(value);
        return new Money(cents, currency);
      },
    })
    .registerSerialization(Bytes, {
      name: "bytes",
      serialize: ({ bytes }) => bytes,
      deserialize: (value) => new Bytes(value instanceof Uint8Array ? value : new Uint8Array()),
    })
    .registerSerialization(Chain, {
      name: "chain",
      serialize: ({ next }) => next,
      deserialize: (next) => new Chain(next),
    });
  return new ClassCodecs(builder.createTopology(config).serializations ?? []);
}

function encoded(value: unknown, classes?: ClassCodecs): Uint8Array {
  const buffer = new ByteBuffer(64);
  buffer.classes = classes;
  writeValue(buffer, value);
  return buffer.bytes.slice(0, buffer.length);
}

function readerOf(bytes: Uint8Array, classes?: ClassCodecs): ValueReader {
  const reader = new ValueReader(bytes);
  reader.classes = classes;
  return reader;
}

test("Instances of registered classes come out as they went in, at any depth", () => {
  const classes = codecs();
  const values = [
    new Money(5),
    [new Money(1), { price: new Money(2, "USD") }],
    new Map([["a", new Bytes(Uint8Array.of(1, 2))]]),
    new Set([new Chain(new Chain([new Money(7), null]))]),
    new Bytes(new Uint8Array(70_000)),
  ];
  for (const value of values) {
    const bytes = encoded(value, classes);
    const read = readValue(readerOf(bytes, classes));
    expect(read).toEqual(value);
    expect(Object(read).constructor).toBe(Object(value).constructor);
    expect(skipValue(bytes, 0)).toBe(bytes.length);
  }
});

test("An instance of another class is refused by name, a subclass too", () => {
  expect(() => encoded(new Money(1))).toThrow('an instance of class "Money", expected plain data');
  expect(() => encoded([new Coin(1)], codecs())).toThrow('an instance of class "Coin"');
});

test("What serialize() returns must be carried itself, and end", () => {
  expect(() => encoded(new Chain(() => 0), codecs())).toThrow("a function, expected data");
  const endless: { next: unknown } = { next: undefined };
  const chain = new Chain(endless);
  endless.next = chain;
  expect(() => encoded(chain, codecs())).toThrow("contains itself");
});

test("Instances are no grouping keys", () => {
  expect(() => hashValues([new Money(1)])).toThrow("to group by");
});

test("Bytes of an unknown class are corrupt", () => {
  const bytes = encoded(new Money(1), codecs());
  expect(() => readValue(readerOf(bytes))).toThrow("an instance of class 2");
});

test("deserialize() may read another tuple by the same reader", () => {
  const other = encoded(["other", 1]);
  const held: { reader?: ValueReader } = {};
  const classes = codecs(() => {
    const { reader } = held;
    if (reader === undefined) return;
    reader.bytes = other;
    reader.at = 0;
    reader.end = other.length;
    readValue(reader);
  });
  const value = [new Money(1), "behind", new Money(2)];
  held.reader = readerOf(encoded(value, classes), classes);
  expect(readValue(held.reader)).toEqual(value);
});
