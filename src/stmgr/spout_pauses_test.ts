import { expect, test } from "bun:test";
import { TopologyBuilder } from "../api/mod.ts";
import { PhysicalPlan } from "../plan/mod.ts";
import { planOf } from "../../tests/support/plans.ts";
import { SpoutPauses } from "./spout_pauses.ts";

/** Spouts "a" (task 1) and "b" (2), bolts "x" (3) of both and "y" (4) of "b" alone. */
function openPauses() {
  const builder = new TopologyBuilder("two");
  for (const name of ["a", "b"]) {
    builder.setSpout(name, {
      nextTuple() {},
      declareOutputFields: (declarer) => declarer.declare(["n"]),
    });
  }
  builder.setBolt("x", { execute() {} }).shuffleGrouping("a").shuffleGrouping("b");
  builder.setBolt("y", { execute() {} }).shuffleGrouping("b");
  const plan = PhysicalPlan.from(planOf(builder.createTopology({}).definition));
  const told: string[] = [];
  const pauses = new SpoutPauses(
    plan.tasks,
    (task, culprits) => void told.push(`${task}: ${culprits.join(" ")}`),
  );
  for (const { taskId } of plan.tasks) pauses.taskCame(taskId, 0);
  return { pauses, plan, told };
}

test("SpoutPauses.set() tells each spout the tasks that it can reach, at each change", () => {
  const { pauses, plan, told } = openPauses();
  pauses.takePlan(plan, 0);
  pauses.set(new Set([4]), 10);
  expect(told).toEqual(["2: 4"]);
  pauses.set(new Set([4, 3]), 20);
  expect(told.slice(1)).toEqual(["1: 3", "2: 3 4"]);
  pauses.set(new Set([3]), 30);
  pauses.set(new Set(), 40);
  expect(told.slice(3)).toEqual(["2: 3", "1: ", "2: "]);
  expect(pauses.pausedMs(100)).toBe(30);
});

test("SpoutPauses.set() passes over tasks that the plan does not know", () => {
  const { pauses, plan, told } = openPauses();
  pauses.takePlan(plan, 0);
  pauses.set(new Set([99]), 10);
  expect(told).toEqual([]);
});

test("SpoutPauses tells what holds already when the plan comes", () => {
  const { pauses, plan, told } = openPauses();
  pauses.set(new Set([4]), 10);
  expect(told).toEqual([]);
  pauses.takePlan(plan, 20);
  expect(told).toEqual(["2: 4"]);
});

test("SpoutPauses.taskCame() tells a new connection, which knows of nothing", () => {
  const { pauses, plan, told } = openPauses();
  pauses.takePlan(plan, 0);
  pauses.set(new Set([4]), 10);
  pauses.taskLost(2, 20);
  expect(pauses.pausedMs(100)).toBe(10);
  pauses.set(new Set([4, 3]), 25);
  expect(told.slice(1)).toEqual(["1: 3"]);
  pauses.taskCame(2, 30);
  pauses.taskCame(2, 40);
  expect(told.slice(2)).toEqual(["2: 3 4", "2: 3 4"]);
});
