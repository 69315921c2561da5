import { expect, test } from "bun:test";
import { copied, copiedAll } from "./copied.ts";

test("copied() copies what tuples carry, at any depth, and keeps the kinds", () => {
  const value = {
    list: [1, { a: "b" }],
    map: new Map([["k", new Set([1n])]]),
    bytes: new Uint8Array([1, 2]),
    buffer: Buffer.from("abc"),
    date: new Date(7),
    nothing: null,
  };
  const copy = copied(value);
  expect(copy).toStrictEqual(value);
  value.list.push(2);
  value.map.clear();
  value.bytes[0] = 9;
  value.buffer[0] = 9;
  value.date.setTime(8);
  expect(copy).toStrictEqual({
    list: [1, { a: "b" }],
    map: new Map([["k", new Set([1n])]]),
    bytes: new Uint8Array([1, 2]),
    buffer: Buffer.from("abc"),
    date: new Date(7),
    nothing: null,
  });
});

test("copied() keeps objects of the user's classes, and comes to an end where one holds itself", () => {
  class Money {
    cents = 1;
  }
  const money = new Money();
  expect(copiedAll([[money]])).toEqual([[money]]);
  expect((copied([money]) as unknown[])[0]).toBe(money); // a list was given
  const ring: unknown[] = [];
  ring.push(ring);
  const copy = copied(ring) as unknown[]; // the same
  expect(copy[0]).toBe(copy);
});
