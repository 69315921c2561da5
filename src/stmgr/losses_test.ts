/** Losses as a stream manager sees and tells them: `Losses` with the core around it. */

import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { type LossNotice, LossNoticeSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { PACKET_FIELD } from "../tuples/mod.ts";
import { planOf } from "../../tests/support/plans.ts";
import {
  FakeLink,
  frameFor,
  openCore,
  register,
  type StmgrBench,
  twoByTwo,
} from "../../tests/support/stmgr_bench.ts";
import type { KnownLives } from "./losses.ts";

const FIRST = { epoch: 1, counter: 1 };
const SECOND = { epoch: 1, counter: 2 };
const THIRD = { epoch: 1, counter: 3 };

const [A, B, C] = ["stmgr-1", "stmgr-2", "stmgr-3"];

interface Peer {
  readonly id?: string;
  readonly life?: { epoch: number; counter: number };
  readonly table?: KnownLives;
  readonly nowMs?: number;
}

/** Opens a link of a peer, `B` unless said. */
function openPeer({ core }: StmgrBench, peer: Peer = {}): FakeLink {
  const link = new FakeLink();
  const { id: stmgrId = B, life = FIRST, table = { tasks: [], stmgrs: [] }, nowMs = 0 } = peer;
  core.peerOpened(link, { stmgrId, life, table }, nowMs);
  return link;
}

/** A stream manager with its two instances and both peers. */
function openCluster() {
  const bench = openCore();
  const [spout, bolt] = [register(bench.core, 1), register(bench.core, 3)];
  const [b, c] = [openPeer(bench), openPeer(bench, { id: C })];
  for (const link of [spout, bolt, b, c]) link.clear();
  return { bench, core: bench.core, spout, bolt, b, c };
}

function linkNotice(first: string, second: string, settled = false): LossNotice {
  const link = { firstStmgr: first, secondStmgr: second };
  return create(LossNoticeSchema, { id: 1, lost: { case: "link", value: link }, settled });
}

function taskNotice(task: number, incarnation = FIRST): LossNotice {
  const lost = { case: "task", value: task } as const;
  return create(LossNoticeSchema, { id: 1, lost, incarnation, settled: true });
}

test("the end of a task's connection is told to instances and peers, in order with data", () => {
  const { core, spout, bolt, b, c } = openCluster();
  core.fromPeer(PACKET_FIELD.marker, frameFor(1));
  core.linkClosed(bolt, 0);
  core.fromPeer(PACKET_FIELD.marker, frameFor(1));
  expect(spout.bodies).toEqual(["marker", "task 3 lost", "marker"]);
  expect(b.bodies).toEqual(["task 3 lost"]);
  expect(c.bodies).toEqual(["task 3 lost"]);
  expect(bolt.bodies).toEqual([]);
  expect(b.notices).toMatchObject([{ incarnation: FIRST, settled: true }]);
  expect(core.dueMs).toBeUndefined();
});

test("a lost task's later frames are held for its next life, its loss is told once", () => {
  const { core, spout, bolt } = openCluster();
  core.fromPeer(PACKET_FIELD.marker, frameFor(3));
  core.linkClosed(bolt, 0);
  core.linkClosed(bolt, 0);
  core.fromPeer(PACKET_FIELD.marker, frameFor(3, 5));
  const reborn = register(core, 3, SECOND);
  // What the old link had is gone, what came later is not.
  expect(reborn.frames).toEqual([frameFor(3, 5).bytes]);
  expect(spout.bodies).toEqual(["task 3 lost"]);
});

test("a task that comes in a later life before its end was seen is lost first", () => {
  const { core, spout, bolt, b } = openCluster();
  const answers: string[][] = [];
  const reborn = new FakeLink();
  const answer = (): void => void answers.push(reborn.bodies.map(String), spout.bodies.map(String));
  core.registerInstance(reborn, { taskId: 3, life: SECOND, answer });
  expect(answers).toEqual([[], ["task 3 lost"]]);
  expect(b.notices).toMatchObject([{ incarnation: FIRST }]);
  expect(bolt.closed).toBe("Replaced by a newer connection");
  core.linkClosed(bolt, 0);
  core.fromPeer(PACKET_FIELD.marker, frameFor(3));
  expect(reborn.bodies).toEqual(["marker"]);
  expect(spout.bodies).toEqual(["task 3 lost"]);
});

test("a task's life only grows: an earlier one is refused at its hello and at its registration", () => {
  const { core, bench } = openCluster();
  register(core, 3, SECOND);
  expect(core.refuseInstance("container_1_x_3", FIRST)).toBe("a later incarnation is known");
  expect(core.refuseInstance("container_1_x_3", SECOND)).toBeUndefined();
  expect(register(core, 3, FIRST).closed).toBe("a later incarnation is known");
  expect(bench.core.table().tasks).toContainEqual({ task: 3, incarnation: SECOND });
});

test("a task that comes again in the same life loses nothing that was held", () => {
  const { core, spout, bolt } = openCluster();
  core.linkClosed(bolt, 0);
  core.fromPeer(PACKET_FIELD.marker, frameFor(3));
  const again = register(core, 3);
  expect(again.bodies).toEqual(["marker"]);
  core.linkClosed(again, 0);
  expect(spout.bodies).toEqual(["task 3 lost", "task 3 lost"]);
});

test("a later life than the one of the stored plan shows that a task was lost meanwhile", () => {
  const bench = openCore();
  bench.core.load(planOf(twoByTwo()), []);
  const spout = register(bench.core, 1);
  const b = openPeer(bench);
  b.clear();
  spout.clear();
  register(bench.core, 3, { epoch: 1, counter: 9 });
  expect(spout.notices).toMatchObject([{ lost: { value: 3 }, incarnation: THIRD }]);
  expect(b.bodies).toEqual(["task 3 lost"]);
});

test("a peer's notice of a task goes to all instances in order with its data, and no further", () => {
  const { core, spout, bolt, c } = openCluster();
  core.fromPeer(PACKET_FIELD.marker, frameFor(1));
  core.lossNotice(B, taskNotice(4), 0);
  core.fromPeer(PACKET_FIELD.marker, frameFor(1));
  expect(spout.bodies).toEqual(["marker", "task 4 lost", "marker"]);
  expect(bolt.bodies).toEqual(["task 4 lost"]);
  expect(c.bodies).toEqual([]);
});

test("a notice is held while the link to a peer is down, in its place between the data", () => {
  const bench = openCore();
  const { core } = bench;
  core.load(planOf(twoByTwo()), []);
  const bolt = register(core, 3, THIRD);
  const b = openPeer(bench);
  b.clear();
  core.linkClosed(b, 0);
  core.fromInstance(PACKET_FIELD.marker, frameFor(4));
  core.linkClosed(bolt, 0);
  core.fromInstance(PACKET_FIELD.marker, frameFor(4));
  expect(b.bodies).toEqual([]);
  const again = openPeer(bench);
  expect(again.bodies).toEqual(["stmgr-1 / stmgr-2 lost", "marker", "task 3 lost", "marker"]);
});

test("a changed life in a peer's hello is the loss of a task, and a notice of who saw it is told all the same", () => {
  const { bench, core, spout, c } = openCluster();
  const of = (life: typeof FIRST): KnownLives => ({
    tasks: [{ task: 4, incarnation: life }],
    stmgrs: [],
  });
  const first = openPeer(bench, { table: of(FIRST) });
  core.linkClosed(first, 0);
  spout.clear();
  c.clear();
  openPeer(bench, { table: of(SECOND), nowMs: 10 });
  expect(spout.bodies).toEqual(["task 4 lost", "peerUp", "stmgr-1 / stmgr-2 settled"]);
  expect(spout.notices).toMatchObject([{ incarnation: FIRST }, {}]);
  expect(c.bodies).toEqual(["stmgr-1 / stmgr-2 settled"]);
  // The first life may have connected once more meanwhile: what went to it then is lost as well.
  core.lossNotice(B, taskNotice(4, FIRST), 20);
  expect(spout.notices.length).toBe(3);
  core.lossNotice(B, taskNotice(4, SECOND), 30);
  expect(spout.notices.length).toBe(4);
});

test("a peer that is known to live again has its old link ended, with its notice", () => {
  const { core, bench, spout, b } = openCluster();
  const table = { tasks: [], stmgrs: [{ stmgr: B, incarnation: SECOND }] };
  openPeer(bench, { id: C, life: SECOND, table, nowMs: 50 });
  expect(b.closed).toBe("A later incarnation is known");
  expect(spout.bodies).toContain("stmgr-1 / stmgr-2 lost");
  expect(core.refusePeer(B, FIRST)).toBe("a later incarnation is known");
  expect(core.refusePeer(B, SECOND)).toBeUndefined();
  expect(openPeer(bench, { life: FIRST }).closed).toBe("a later incarnation is known");
  expect(core.dueMs).toBe(250);
});

test("a lost link is told to instances and all peers, and settles when its other end confirms", () => {
  const { core, spout, b, c } = openCluster();
  core.linkClosed(b, 1000);
  expect(spout.bodies).toEqual(["stmgr-1 / stmgr-2 lost"]);
  expect(c.bodies).toEqual(["stmgr-1 / stmgr-2 lost"]);
  expect(c.notices).toMatchObject([{ incarnation: FIRST, settled: false }]);
  expect(core.dueMs).toBe(1200);
  core.timer(1199);
  expect(spout.notices.length).toBe(1);
  core.timer(1200);
  expect(spout.bodies).toEqual(["stmgr-1 / stmgr-2 lost", "stmgr-1 / stmgr-2 settled"]);
  expect(spout.notices[1]?.id).toBe(spout.notices[0]?.id ?? -1);
  expect(core.dueMs).toBeUndefined();
});

test("a link between two others settles when both have confirmed its end", () => {
  const { core, spout, b, c } = openCluster();
  core.lossNotice(B, linkNotice(B, C), 1000);
  core.lossNotice(C, linkNotice(C, B), 1020);
  expect(spout.bodies).toEqual(["stmgr-2 / stmgr-3 lost", "stmgr-2 / stmgr-3 settled"]);
  expect([...b.bodies, ...c.bodies]).toEqual([]);
  expect(core.dueMs).toBeUndefined();
});

test("a confirmation after the loss was settled by time is a new event", () => {
  const { core, spout } = openCluster();
  core.lossNotice(B, linkNotice(B, C), 1000);
  core.timer(1200);
  core.lossNotice(C, linkNotice(C, B), 9000);
  expect(spout.bodies).toEqual([
    "stmgr-2 / stmgr-3 lost",
    "stmgr-2 / stmgr-3 settled",
    "stmgr-3 / stmgr-2 lost",
    "stmgr-3 / stmgr-2 settled",
  ]);
  const [first, , second] = spout.notices;
  expect(second?.id).not.toBe(first?.id ?? 0);
});

test("a link that is open again is settled for both its ends and for the others", () => {
  const { bench, core, spout, b, c } = openCluster();
  core.linkClosed(b, 1000);
  openPeer(bench, { nowMs: 1010 });
  expect(spout.bodies).toEqual([
    "stmgr-1 / stmgr-2 lost",
    "peerUp",
    "stmgr-1 / stmgr-2 settled",
  ]);
  expect(c.bodies).toEqual(["stmgr-1 / stmgr-2 lost", "stmgr-1 / stmgr-2 settled"]);
  expect(core.dueMs).toBeUndefined();
  const third = openCore(3);
  const watcher = new FakeLink();
  third.core.peerOpened(watcher, { stmgrId: A, life: FIRST }, 0);
  for (const [index, notice] of c.notices.entries()) third.core.lossNotice(A, notice, 1000 + index);
  expect(third.core.dueMs).toBeUndefined();
});

test("what the other end tells of a link that is open again was settled when it opened", () => {
  const { bench, core, spout, b } = openCluster();
  core.linkClosed(b, 1000);
  openPeer(bench, { nowMs: 1010 });
  spout.clear();
  core.lossNotice(B, linkNotice(B, A), 1020);
  expect(spout.bodies).toEqual([]);
});

test("what the other end tells of a link that this life never had is a loss, settled at once", () => {
  const bench = openCore(1, { life: SECOND });
  const spout = register(bench.core, 1);
  openPeer(bench);
  spout.clear();
  bench.core.lossNotice(B, linkNotice(B, A), 10);
  bench.core.lossNotice(B, linkNotice(B, A), 10);
  expect(spout.bodies).toEqual(["stmgr-2 / stmgr-1 lost", "stmgr-2 / stmgr-1 settled"]);
  expect(bench.core.dueMs).toBeUndefined();
});

test("an instance that comes while a loss is unsettled is told of it, behind its answer", () => {
  const { core, bolt, b } = openCluster();
  core.linkClosed(b, 1000);
  core.linkClosed(bolt, 1010);
  const again = register(core, 3, SECOND);
  expect(again.bodies).toEqual(["stmgr-1 / stmgr-2 lost"]);
  core.timer(1200);
  expect(again.bodies).toEqual(["stmgr-1 / stmgr-2 lost", "stmgr-1 / stmgr-2 settled"]);
});

test("a notice that names neither a task nor a link of its sender is ignored", () => {
  const { bench, core, spout } = openCluster();
  core.lossNotice(B, linkNotice(C, A), 0);
  core.lossNotice(B, create(LossNoticeSchema, { lost: { case: "stmgr", value: B } }), 0);
  expect(spout.bodies).toEqual([]);
  expect(bench.reports.filter((one) => one === "notice ignored").length).toBe(2);
});
