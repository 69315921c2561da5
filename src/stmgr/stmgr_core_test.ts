import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { StmgrRegisteredSchema, TaskEndedSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { PACKET_FIELD } from "../tuples/mod.ts";
import { planOf } from "../../tests/support/plans.ts";
import {
  acksFor,
  FakeLink,
  frameFor,
  openCore,
  register,
  twoByTwo,
} from "../../tests/support/stmgr_bench.ts";

const LIFE = { epoch: 1, counter: 1 };
const ADDRESS = {
  id: "stmgr-1",
  hostName: "127.0.0.1",
  dataPort: 7001,
  localDataPort: 0,
  localEndpoint: "/unused",
  cwd: "",
  pid: 1,
  shellPort: 0,
};

test("StmgrCore registers with the master once all its instances have", () => {
  const bench = openCore();
  register(bench.core, 1);
  expect(bench.registrations).toBe(0);
  register(bench.core, 3);
  expect(bench.registrations).toBe(1);
  expect(bench.core.registration(ADDRESS).tasks.map(({ task }) => task))
    .toEqual([1, 3]);
});

test("StmgrCore refuses an instance of another container", () => {
  const { core } = openCore();
  expect(core.refuseInstance("container_2_x_2", LIFE)).toContain("not of stmgr-1");
  expect(core.refuseInstance("container_1_x_3", LIFE)).toBeUndefined();
  const link = register(core, 2);
  expect(link.closed).toContain("Task 2");
});

test("StmgrCore forwards whole frames to local tasks and to peers, and holds what has no link", () => {
  const { core } = openCore();
  const [bolt, peer] = [register(core, 3), new FakeLink()];
  core.takePlan(planOf(twoByTwo()), 0);
  bolt.frames.length = 0;
  const local = frameFor(3);
  core.fromInstance(PACKET_FIELD.marker, local);
  expect(bolt.frames).toEqual([local.bytes]);
  const remote = frameFor(4);
  core.fromInstance(PACKET_FIELD.marker, remote);
  core.fromInstance(PACKET_FIELD.marker, remote);
  expect(core.heldBytes).toBe(2 * remote.bytes.length);
  core.peerOpened(peer, { stmgrId: "stmgr-2", life: LIFE }, 0);
  expect(peer.frames).toEqual([remote.bytes, remote.bytes]);
  expect(core.heldBytes).toBe(0);
});

test("StmgrCore keeps frames for others that come before its first plan, in their order", () => {
  const { core } = openCore();
  const [spout, peer] = [register(core, 1), new FakeLink()];
  core.peerOpened(peer, { stmgrId: "stmgr-2", life: LIFE }, 0);
  const frames = [frameFor(4), frameFor(2), frameFor(4)];
  for (const frame of frames) core.fromInstance(PACKET_FIELD.marker, frame);
  expect(core.heldBytes).toBe(frames.reduce((sum, { bytes }) => sum + bytes.length, 0));
  core.takePlan(planOf(twoByTwo()), 0);
  expect(peer.frames).toEqual(frames.map(({ bytes }) => bytes));
  expect(core.heldBytes).toBe(0);
  expect(spout.bodies).toContain("planUpdate");
});

test("StmgrCore holds frames for a task of its own that has not come yet", () => {
  const { core } = openCore();
  const frame = frameFor(3);
  core.fromPeer(PACKET_FIELD.marker, frame);
  expect(core.heldBytes).toBe(frame.bytes.length);
  const link = register(core, 3);
  expect(link.frames).toEqual([frame.bytes]);
});

test("StmgrCore tells its instances when a link to a peer is new", () => {
  const { core } = openCore();
  const spout = register(core, 1);
  core.peerOpened(new FakeLink(), { stmgrId: "stmgr-2", life: LIFE }, 0);
  expect(spout.bodies).toEqual(["peerUp"]);
});

test("StmgrCore closes an older link of the same peer and ignores its later end", () => {
  const { core } = openCore();
  core.takePlan(planOf(twoByTwo()), 0);
  const [older, newer] = [new FakeLink(), new FakeLink()];
  core.peerOpened(older, { stmgrId: "stmgr-2", life: LIFE }, 0);
  core.peerOpened(newer, { stmgrId: "stmgr-2", life: LIFE }, 0);
  expect(older.closed).toBeDefined();
  core.linkClosed(older, 0);
  core.fromInstance(PACKET_FIELD.marker, frameFor(2));
  expect(newer.bodies).toEqual(["stmgr-1 / stmgr-2 lost", "marker"]);
});

test("StmgrCore dials peers with higher numbers only", () => {
  const first = openCore(1);
  first.core.takePlan(planOf(twoByTwo()), 0);
  expect(first.dialled).toMatchObject([{ stmgrId: "stmgr-2", port: 7002 }]);
  const second = openCore(2);
  second.core.takePlan(planOf(twoByTwo()), 0);
  expect(second.dialled).toEqual([]);
});

test("StmgrCore refuses plans of an older master or version and takes newer ones", () => {
  const { core, reports } = openCore();
  expect(core.takePlan(planOf(twoByTwo(), { leaseNumber: 3n, version: 2 }), 0)).toBe(true);
  expect(core.takePlan(planOf(twoByTwo(), { leaseNumber: 2n, version: 9 }), 0)).toBe(false);
  expect(core.takePlan(planOf(twoByTwo(), { leaseNumber: 3n, version: 1 }), 0)).toBe(false);
  expect(core.plan?.version).toBe(2);
  expect(reports).toEqual(["stale plan refused", "stale plan refused"]);
  expect(core.takePlan(planOf(twoByTwo(), { leaseNumber: 4n, version: 2 }), 0)).toBe(true);
});

test("StmgrCore repeats the ends of its tasks at each registration", () => {
  const { core, told } = openCore();
  core.taskEnded({ $typeName: "heron_bin.wire.TaskEnded", task: 3 });
  expect(told).toEqual([3]);
  expect(core.registration(ADDRESS).ended.map(({ task }) => task)).toEqual([3]);
});

test("StmgrCore passes the order to drain on, also to instances that come later", () => {
  const { core } = openCore();
  const early = register(core, 1);
  core.drainSpouts();
  core.drainSpouts();
  const late = register(core, 3);
  expect(early.bodies).toEqual(["drainSpouts"]);
  expect(late.bodies).toEqual(["drainSpouts"]);
});

test("StmgrCore counts tuples it has no way for", () => {
  const { core } = openCore();
  core.fromPeer(PACKET_FIELD.marker, frameFor(2));
  expect(core.dropped.size).toBe(0);
  const empty = new Uint8Array([4, 0x1a, 2, 8, 2]);
  core.fromPeer(PACKET_FIELD.batch, { bytes: empty, start: 0, bodyStart: 3, end: 5 });
  expect([...core.dropped]).toEqual([["not_local", 0]]);
});

test("StmgrCore keeps frames of tasks that are local nowhere for the stream manager that serves them", () => {
  const { core } = openCore();
  core.takePlan(planOf(twoByTwo()), 0);
  core.fromPeer(PACKET_FIELD.marker, frameFor(4));
  expect(core.heldBytes).toBe(0);
  core.fromInstance(PACKET_FIELD.marker, frameFor(4));
  expect(core.heldBytes).toBe(frameFor(4).bytes.length);
});

test("StmgrCore takes the same plan once", () => {
  const { core, dialled } = openCore();
  const spout = register(core, 1);
  expect(core.takePlan(planOf(twoByTwo()), 0)).toBe(true);
  expect(core.takePlan(planOf(twoByTwo()), 0)).toBe(true);
  expect(spout.bodies).toEqual(["planUpdate"]);
  expect(dialled.length).toBe(1);
});

test("StmgrCore.load() serves tasks and peers and refuses an older master before any answers", () => {
  const { core, dialled } = openCore();
  core.load(planOf(twoByTwo(), { leaseNumber: 5n }), []);
  expect(dialled).toMatchObject([{ stmgrId: "stmgr-2", port: 7002 }]);
  expect(core.hasMaster).toBe(true);
  const answers: unknown[] = [];
  const answer = (value: unknown): void => void answers.push(value);
  core.registerInstance(new FakeLink(), { taskId: 1, life: LIFE, answer });
  expect(answers).toMatchObject([{ ended: false, plan: { leaseNumber: 5n } }]);
  const older = { schedulerEpoch: 1, leaseNumber: 4n, draining: true };
  expect(core.registered(create(StmgrRegisteredSchema, older), 0)).toBe(false);
  expect(core.takePlan(planOf(twoByTwo(), { leaseNumber: 4n, version: 7 }), 0)).toBe(false);
  const late = register(core, 3, { epoch: 1, counter: 3 });
  expect(late.bodies).toEqual([]);
  const newer = { schedulerEpoch: 1, leaseNumber: 6n, draining: true };
  expect(core.registered(create(StmgrRegisteredSchema, newer), 0)).toBe(true);
  expect(late.bodies).toEqual(["drainSpouts"]);
});

test("StmgrCore.load() keeps the ends of its own tasks: a later life of one is told that it has ended", () => {
  const { core } = openCore();
  const ends = [2, 3].map((task) => create(TaskEndedSchema, { task, incarnation: LIFE }));
  core.load(planOf(twoByTwo()), ends);
  expect(core.registration(ADDRESS).ended.map(({ task }) => task)).toEqual([3]);
  const answers: unknown[] = [];
  const answer = (value: unknown): void => void answers.push(value);
  core.registerInstance(new FakeLink(), { taskId: 3, life: { epoch: 1, counter: 9 }, answer });
  core.registerInstance(new FakeLink(), { taskId: 1, life: { epoch: 1, counter: 9 }, answer });
  expect(answers).toMatchObject([{ ended: true }, { ended: false }]);
});

test("StmgrCore tells a task that ended and was started again that it has ended", () => {
  const { core } = openCore();
  register(core, 3);
  core.taskEnded(create(TaskEndedSchema, { task: 3, incarnation: LIFE }));
  const answers: unknown[] = [];
  const answer = (value: unknown): void => void answers.push(value);
  core.registerInstance(new FakeLink(), { taskId: 3, life: LIFE, answer });
  core.registerInstance(new FakeLink(), { taskId: 3, life: { epoch: 1, counter: 2 }, answer });
  expect(answers).toMatchObject([{ ended: false }, { ended: true }]);
});

test("StmgrCore tells a task that its end is stored, also when it comes again", () => {
  const { core } = openCore();
  const first = register(core, 3);
  core.taskEnded(create(TaskEndedSchema, { task: 3, incarnation: LIFE }));
  expect(first.bodies).not.toContain("endsStored");
  core.endsStored([1, 2, 3]);
  expect(first.bodies.filter((body) => body === "endsStored").length).toBe(1);
  const again = new FakeLink();
  core.registerInstance(again, { taskId: 3, life: { epoch: 1, counter: 2 }, answer: () => {} });
  expect(again.bodies).toContain("endsStored");
});

test("StmgrCore tells a life that works on of an end that only the topology master knows of", () => {
  const { core } = openCore();
  const link = register(core, 3);
  core.endsStored([3]);
  expect(link.bodies).toContain("endsStored");
  const answers: unknown[] = [];
  core.registerInstance(new FakeLink(), {
    taskId: 3,
    life: { epoch: 1, counter: 2 },
    answer: (value) => void answers.push(value),
  });
  expect(answers).toMatchObject([{ ended: true }]);
});

test("StmgrCore ends when it hears of a later life of itself", () => {
  const { core, replaced } = openCore();
  const table = {
    tasks: [],
    stmgrs: [{ stmgr: "stmgr-1", incarnation: { epoch: 1, counter: 2 } }],
  };
  core.peerOpened(new FakeLink(), { stmgrId: "stmgr-2", life: LIFE, table }, 0);
  expect(replaced).toEqual(["incarnation 1.2 of stmgr-1 is known"]);
});

test("StmgrCore merges acks for an instance that does not read, and sends them once it does", () => {
  const { core } = openCore();
  const spout = register(core, 1);
  spout.queuedBytes = 2000;
  for (let round = 0; round < 501; round++) {
    const acks = acksFor(1, round % 10, round);
    core.fromInstance(PACKET_FIELD.acks, acks);
    core.fromPeer(PACKET_FIELD.acks, acks);
    core.fromPeer(PACKET_FIELD.acks, acksFor(1, round % 10, 1));
  }
  expect(spout.frames).toEqual([]);
  expect(core.waitingBytes).toBeLessThan(2000 + 10 * 30 + 100);
  spout.queuedBytes = 0;
  core.linkDrained(spout);
  expect(spout.bodies).toEqual(["acks"]);
  expect(core.heldBytes).toBe(0);
});

test("StmgrCore.table() tells the lives of its own tasks over those of the plan", () => {
  const { core } = openCore();
  core.takePlan(planOf(twoByTwo()), 0);
  register(core, 3, { epoch: 2, counter: 9 });
  const { tasks, stmgrs } = core.table();
  expect(tasks).toMatchObject([1, 2, 3, 4].map((task) => ({
    task,
    incarnation: task === 3 ? { epoch: 2, counter: 9 } : { epoch: 1, counter: task },
  })));
  expect(stmgrs).toEqual([{ stmgr: "stmgr-1", incarnation: { epoch: 1, counter: 1 } }]);
});

test("StmgrCore refuses an older master's plan also before it has one itself", () => {
  const { core } = openCore();
  core.registered(create(StmgrRegisteredSchema, { schedulerEpoch: 1, leaseNumber: 3n }), 0);
  expect(core.takePlan(planOf(twoByTwo(), { leaseNumber: 2n }), 0)).toBe(false);
  expect(core.plan).toBeUndefined();
  expect(core.takePlan(planOf(twoByTwo(), { leaseNumber: 3n }), 0)).toBe(true);
});
