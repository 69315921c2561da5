import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { IncarnationSchema, TaskStuckSchema } from "../base/gen/heron_bin/packet_pb.ts";
import {
  endOf,
  FakeLink,
  openCore,
  recordOf,
  storedPlan,
  tasksOf,
} from "../../tests/support/tm_bench.ts";

test("TmCore makes the plan when all have registered, and sends it only when it is stored", () => {
  const { core, stored, running } = openCore();
  const [first, second] = [new FakeLink(), new FakeLink()];
  core.registerStmgr(first, recordOf(1));
  expect([stored.length, first.sent]).toEqual([0, []]);
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

test("TmCore says once that it runs, also when it is started after that", () => {
  const { core, running } = openCore();
  core.registerStmgr(new FakeLink(), recordOf(1));
  core.registerStmgr(new FakeLink(), recordOf(2));
  core.planStored();
  core.start();
  expect(running).toEqual([4]);
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
  core.registerStmgr(again, recordOf(1));
  expect(again.sent).toEqual(["planUpdate"]);
  core.linkClosed(second);
  core.registerStmgr(new FakeLink(), recordOf(2, { port: 9000 }));
  core.planStored();
  expect(stored.at(-1)).toMatchObject({ planVersion: 1, addressVersion: stored.length });
  expect(stored.at(-1)?.plan?.stmgrs.map(({ dataPort }) => dataPort)).toEqual([7001, 9000]);
  expect(again.sent).toEqual(["planUpdate", "planUpdate"]);
});

test("TmCore refuses heartbeats of those who are not registered", () => {
  const { core } = openCore();
  const link = new FakeLink();
  expect(core.heartbeat(link)).toContain("Unknown");
  core.registerStmgr(link, recordOf(1));
  expect(core.heartbeat(link)).toBeUndefined();
});

test("TmCore tells the end once, when every task's end is stored, however often it hears of it", () => {
  const { core, ends, ended } = openCore();
  core.registerStmgr(new FakeLink(), recordOf(1));
  core.registerStmgr(new FakeLink(), recordOf(2));
  core.planStored();
  for (const task of [1, 2, 3, 3, 4, 4, 9]) core.taskEnded(endOf(task));
  expect([ends.map(tasksOf), ended]).toEqual([[[1]], []]);
  core.endsStored(ends[0] ?? []);
  // All that came meanwhile goes together.
  expect([ends.slice(1).map(tasksOf), ended]).toEqual([[[1, 2, 3, 4]], []]);
  core.endsStored(ends[1] ?? []);
  core.taskEnded(endOf(4));
  expect([ends.length, ended.length, ended[0]?.length]).toEqual([2, 1, 4]);
});

test("TmCore tells a stream manager of its tasks' ends when they are stored, and again when it is asked", () => {
  const { core, ends } = openCore();
  const [first, second] = [new FakeLink(), new FakeLink()];
  core.registerStmgr(first, recordOf(1));
  core.registerStmgr(second, recordOf(2));
  core.planStored();
  for (const task of [1, 2, 3]) core.taskEnded(endOf(task));
  expect([first.endsStored, second.endsStored]).toEqual([[], []]);
  core.endsStored(ends[0] ?? []);
  expect([first.endsStored, second.endsStored]).toEqual([[[1]], []]);
  core.endsStored(ends[1] ?? []);
  expect([first.endsStored, second.endsStored]).toEqual([[[1], [3]], [[2]]]);
  // The answer was lost with a stream manager.
  core.taskEnded(endOf(1));
  expect(first.endsStored).toEqual([[1], [3], [1]]);
  const later = new FakeLink();
  core.registerStmgr(later, recordOf(1));
  expect(later.endsStored).toEqual([[1, 3]]);
});

test("TmCore hears of ends that a registration repeats", () => {
  const { core, ends, ended } = openCore();
  const [first, second] = [new FakeLink(), new FakeLink()];
  core.registerStmgr(first, recordOf(1));
  core.registerStmgr(second, recordOf(2));
  core.planStored();
  for (const task of [2, 4]) core.taskEnded(endOf(task));
  core.linkClosed(first);
  const record = recordOf(1);
  record.ended = [endOf(1), endOf(3)];
  core.registerStmgr(new FakeLink(), record);
  for (let told = 0; told < ends.length; told++) core.endsStored(ends[told] ?? []);
  expect(ended.length).toBe(1);
});

test("TmCore goes on from what is stored: at once, under its own term, and waits for nobody", () => {
  const stored = { update: storedPlan(), ended: [endOf(1)] };
  const bench = openCore(stored, 6n);
  const { core, running } = bench;
  expect(core.state).toBe("running");
  core.start();
  expect(running).toEqual([4]);
  const link = new FakeLink();
  expect(core.registerStmgr(link, recordOf(2))).toMatchObject({ leaseNumber: 6n, refused: "" });
  expect(link.plan).toMatchObject({ leaseNumber: 6n, addressVersion: 1 });
  expect(link.plan?.plan).toEqual(stored.update.plan);
  // Nothing has changed: nothing to store or to send.
  core.registerStmgr(new FakeLink(), recordOf(1));
  expect([bench.stored, bench.ends, bench.ended]).toEqual([[], [], []]);
  for (const task of [2, 3, 4]) core.taskEnded(endOf(task));
  for (let told = 0; told < bench.ends.length; told++) core.endsStored(bench.ends[told] ?? []);
  expect(bench.ended[0]?.length).toBe(4);
  expect(running).toEqual([4]);
});

test("TmCore tells the end again when all ends are stored", () => {
  const ended = [1, 2, 3, 4].map(endOf);
  const bench = openCore({ update: storedPlan(), ended });
  bench.core.start();
  expect([bench.running, bench.ended.length]).toEqual([[4], 1]);
});

test("TmCore after a restart makes a plan for what changed, and keeps what has not registered", () => {
  const bench = openCore({ update: storedPlan(), ended: [] }, 6n);
  bench.core.start();
  const link = new FakeLink();
  bench.core.registerStmgr(link, recordOf(2, { port: 9000, counter: 2 }));
  expect(bench.stored.length).toBe(1);
  expect(bench.stored[0]).toMatchObject({ leaseNumber: 6n, planVersion: 1, addressVersion: 2 });
  expect(bench.stored[0]?.plan?.stmgrs.map(({ dataPort }) => dataPort)).toEqual([7001, 9000]);
  expect(bench.stored[0]?.stmgrs.map(({ incarnation }) => incarnation?.counter)).toEqual([1, 2]);
  expect(bench.stored[0]?.tasks.map(({ incarnation }) => incarnation?.counter))
    .toEqual([1, 2, 3, 4]);
  expect(link.plan?.addressVersion).toBe(1);
  bench.core.planStored();
  expect([link.plan?.addressVersion, bench.running]).toEqual([2, [4]]);
  expect(bench.core.registerStmgr(new FakeLink(), recordOf(2)).refused)
    .toContain("replaced by incarnation 1.2");
});

test("TmCore makes a plan when a task has another life, and never goes back to a lower one", () => {
  const bench = openCore({ update: storedPlan(), ended: [] });
  bench.core.start();
  const [link, other] = [new FakeLink(), new FakeLink()];
  bench.core.registerStmgr(link, recordOf(1));
  bench.core.registerStmgr(other, recordOf(2));
  const record = recordOf(1);
  const [task] = record.tasks;
  if (task !== undefined) task.incarnation = create(IncarnationSchema, { epoch: 2, counter: 1 });
  // On the link that is open already.
  expect(bench.core.registerStmgr(link, record).refused).toBe("");
  expect(link.closed).toBeUndefined();
  expect(bench.stored.at(-1)?.tasks[0]?.incarnation).toMatchObject({ epoch: 2, counter: 1 });
  bench.core.planStored();
  expect(other.sent).toEqual(["planUpdate", "planUpdate"]);
  const { length } = link.sent;
  bench.core.registerStmgr(link, recordOf(1));
  // It has the plan.
  expect([bench.stored.length, link.sent.length]).toEqual([1, length]);
});

test("TmCore waits for all when the stored plan does not name all", () => {
  const update = storedPlan();
  update.plan?.stmgrs.pop();
  const bench = openCore({ update, ended: [] });
  bench.core.start();
  expect([bench.core.state, bench.running]).toEqual(["waiting", []]);
  bench.core.registerStmgr(new FakeLink(), recordOf(1));
  bench.core.registerStmgr(new FakeLink(), recordOf(2));
  expect(bench.stored.map(({ addressVersion }) => addressVersion)).toEqual([2]);
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

test("taskStuck() of a task that was lost does not count, as it may have been withdrawn", () => {
  const { core, stalled } = openCore();
  const link = new FakeLink();
  core.registerStmgr(link, recordOf(1));
  core.registerStmgr(new FakeLink(), recordOf(2));
  core.planStored();
  const stuck = (task: number, waitsFor: number[], nowMs: number) =>
    core.taskStuck(create(TaskStuckSchema, { task, waitsFor }), nowMs);
  let nowMs = 5_000;
  for (; nowMs < 8_750; nowMs += 1_250) {
    stuck(3, [4], nowMs);
    stuck(4, [3], nowMs);
  }
  core.linkClosed(link);
  // Task 3 begins anew: it is not as if it had stood all the time.
  stuck(3, [4], nowMs);
  stuck(4, [3], nowMs);
  expect(stalled).toEqual([]);
  for (; nowMs < 15_000; nowMs += 1_250) {
    stuck(3, [4], nowMs);
    stuck(4, [3], nowMs);
  }
  expect(stalled.length).toBe(1);
});
