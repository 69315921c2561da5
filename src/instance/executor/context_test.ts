import { expect, test } from "bun:test";
import {
  CountMetric,
  MeanReducer,
  ReducedMetric,
  TopologyBuilder,
  type TopologyContext,
} from "../../api/mod.ts";
import { PhysicalPlan } from "../../plan/mod.ts";
import { planOf } from "../../../tests/support/plans.ts";
import { placeOf } from "../../../tests/support/onlookers.ts";
import { TaskContext } from "./context.ts";

function contextOf(taskId: number): TaskContext {
  const builder = new TopologyBuilder("context");
  builder.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (declarer) => {
      declarer.declare(["a", "b"]);
      declarer.declareStream("side", ["c"]);
    },
  }, 2);
  builder.setBolt("sink", { execute() {} }, 3).shuffleGrouping("source")
    .fieldsGrouping("source", "side", ["c"]);
  const { definition } = builder.createTopology();
  return new TaskContext(PhysicalPlan.from(planOf(definition)), taskId, placeOf(definition));
}

test("TaskContext knows itself and its neighbours", () => {
  const context = contextOf(4);
  expect([context.getThisTaskId(), context.getThisComponentId(), context.getThisTaskIndex()])
    .toEqual([4, "sink", 1]);
  expect(context.getComponentTasks("source")).toEqual([1, 2]);
  expect(context.getComponentId(5)).toBe("sink");
  expect(context.getComponentIds()).toEqual(["source", "sink"]);
  expect([...context.getTaskToComponent()].length).toBe(5);
  expect([context.getTopologyName(), context.getTopologyId()]).toEqual(["context", "context-test"]);
});

test("TaskContext knows streams, sources and targets", () => {
  const context = contextOf(1);
  expect(context.getThisStreams()).toEqual(["default", "side"]);
  expect(context.getThisOutputFields("side").toList()).toEqual(["c"]);
  expect(context.getThisTargets().map(({ stream, component }) => [stream, component]))
    .toEqual([["default", "sink"], ["side", "sink"]]);
  expect(contextOf(3).getThisSources().map(({ stream }) => stream)).toEqual(["default", "side"]);
  expect(() => context.getThisOutputFields("none")).toThrow("expected one of [default, side]");
  expect(() => context.getComponentId(9)).toThrow("9");
});

test("TaskContext keeps data for its task", () => {
  const context = contextOf(1);
  context.setTaskData("key", 5);
  expect([context.getTaskData("key"), context.getTaskData("other")]).toEqual([5, undefined]);
});

test("TaskContext opens keyed states for the key groups of its task", () => {
  const builder = new TopologyBuilder("keyed");
  builder.setSpout("words", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["word"]),
  });
  builder.setBolt("count", { execute() {} }, 2).fieldsGrouping("words", ["word"]);
  const { definition } = builder.createTopology();
  const plan = PhysicalPlan.from(planOf(definition));
  const contexts = plan.tasksOf("count").map((task) =>
    new TaskContext(plan, task, placeOf(definition))
  );
  const taken = contexts.map((context) => {
    const counts = context.keyedState("counts", { value: "int32" });
    expect(context.keyedState("counts", { value: "int32" })).toBe(counts);
    expect(context.states.all().map(({ name }) => name)).toEqual(["counts"]);
    return ["a", "b", "c", "d", "e", "f", "g", "h"].filter((word) => {
      try {
        return counts.add([word], 1) === 1;
      } catch {
        return false;
      }
    });
  });
  expect(taken.flat().sort().join("")).toBe("abcdefgh");
  expect(taken.every((words) => words.length > 0)).toBe(true);
  const big: bigint | undefined = contexts[1]?.keyedState("big", { value: "int64" }).get(["a"]);
  expect(big).toBeUndefined();
});

test("TaskContext knows the topology as it was built, and the message time-out", () => {
  const context = contextOf(1);
  expect(context.getRawTopology().components.map(({ name }) => name)).toEqual(["source", "sink"]);
  expect(context.maxTopologyMessageTimeout()).toBe(30);
});

test("TaskContext registers metrics and hooks with the task's onlookers", () => {
  const context: TopologyContext = contextOf(1);
  const count = context.registerMetric("count", new CountMetric(), 10);
  count.incr();
  expect(context.registerMetric("mean", new MeanReducer(), 10)).toBeInstanceOf(ReducedMetric);
  expect(() => context.registerMetric("count", new CountMetric(), 10)).toThrow('"count"');
  const hook = {};
  context.addTaskHook(hook);
  expect(context.getHooks()).toEqual([hook]);
});
