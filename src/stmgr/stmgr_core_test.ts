import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { TopologyBuilder, type TopologyDefinition } from "../api/mod.ts";
import { StmgrRegisteredSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { decodePacket } from "../base/wire/mod.ts";
import { encodeChannelHeader, encodeMarker, MARKER_KIND, PACKET_FIELD } from "../tuples/mod.ts";
import { planOf } from "../../tests/support/plans.ts";
import type { Link } from "./outlet.ts";
import { type PeerAddress, StmgrCore } from "./stmgr_core.ts";

/** A link that keeps what is sent. */
class FakeLink implements Link {
  readonly frames: Uint8Array[] = [];
  readonly queuedBytes = 5;
  closed: string | undefined;

  sendFrame(bytes: Uint8Array, start: number, end: number): void {
    this.frames.push(bytes.slice(start, end));
  }

  close(reason?: string): void {
    this.closed = reason;
  }

  /** The bodies of what was sent. */
  get bodies(): (string | undefined)[] {
    return this.frames.map((frame) => {
      const prefix = frame.findIndex((byte) => byte < 0x80) + 1;
      return decodePacket(frame, prefix, frame.length).body.case;
    });
  }
}

/** Spout (tasks 1, 2) and bolt (tasks 3, 4) over two containers: odd tasks in 1, even in 2. */
function definition(): TopologyDefinition {
  const builder = new TopologyBuilder("two");
  builder.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["a"]),
  }, 2);
  builder.setBolt("sink", { execute() {} }, 2).shuffleGrouping("source");
  return builder.createTopology({ "topology.stmgrs": 2 }).definition;
}

interface Bench {
  readonly core: StmgrCore;
  readonly dialled: PeerAddress[];
  readonly told: number[];
  readonly reports: string[];
  registrations: number;
}

function openCore(container = 1): Bench {
  const tasks = container === 1 ? [1, 3] : [2, 4];
  const bench: Omit<Bench, "core"> = { dialled: [], told: [], reports: [], registrations: 0 };
  const core = new StmgrCore({
    stmgrId: `stmgr-${container}`,
    life: { epoch: 1, counter: 1 },
    localTasks: tasks.map((taskId) => ({
      taskId,
      instanceId: `container_${container}_x_${taskId}`,
      component: taskId < 3 ? "source" : "sink",
      componentIndex: 0,
    })),
    ports: {
      dial: (peer) => void bench.dialled.push(peer),
      registerNow: () => void bench.registrations++,
      tellTm: (ended) => void bench.told.push(ended.task),
      tellStuck: (stuck) => void bench.told.push(-stuck.task),
      report: (event) => void bench.reports.push(event),
    },
  });
  return Object.assign(bench, { core });
}

function frameFor(
  task: number,
): { bytes: Uint8Array; start: number; bodyStart: number; end: number } {
  const header = encodeChannelHeader({
    destinationTask: task,
    sourceTask: 1,
    sourceEpoch: 1,
    sourceCounter: 1,
    planVersion: 1,
    restoreEpoch: 0,
  });
  const bytes = encodeMarker(header, { offset: 0, kind: MARKER_KIND.end });
  return { bytes, start: 0, bodyStart: 3, end: bytes.length };
}

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
  bench.core.registerInstance(new FakeLink(), 1, LIFE);
  expect(bench.registrations).toBe(0);
  bench.core.registerInstance(new FakeLink(), 3, LIFE);
  expect(bench.registrations).toBe(1);
  expect(bench.core.registration(ADDRESS).tasks.map(({ task }) => task))
    .toEqual([1, 3]);
});

test("StmgrCore refuses an instance of another container", () => {
  const { core } = openCore();
  expect(core.refuseInstance("container_2_x_2")).toContain("not of stmgr-1");
  expect(core.refuseInstance("container_1_x_3")).toBeUndefined();
  const link = new FakeLink();
  core.registerInstance(link, 2, LIFE);
  expect(link.closed).toContain("Task 2");
});

test("StmgrCore forwards whole frames to local tasks and to peers, and holds what has no link", () => {
  const { core } = openCore();
  const [spout, bolt, peer] = [new FakeLink(), new FakeLink(), new FakeLink()];
  core.registerInstance(spout, 1, LIFE);
  core.registerInstance(bolt, 3, LIFE);
  core.takePlan(planOf(definition()));
  bolt.frames.length = 0;
  const local = frameFor(3);
  core.fromInstance(PACKET_FIELD.marker, local);
  expect(bolt.frames).toEqual([local.bytes]);
  const remote = frameFor(4);
  core.fromInstance(PACKET_FIELD.marker, remote);
  core.fromInstance(PACKET_FIELD.marker, remote);
  expect(core.heldBytes).toBe(2 * remote.bytes.length);
  core.peerOpened(peer, "stmgr-2");
  expect(peer.frames).toEqual([remote.bytes, remote.bytes]);
  expect(core.heldBytes).toBe(0);
});

