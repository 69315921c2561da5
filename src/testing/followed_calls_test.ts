/** Calls beside those of a component, and how tasks are closed, in the test kit. */

import { expect, test } from "bun:test";
import { acked, boltOf, failureOf, textSpout } from "../../tests/support/kit_topologies.ts";
import {
  Config,
  type IBolt,
  type ITaskHook,
  type Topology,
  TopologyBuilder,
  type TopologyContext,
} from "../api/mod.ts";
import { createTestTopology } from "./test_topology.ts";

/** A moment of real time. */
function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

function prepared(prepare: (context: TopologyContext) => void): () => Topology {
  return acked(() => ({ prepare: (_config, context) => prepare(context), execute() {} }));
}

test("an async callback of a timer is waited for in real time, and virtual time stands still", async () => {
  const startedMs: number[] = [];
  const endedMs: number[] = [];
  const told = { nowMs: () => 0 };
  const timed = prepared((context) =>
    context.registerTimer("look", 1_000, async () => {
      startedMs.push(told.nowMs());
      await moment();
      endedMs.push(told.nowMs());
    })
  );
  await using topology = await createTestTopology(timed);
  told.nowMs = () => topology.nowMs;
  await topology.advance(1_500);
  expect(startedMs).toHaveLength(1);
  expect(endedMs).toEqual(startedMs);
});

test("what the callback of a timer throws is told with the timer's name", async () => {
  const timed = prepared((context) =>
    context.registerTimer("look", 1_000, () => {
      throw new Error("no time");
    })
  );
  await using topology = await createTestTopology(timed);
  const failure = await failureOf(topology.advance(1_500));
  expect(failure.message).toContain('(bolt[0]) threw in timer "look": Error: no time');
});

test("async hooks are waited for, of the topology and of a task, and stay the user's own", async () => {
  const calls: string[] = [];
  const hookOf = (name: string): ITaskHook => ({
    async prepare() {
      await moment();
      calls.push(`${name} prepared`);
    },
    boltExecute: () => void calls.push(`${name} executed`),
  });
  const own = hookOf("own");
  let hooks: readonly ITaskHook[] = [];
  const hooked = (): Topology => {
    const builder = new TopologyBuilder("hooked");
    builder.setSpout("text", textSpout());
    const bolt: IBolt = {
      prepare(_config, context) {
        context.addTaskHook(own);
        hooks = context.getHooks();
      },
      execute() {},
    };
    builder.setBolt("bolt", bolt).shuffleGrouping("text");
    return builder.addTaskHook(() => hookOf("all")).createTopology();
  };
  await using topology = await createTestTopology(hooked, { mockSpouts: { text: [["a"]] } });
  expect(calls).toEqual(["all prepared", "all prepared", "own prepared"]);
  expect(hooks[1]).toBe(own);
  await topology.run();
  expect(calls.slice(3)).toEqual(["all executed", "own executed"]);
});

test("components that are frozen run", async () => {
  const frozen = acked(() => Object.freeze(boltOf((tuple, collector) => collector.ack(tuple))));
  await using topology = await createTestTopology(frozen, { mockSpouts: { text: [["a"]] } });
  await topology.run();
  expect(topology.acked("text")).toHaveLength(1);
});

test("outputs() and inputs() tell values as they were, whatever becomes of them", async () => {
  const changing = acked(() =>
    boltOf((tuple, collector) => {
      const [list] = tuple.getValues() as [number[]]; // what the test emits
      collector.emit(tuple, [list]);
      list.push(7);
      collector.ack(tuple);
    })
  );
  await using topology = await createTestTopology(changing, { mockSpouts: { text: [[[1]]] } });
  await topology.run();
  expect(topology.values("bolt")).toEqual([[[1]]]);
  expect(topology.inputs("bolt")[0]?.values).toEqual([[1]]);
});

test("run() closes all tasks, then rejects with what close and cleanup threw", async () => {
  const closed: string[] = [];
  const failing = (): Topology => {
    const builder = new TopologyBuilder("closing");
    const broken = new Error("the file is gone");
    builder.setSpout("text", textSpout());
    builder.setBolt("first", {
      execute() {},
      cleanup() {
        closed.push("first");
        throw broken;
      },
    }).shuffleGrouping("text");
    builder.setBolt("second", { execute() {}, cleanup: () => void closed.push("second") })
      .shuffleGrouping("text");
    return builder.createTopology();
  };
  const topology = await createTestTopology(failing, { mockSpouts: { text: [["a"]] } });
  const failure = await failureOf(topology.run());
  expect(failure.code).toBe("cleanup_failed");
  expect(failure.message).toMatch(
    /^Close the tasks: task \d \(first\[0\]\) threw in cleanup: Error: the file is gone$/,
  );
  expect(failure.cause).toEqual(new Error("the file is gone"));
  expect(closed.toSorted()).toEqual(["first", "second"]);
  // Told once: the end of the test has nothing to add.
  await topology[Symbol.asyncDispose]();
  expect(topology.inputs("second")).toHaveLength(1);
});

test("config is checked and translated as that of createTopology() is", async () => {
  const plain = (): Topology => {
    const builder = new TopologyBuilder("plain");
    builder.setSpout("text", textSpout());
    builder.setBolt("bolt", boltOf((tuple, collector) => collector.fail(tuple)))
      .shuffleGrouping("text");
    return builder.createTopology();
  };
  const mockSpouts = { text: [{ values: ["a"], messageId: 1 }] };
  for (const config of [{ "topology.acking": true }, new Config().setEnableAcking(true)]) {
    await using topology = await createTestTopology(plain, { config, mockSpouts });
    await topology.run();
    expect(topology.failed("text")).toMatchObject([{ messageId: 1, reason: "failed" }]);
  }
  const config = { "topology.stmgrs": "none", "topology.component.rammap": "no:1" };
  const failure = await failureOf(createTestTopology(plain, { config }));
  expect(failure.code).toBe("invalid_config");
  expect(failure.message).toBe(
    'Configure topology "plain": found 2 faults\n' +
      '  Topology: config "topology.stmgrs" is "none", expected a whole number from 1 to 10000\n' +
      '  Topology: config "topology.component.rammap" names component "no", expected one of "text", "bolt"',
  );
});

test("createTestTopology() refuses a function by which tasks share an object, not a mocked one", async () => {
  const spout = textSpout();
  const shared = (bolt: IBolt) => (): Topology => {
    const builder = new TopologyBuilder("shared");
    builder.setSpout("text", spout, 2);
    builder.setBolt("bolt", bolt, 2).shuffleGrouping("text");
    return builder.createTopology();
  };
  const mockSpouts = { text: [] };
  expect(createTestTopology(shared({ execute() {} }), { mockSpouts })).rejects
    .toThrow('found one object for several tasks of "bolt"');
  const anew = (): Topology => shared({ execute() {} })();
  await using _topology = await createTestTopology(anew, { mockSpouts });
  expect(createTestTopology(anew)).rejects.toThrow('found one object for several tasks of "text"');
});
