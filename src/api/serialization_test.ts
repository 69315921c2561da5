import { expect, test } from "bun:test";
import { Config } from "./config.ts";
import type { Serialization } from "./serialization.ts";
import { TopologyBuilder } from "./topology_builder.ts";

class Money {
  constructor(readonly cents: number) {}
}

class Point {
  constructor(readonly x: number, readonly y: number) {}
}

const MONEY: Serialization<Money> = {
  name: "money",
  serialize: ({ cents }) => cents,
  deserialize: (cents) => new Money(Number(cents)),
};

const POINT: Serialization<Point> = {
  name: "a point",
  serialize: ({ x, y }) => [x, y],
  deserialize: (value) => Array.isArray(value) ? new Point(value[0], value[1]) : new Point(0, 0),
};

function builder(): TopologyBuilder {
  const made = new TopologyBuilder("classes");
  made.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["a"]),
  });
  made.setBolt("sink", { execute() {} }).shuffleGrouping("source");
  return made;
}

test("registerSerialization() is in the topology by the order of names, which the plan records", () => {
  const config = new Config().registerSerialization(Money, MONEY);
  const topology = builder().createTopology(
    new Config().registerSerialization(Point, POINT).putAll(config),
  );
  expect(topology.serializations?.map(({ name }) => name)).toEqual(["a point", "money"]);
  expect(topology.definition.config["topology.serializations"]).toBe("a point,money");
  const [, money] = topology.serializations ?? [];
  expect(money?.serialize(new Money(5))).toBe(5);
  expect(money?.deserialize(6)).toEqual(new Money(6));
});

test("Without registrations nothing is recorded", () => {
  const { definition, serializations } = builder().createTopology();
  expect([serializations, "topology.serializations" in definition.config]).toEqual([[], false]);
});

test("Registrations that cannot be are faults of the topology", () => {
  const config = new Config()
    .registerSerialization(Money, MONEY)
    .registerSerialization(Point, { ...POINT, name: "money" })
    .registerSerialization(Money, { ...MONEY, name: "again" })
    .registerSerialization(Map, { name: "map", serialize: () => 0, deserialize: () => new Map() })
    .registerSerialization(Point, { ...POINT, name: "x,y" })
    // What JavaScript lets through.
    .registerSerialization(undefined as unknown as typeof Money, { ...MONEY, name: "none" });
  let message = "";
  try {
    builder().createTopology(config);
  } catch (error) {
    message = String(error);
  }
  for (
    const fault of [
      'Serializer "money": its name is used by another serializer',
      'Serializer "again": found a class that has another serializer',
      'Serializer "map": found a class that tuples carry by themselves',
      'Serializer "x,y": its name "x,y" contains ","',
      'Serializer "none": found no class',
    ]
  ) expect(message).toContain(fault);
});