test("StmgrCore holds frames for a task of its own that has not come yet", () => {
  const { core } = openCore();
  const frame = frameFor(3);
  core.fromPeer(PACKET_FIELD.marker, frame);
  expect(core.heldBytes).toBe(frame.bytes.length);
  const link = new FakeLink();
  core.registerInstance(link, 3, LIFE);
  expect(link.frames).toEqual([frame.bytes]);
});

test("StmgrCore tells its instances when a link to a peer is new", () => {
  const { core } = openCore();
  const spout = new FakeLink();
  core.registerInstance(spout, 1, LIFE);
  core.peerOpened(new FakeLink(), "stmgr-2");
  expect(spout.bodies).toEqual(["peerUp"]);
});

test("StmgrCore closes an older link of the same peer and ignores its later end", () => {
  const { core } = openCore();
  core.takePlan(planOf(definition()));
  const [older, newer] = [new FakeLink(), new FakeLink()];
  core.peerOpened(older, "stmgr-2");
  core.peerOpened(newer, "stmgr-2");
  expect(older.closed).toBeDefined();
  core.linkClosed(older);
  core.fromInstance(PACKET_FIELD.marker, frameFor(2));
  expect(newer.frames.length).toBe(1);
});

test("StmgrCore dials peers with higher numbers only", () => {
  const first = openCore(1);
  first.core.takePlan(planOf(definition()));
  expect(first.dialled).toMatchObject([{ stmgrId: "stmgr-2", port: 7002 }]);
  const second = openCore(2);
  second.core.takePlan(planOf(definition()));
  expect(second.dialled).toEqual([]);
});

test("StmgrCore refuses plans of an older master or version and takes newer ones", () => {
  const { core, reports } = openCore();
  expect(core.takePlan(planOf(definition(), { leaseNumber: 3n, version: 2 }))).toBe(true);
  expect(core.takePlan(planOf(definition(), { leaseNumber: 2n, version: 9 }))).toBe(false);
  expect(core.takePlan(planOf(definition(), { leaseNumber: 3n, version: 1 }))).toBe(false);
  expect(core.plan?.version).toBe(2);
  expect(reports).toEqual(["stale plan refused", "stale plan refused"]);
  expect(core.takePlan(planOf(definition(), { leaseNumber: 4n, version: 2 }))).toBe(true);
});

test("StmgrCore repeats the ends of its tasks at each registration", () => {
  const { core, told } = openCore();
  core.taskEnded({ $typeName: "heron_bin.wire.TaskEnded", task: 3 });
  expect(told).toEqual([3]);
  expect(core.registration(ADDRESS).ended.map(({ task }) => task)).toEqual([3]);
});

test("StmgrCore passes the order to drain on, also to instances that come later", () => {
  const { core } = openCore();
  const [early, late] = [new FakeLink(), new FakeLink()];
  core.registerInstance(early, 1, LIFE);
  core.drainSpouts();
  core.drainSpouts();
  core.registerInstance(late, 3, LIFE);
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

test("StmgrCore.table() tells the lives of its own tasks over those of the plan", () => {
  const { core } = openCore();
  core.takePlan(planOf(definition()));
  core.registerInstance(new FakeLink(), 3, { epoch: 2, counter: 9 });
  const { tasks, stmgrs } = core.table();
  expect(tasks).toMatchObject([1, 2, 3, 4].map((task) => ({
    task,
    incarnation: task === 3 ? { epoch: 2, counter: 9 } : { epoch: 1, counter: task },
  })));
  expect(stmgrs).toEqual([{ stmgr: "stmgr-1", incarnation: { epoch: 1, counter: 1 } }]);
});

test("StmgrCore refuses an older master's plan also before it has one itself", () => {
  const { core } = openCore();
  core.registered(create(StmgrRegisteredSchema, { schedulerEpoch: 1, leaseNumber: 3n }));
  expect(core.takePlan(planOf(definition(), { leaseNumber: 2n }))).toBe(false);
  expect(core.plan).toBeUndefined();
  expect(core.takePlan(planOf(definition(), { leaseNumber: 3n }))).toBe(true);
});
