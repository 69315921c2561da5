import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { NoCreditSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { planOf } from "../../tests/support/plans.ts";
import { FakeLink, openCore, register, twoByTwo } from "../../tests/support/stmgr_bench.ts";

const LIFE = { epoch: 1, counter: 1 };

/** A core of container 1 (spout task 1, bolt task 3) with a peer, at a time that the test sets. */
function openPressed() {
  const clock = { nowMs: 0 };
  const { core } = openCore(1, { nowMs: () => clock.nowMs });
  const [spout, bolt, peer] = [register(core, 1), register(core, 3), new FakeLink()];
  core.takePlan(planOf(twoByTwo()), 0);
  core.peerOpened(peer, { stmgrId: "stmgr-2", life: LIFE }, 0);
  for (const link of [spout, bolt, peer]) link.clear();
  const wait = (culprit: number, change: { wait?: number; over?: boolean } = {}): void =>
    core.pressure.noCredit(
      create(NoCreditSchema, { culprit, source: 1, incarnation: LIFE, wait: 1, ...change }),
    );
  const announce = (): void => {
    wait(3);
    clock.nowMs += 20;
    core.timer(clock.nowMs);
  };
  return { core, clock, spout, bolt, peer, wait, announce };
}

test("StmgrPressure tells peers and spouts of a slow task, and of its relief", () => {
  const { core, clock, spout, bolt, peer, announce } = openPressed();
  announce();
  expect(bolt.bodies).toEqual(["askRelief"]);
  expect(core.pressure.announced).toEqual([3]);
  expect(peer.pressures).toEqual([[3]]);
  expect(spout.pressures).toEqual([[3]]);
  clock.nowMs = 50;
  core.pressure.relieved(3);
  expect(peer.pressures).toEqual([[3], []]);
  expect(spout.pressures).toEqual([[3], []]);
  const { announcedMs, announcedByPeersMs, pausedMs } = core.pressure;
  expect({ announcedMs, announcedByPeersMs, pausedMs })
    .toEqual({ announcedMs: 30, announcedByPeersMs: 0, pausedMs: 30 });
  expect([...core.pressure.announcedMsByInstance()])
    .toEqual([["container_1_x_1", 0], ["container_1_x_3", 30]]);
});

test("StmgrPressure passes the wait for a remote task on to its stream manager", () => {
  const { core, spout, peer, wait } = openPressed();
  wait(4);
  expect(peer.bodies).toEqual(["noCredit"]);
  expect(core.dueMs).toBeUndefined();
  wait(9);
  expect(spout.bodies).toEqual([]);
});

test("StmgrPressure withdraws when the slow task is lost", () => {
  const { core, spout, bolt, peer, announce } = openPressed();
  announce();
  core.linkClosed(bolt, 30);
  expect(core.pressure.announced).toEqual([]);
  expect(peer.pressures).toEqual([[3], []]);
  expect(spout.pressures).toEqual([[3], []]);
  expect(core.dueMs).toBeUndefined();
});

test("StmgrPressure repeats what it announces on each new link of a peer", () => {
  const { core, peer, announce } = openPressed();
  announce();
  core.linkClosed(peer, 30);
  const next = new FakeLink();
  core.peerOpened(next, { stmgrId: "stmgr-2", life: LIFE }, 40);
  expect(next.pressures).toEqual([[3]]);
  core.pressure.relieved(3);
  expect(next.pressures).toEqual([[3], []]);
});

test("StmgrPressure takes what a peer announces for void when the link ends", () => {
  const { core, spout, peer } = openPressed();
  core.pressure.peerAnnounces(peer, "stmgr-2", [4]);
  expect(spout.pressures).toEqual([[4]]);
  core.linkClosed(peer, 30);
  expect(spout.pressures).toEqual([[4], []]);
  core.pressure.peerAnnounces(peer, "stmgr-2", [4]);
  expect(spout.pressures).toEqual([[4], []]);
});

test("StmgrPressure tells a spout that registers what holds", () => {
  const { core, announce } = openPressed();
  announce();
  const again = register(core, 1, { epoch: 2, counter: 1 });
  expect(again.pressures).toEqual([[3]]);
});
