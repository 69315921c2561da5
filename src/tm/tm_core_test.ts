import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { TopologyBuilder } from "../api/mod.ts";
import {
  type PlanUpdate,
  type RegisterStmgr,
  RegisterStmgrSchema,
  TaskEndedSchema,
  TaskStuckSchema,
  type TaskTotals,
} from "../base/gen/heron_bin/packet_pb.ts";
import type { PacketInit } from "../base/wire/mod.ts";
import { pack } from "../../tests/support/plans.ts";
import { type StmgrLink, TmCore } from "./tm_core.ts";

class FakeLink implements StmgrLink {
  readonly sent: (string | undefined)[] = [];
  closed: string | undefined;

  send(packet: PacketInit): void {
    this.sent.push(packet.body?.case);
  }

  close(reason?: string): void {
    this.closed = reason;
  }
}

interface Bench {
  readonly core: TmCore;
  readonly stored: PlanUpdate[];
  readonly running: number[];
  readonly ended: (readonly TaskTotals[])[];
  readonly stalled: string[];
}

function openCore(): Bench {
  const builder = new TopologyBuilder("two");
  builder.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["a"]),
  }, 2);
  builder.setBolt("sink", { execute() {} }, 2).shuffleGrouping("source");
  const { definition } = builder.createTopology({ "topology.stmgrs": 2 });
  const bench: Omit<Bench, "core"> = { stored: [], running: [], ended: [], stalled: [] };
  const core = new TmCore({
    ...pack(definition),
    schedulerEpoch: 1,
    leaseNumber: 5n,
    cycleStallMs: 10_000,
    ports: {
      storePlan: (update) => void bench.stored.push(update),
      running: (tasks) => void bench.running.push(tasks),
      ended: (totals) => void bench.ended.push(totals),
      stalled: (cycle) => void bench.stalled.push(cycle),
      report: () => {},
    },
  });
  return { ...bench, core };
}

function recordOf(
  container: 1 | 2,
  options: { port?: number; counter?: number } = {},
): RegisterStmgr {
  const tasks = container === 1 ? [1, 3] : [2, 4];
  return create(RegisterStmgrSchema, {
    stmgr: {
      id: `stmgr-${container}`,
      hostName: "127.0.0.1",
      dataPort: options.port ?? 7000 + container,
      localEndpoint: "/unused",
    },
    incarnation: { epoch: 1, counter: options.counter ?? 1 },
    instances: tasks.map((taskId) => ({
      instanceId: `i${taskId}`,
      stmgrId: `stmgr-${container}`,
      info: { taskId, componentIndex: 0, componentName: taskId < 3 ? "source" : "sink" },
    })),
    tasks: tasks.map((task) => ({ task, incarnation: { epoch: 1, counter: task } })),
  });
}

function endOf(task: number) {
  return create(TaskEndedSchema, { task, totals: { component: "x", emitted: 1n } });
}

test("TmCore makes the plan when all have registered, and sends it only when it is stored", () => {
  const { core, stored, running } = openCore();
  const [first, second] = [new FakeLink(), new FakeLink()];
  expect(core.registerStmgr(first, recordOf(1)).plan).toBeUndefined();
  expect(stored.length).toBe(0);
  core.registerStmgr(second, recordOf(2));
  expect(stored.length).toBe(1);
  expect([core.state, first.sent]).toEqual(["storing", []]);
  core.planStored();
  expect([core.state, first.sent, second.sent]).toEqual(["running", ["planUpdate"], [
    "planUpdate",
  ]]);
  expect(running).toEqual([4]);
  expect(stored[0]).toMatchObject({ schedulerEpoch: 1, leaseNumber: 5n, planVersion: 1 });
  expect(stored[0]?.tasks.length).toBe(4);
});

test("TmCore refuses whom the packing plan does not know, and tasks that are not theirs", () => {
  const { core } = openCore();
  const stranger = recordOf(1);
  if (stranger.stmgr !== undefined) stranger.stmgr.id = "stmgr-9";
  expect(core.registerStmgr(new FakeLink(), stranger).refused).toContain('"stmgr-9"');
  const wrong = recordOf(1);
  wrong.instances.pop();
  expect(core.registerStmgr(new FakeLink(), wrong).refused).toContain("expected [1,3]");
});

