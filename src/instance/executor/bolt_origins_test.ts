import { expect, test } from "bun:test";
import { TopologyBuilder } from "../../api/mod.ts";
import { PhysicalPlan } from "../../plan/mod.ts";
import { planOf } from "../../../tests/support/plans.ts";
import { BoltOrigins } from "./bolt_origins.ts";
import { SampledTimes } from "./sampled_times.ts";

/** Spout "a" (task 1) has streams "x" and "y"; bolt "b" reads "y" alone. */
function openOrigins(): BoltOrigins {
  const builder = new TopologyBuilder("origins");
  builder.setSpout("a", {
    nextTuple() {},
    declareOutputFields(declarer) {
      declarer.declareStream("x", ["n"]);
      declarer.declareStream("y", ["m", "o"]);
    },
  });
  builder.setBolt("b", { execute() {} }).shuffleGrouping("a", "y");
  return new BoltOrigins({
    plan: PhysicalPlan.from(planOf(builder.createTopology({}).definition)),
    context: {
      getThisSources: () => [{ component: "a", stream: "y", grouping: { type: "shuffle" } }],
    },
    valueReader: undefined,
    decodeTimes: new SampledTimes(() => 0, () => []),
  });
}

test("BoltOrigins.of() tells component, stream, fields and place among the inputs", () => {
  const [x, y, ...more] = openOrigins().of({ sourceTask: 1, sourceEpoch: 2, sourceCounter: 3 });
  expect(more).toEqual([]);
  expect(x).toMatchObject({ component: "a", stream: "x", input: -1 });
  expect(y).toMatchObject({
    component: "a",
    stream: "y",
    input: 0,
    source: { task: 1, epoch: 2, counter: 3 },
  });
  expect(y?.fields.toList()).toEqual(["m", "o"]);
});

test("BoltOrigins.of() makes them once for each life of a task", () => {
  const origins = openOrigins();
  const life = { sourceTask: 1, sourceEpoch: 2, sourceCounter: 3 };
  const first = origins.of(life);
  expect(origins.of({ ...life })).toBe(first);
  const next = origins.of({ ...life, sourceCounter: 4 });
  expect(next).not.toBe(first);
  expect(next[0]?.source.counter).toBe(4);
});
