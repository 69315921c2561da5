import { expect, test } from "bun:test";
import type { PlanUpdate } from "../base/gen/heron_bin/packet_pb.ts";
import { TopologyState } from "../base/gen/heron/topology_pb.ts";
import { FakeLink, openCore, recordOf } from "../../tests/support/tm_bench.ts";

/** What the newest plan says of the topology's state. */
function stateIn(update: PlanUpdate | undefined): TopologyState | undefined {
  return update?.plan?.topology?.state;
}

test("activate() has a plan made that says so, stored and sent to all, once for each change", () => {
  const { core, stored } = openCore();
  const [first, second] = [new FakeLink(), new FakeLink()];
  core.registerStmgr(first, recordOf(1));
  core.registerStmgr(second, recordOf(2));
  core.planStored();
  core.activate(true);
  expect(stored.length).toBe(1);
  core.activate(false);
  core.activate(false);
  expect(stored.length).toBe(2);
  expect(stateIn(first.plan)).toBe(TopologyState.RUNNING);
  core.planStored();
  expect([first, second].map(({ plan }) => stateIn(plan))).toEqual([
    TopologyState.PAUSED,
    TopologyState.PAUSED,
  ]);
  // No task, range or route is another.
  expect(first.plan).toMatchObject({ planVersion: 1, addressVersion: 2 });
});

test("activate() while a plan is stored, or before there is one, is not lost", () => {
  const { core, stored } = openCore();
  core.activate(false);
  const links = [new FakeLink(), new FakeLink()];
  for (const [index, link] of links.entries()) {
    core.registerStmgr(link, recordOf(index === 0 ? 1 : 2));
  }
  expect(stateIn(stored[0])).toBe(TopologyState.PAUSED);
  core.activate(true);
  core.activate(false);
  core.activate(true);
  core.planStored();
  core.planStored();
  expect(links.map(({ plan }) => stateIn(plan))).toEqual([
    TopologyState.RUNNING,
    TopologyState.RUNNING,
  ]);
});

test("a master that takes over goes on with the state that was stored", () => {
  const { core: before, stored } = openCore();
  before.activate(false);
  before.registerStmgr(new FakeLink(), recordOf(1));
  before.registerStmgr(new FakeLink(), recordOf(2));
  const { core, stored: later } = openCore({ update: stored[0], ended: [] }, 6n);
  core.start();
  core.registerStmgr(new FakeLink(), recordOf(1, { counter: 2 }));
  expect(stateIn(later[0])).toBe(TopologyState.PAUSED);
});
