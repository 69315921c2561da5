import { expect, test } from "bun:test";
import {
  BaseBasicBolt,
  type CustomStreamGrouping,
  type ISpout,
  TopologyBuilder,
  type TopologyContext,
} from "../../api/mod.ts";
import { PhysicalPlan } from "../../plan/mod.ts";
import { planOf } from "../../../tests/support/plans.ts";
import { TaskBench } from "../../../tests/support/task_bench.ts";

/** A spout (task 1) that never ends before a bolt (task 2), and its plans. */
function open(parts: { spout?: Partial<ISpout>; grouping?: CustomStreamGrouping } = {}) {
  const builder = new TopologyBuilder("updated");
  builder.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (to) => to.declare(["number"]),
    ...parts.spout,
  });
  const bolt = builder.setBolt("sink", new Sink());
  if (parts.grouping === undefined) bolt.shuffleGrouping("source");
  else bolt.customGrouping("source", parts.grouping);
  const topology = builder.createTopology();
  const planAt = (version: number) =>
    PhysicalPlan.from(planOf(topology.definition, { version, firstPort: 7000 + version }));
  return { topology, planAt };
}

/** Promises that are resolved have run what waits for them. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

class Sink extends BaseBasicBolt {
  static readonly updates: string[] = [];
  execute(): void {}
  override update(context: TopologyContext): void {
    Sink.updates.push(context.getThisComponentId());
  }
}

test("update() is called with the context of a newer plan, once, and not for the first", () => {
  const seen: string[] = [];
  const { topology, planAt } = open({
    spout: {
      open: (_config, context) => context.setTaskData("kept", "still there"),
      update(context) {
        seen.push(`${context.getThisTaskId()} ${context.getTaskData("kept")}`);
      },
    },
  });
  const bench = new TaskBench(topology, 1);
  bench.turns();
  bench.core.takePlan(planAt(1));
  bench.turns();
  expect(seen).toEqual([]);
  bench.core.takePlan(planAt(2));
  bench.core.takePlan(planAt(3));
  bench.turns();
  bench.core.takePlan(planAt(3));
  bench.turns();
  expect(seen).toEqual(["1 still there"]);
});

test("update() reaches a basic bolt, and the task works on", () => {
  const { topology, planAt } = open();
  const bench = new TaskBench(topology, 2);
  bench.turns();
  Sink.updates.length = 0;
  bench.core.takePlan(planAt(2));
  bench.turns();
  expect(Sink.updates).toEqual(["sink"]);
  expect(bench.core.state).toBe("running");
});

test("Custom groupings are prepared again with each newer plan, before update()", () => {
  const calls: string[] = [];
  const { topology, planAt } = open({
    spout: { update: () => void calls.push("update") },
    grouping: {
      prepare: (_context, _component, _stream, tasks) => void calls.push(`prepare ${tasks}`),
      chooseTasks: (): number[] => [],
    },
  });
  const bench = new TaskBench(topology, 1);
  bench.turns();
  expect(calls).toEqual(["prepare 2"]);
  bench.core.takePlan(planAt(2));
  bench.turns();
  expect(calls).toEqual(["prepare 2", "prepare 2", "update"]);
});

test("update() waits for a call under way, for credit and for open(); no other call overtakes it", async () => {
  const calls: string[] = [];
  let release: (() => void) | undefined;
  const { topology, planAt } = open({
    spout: {
      open: () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
      nextTuple: () => void calls.push("next"),
      async update() {
        calls.push("update");
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        calls.push("updated");
      },
    },
  });
  const bench = new TaskBench(topology, 1);
  bench.turns();
  bench.core.takePlan(planAt(2));
  bench.turns();
  expect(calls).toEqual([]);
  release?.();
  await settled();
  bench.hasRoom = false;
  bench.turns();
  expect(calls).toEqual([]);
  bench.hasRoom = true;
  expect(bench.core.canProceed()).toBe(true);
  bench.turns();
  expect(calls).toEqual(["update"]);
  release?.();
  await settled();
  bench.turns(2);
  expect(calls.slice(0, 3)).toEqual(["update", "updated", "next"]);
});

test("What update() throws ends the task with the user's error", () => {
  const { topology, planAt } = open({
    spout: {
      update() {
        throw new RangeError("no such plan");
      },
    },
  });
  const bench = new TaskBench(topology, 1);
  bench.turns();
  bench.core.takePlan(planAt(2));
  expect(() => bench.turns()).toThrow("no such plan");
});