test("TmCore refuses an older incarnation and closes the link of an older one", () => {
  const { core } = openCore();
  const [older, newer] = [new FakeLink(), new FakeLink()];
  core.registerStmgr(older, recordOf(1, { counter: 2 }));
  core.registerStmgr(newer, recordOf(1, { counter: 3 }));
  expect(older.closed).toBeDefined();
  expect(core.registerStmgr(new FakeLink(), recordOf(1, { counter: 2 })).refused)
    .toContain("replaced by incarnation 1.3");
});

test("TmCore gives a new link the plan, and all a new one when the address changed", () => {
  const { core, stored } = openCore();
  const [first, second] = [new FakeLink(), new FakeLink()];
  core.registerStmgr(first, recordOf(1));
  core.registerStmgr(second, recordOf(2));
  core.planStored();
  core.linkClosed(first);
  const again = new FakeLink();
  expect(core.registerStmgr(again, recordOf(1)).plan).toBeDefined();
  core.linkClosed(second);
  core.registerStmgr(new FakeLink(), recordOf(2, { port: 9000 }));
  core.planStored();
  expect(stored.at(-1)).toMatchObject({ planVersion: 1, addressVersion: stored.length });
  expect(stored.at(-1)?.plan?.stmgrs.map(({ dataPort }) => dataPort)).toEqual([7001, 9000]);
  expect(again.sent).toContain("planUpdate");
});

test("TmCore refuses heartbeats of those who are not registered", () => {
  const { core } = openCore();
  const link = new FakeLink();
  expect(core.heartbeat(link)).toContain("Unknown");
  core.registerStmgr(link, recordOf(1));
  expect(core.heartbeat(link)).toBeUndefined();
});

test("TmCore tells the end once, when every task has ended, however often it hears of it", () => {
  const { core, ended } = openCore();
  core.registerStmgr(new FakeLink(), recordOf(1));
  core.registerStmgr(new FakeLink(), recordOf(2));
  core.planStored();
  for (const task of [1, 2, 3, 3]) core.taskEnded(endOf(task));
  expect(ended.length).toBe(0);
  core.taskEnded(endOf(4));
  core.taskEnded(endOf(4));
  expect(ended.length).toBe(1);
  expect(ended[0]?.length).toBe(4);
});

test("TmCore hears of ends that a registration repeats", () => {
  const { core, ended } = openCore();
  const [first, second] = [new FakeLink(), new FakeLink()];
  core.registerStmgr(first, recordOf(1));
  core.registerStmgr(second, recordOf(2));
  core.planStored();
  for (const task of [2, 4]) core.taskEnded(endOf(task));
  core.linkClosed(first);
  const record = recordOf(1);
  record.ended = [endOf(1), endOf(3)];
  core.registerStmgr(new FakeLink(), record);
  expect(ended.length).toBe(1);
});

test("TmCore.drain() tells all once, and whoever registers later", () => {
  const { core } = openCore();
  const [first, second] = [new FakeLink(), new FakeLink()];
  core.registerStmgr(first, recordOf(1));
  core.drain();
  core.drain();
  expect(first.sent).toEqual(["drainSpouts"]);
  expect(core.registerStmgr(second, recordOf(2)).draining).toBe(true);
});

test("taskStuck() names the tasks of a cycle that stands, once", () => {
  const { core, stalled } = openCore();
  core.registerStmgr(new FakeLink(), recordOf(1));
  core.registerStmgr(new FakeLink(), recordOf(2));
  core.planStored();
  for (let nowMs = 5_000; nowMs <= 20_000; nowMs += 1_250) {
    core.taskStuck(create(TaskStuckSchema, { task: 3, waitsFor: [4] }), nowMs);
    core.taskStuck(create(TaskStuckSchema, { task: 4, waitsFor: [3] }), nowMs);
  }
  expect(stalled).toEqual(["sink[0] → sink[1] → sink[0]"]);
});
