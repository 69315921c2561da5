import { create, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { expect, test } from "bun:test";
import { type CompactFile, enumDesc, fileDesc, messageDesc } from "./descriptors.ts";

const SHOP: CompactFile = {
  name: "test/shop",
  package: "test.shop",
  syntax: "proto3",
  messages: [
    ["Order", "item_name 1 = 9; parts 2 * test.shop.Order.Part; state 3 = @test.shop.State", [
      ["Part", "weight_g 1 = 13; box 2 kind 9; bag 3 kind 8"],
    ]],
    ["Nothing", ""],
  ],
  enums: [["State", "STATE_OPEN 0; STATE_SENT 1"]],
};

type Order = Message<"test.shop.Order"> & {
  itemName: string;
  parts: { weightG: number; kind: { case: string; value: unknown } }[];
  state: number;
};

test("fileDesc() gives descriptors that protobuf-es reads and writes with", () => {
  const file = fileDesc(SHOP);
  const order: GenMessage<Order> = messageDesc(file, 0);
  const init = {
    itemName: "cup",
    parts: [{ weightG: 7, kind: { case: "bag", value: true } }],
    state: 1,
  };
  const message = create(order, init);
  expect(message).toMatchObject(init);
  expect(fromBinary(order, toBinary(order, message))).toEqual(message);
});

test("messageDesc() and enumDesc() find what is nested, and refuse what is not there", () => {
  const file = fileDesc(SHOP);
  expect(String(messageDesc(file, 0, 0))).toBe("message test.shop.Order.Part");
  expect(enumDesc(file, 0).values.map(({ localName }) => localName)).toEqual(["OPEN", "SENT"]);
  expect(messageDesc(file, 1).fields).toEqual([]);
  expect(() => messageDesc(file, 2)).toThrow('Look up message 2 of "test/shop"');
  expect(() => messageDesc(file, 1, 0)).toThrow(TypeError);
  expect(() => enumDesc(file, 0, 0)).toThrow('Look up enum 0 of "test/shop"');
});

test("a field whose type is in no file is an error when it is first asked for", () => {
  const messages = [["Lost", "part 1 = test.lost.Part"]] as const;
  const file = fileDesc({ name: "test/lost", package: "test.lost", syntax: "proto3", messages });
  const lost = messageDesc(file, 0);
  expect(() => lost.fields).toThrow('Look up "test.lost.Part"');
});
