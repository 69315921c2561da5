/** A function gives each task a topology of its own; what is built already serves one task a component. */

import { expect, test } from "bun:test";
import { type ISpout, type Topology, TopologyBuilder } from "../api/mod.ts";
import { TopologyCopies } from "./topology_copies.ts";

function spout(): ISpout {
  return { nextTuple() {}, declareOutputFields: (declarer) => declarer.declare(["a"]) };
}

function builderOf(tasks: number): TopologyBuilder {
  const builder = new TopologyBuilder("copies");
  builder.setSpout("spout", spout(), tasks);
  return builder;
}

test("TopologyCopies gives each task what the function builds anew, with the arguments", async () => {
  const seen: (readonly string[])[] = [];
  const build = (args: readonly string[]): Topology => {
    seen.push(args);
    return builderOf(2).createTopology();
  };
  const copies = await TopologyCopies.open(build, ["x"]);
  await copies.prepare(2, new Set(["spout"]));
  const [first, second] = [copies.take(), copies.take()];
  expect(first.component("spout")).not.toBe(second.component("spout"));
  expect(seen).toEqual([["x"], ["x"], ["x"]]);
  expect(() => copies.checkAgain()).not.toThrow();
});

test("TopologyCopies takes a topology or a builder where no two tasks would share an object", async () => {
  const topology = builderOf(1).createTopology();
  const copies = await TopologyCopies.open(topology, []);
  await copies.prepare(1, new Set());
  expect(copies.take()).toBe(topology);
  expect(() => copies.checkAgain()).toThrow("expected a function that makes it anew");
  const built = await TopologyCopies.open(builderOf(1), []);
  expect(built.first.definition.name).toBe("copies");
  expect(TopologyCopies.open(builderOf(2).createTopology(), [])).rejects
    .toThrow('2 tasks of "spout" that would share one object');
});

test("TopologyCopies refuses a function that gives several tasks one object", async () => {
  const shared = builderOf(2);
  const copies = await TopologyCopies.open(() => shared.createTopology(), []);
  expect(copies.prepare(2, new Set(["spout"]))).rejects.toThrow(
    'found one object for several tasks of "spout"',
  );
  // By the object of the user, not by what a basic bolt is wrapped in.
  const bolt = { execute: () => undefined };
  const wrapped = await TopologyCopies.open(() => {
    const builder = builderOf(1);
    builder.setBasicBolt("bolt", bolt, 2).shuffleGrouping("spout");
    return builder.createTopology();
  }, []);
  expect(wrapped.prepare(2, new Set(["bolt"]))).rejects.toThrow('several tasks of "bolt"');
  // One task has it for itself, until it starts again.
  const alone = await TopologyCopies.open(() => shared.createTopology(), []);
  await alone.prepare(2, new Set());
  expect(alone.prepare(1, new Set(["spout"]))).rejects.toThrow('several tasks of "spout"');
});

test("TopologyCopies refuses what gives no topology", () => {
  // A user's file need not be typed.
  const wrong = (() => 7) as unknown as () => Topology;
  expect(TopologyCopies.open(wrong, [])).rejects.toThrow("returned a number");
});
