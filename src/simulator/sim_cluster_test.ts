/**
 * A simulated cluster of real cores: it runs a bounded topology to its end, and
 * the checks at the end notice what was tampered with.
 */

import { expect, test } from "bun:test";
import { encodeFrame } from "../base/wire/mod.ts";
import { BATCH_COST_BYTES, BatchWriter, encodeChannelHeader } from "../tuples/mod.ts";
import { instanceBoundBytes, servedTasks } from "./bounds.ts";
import { createRun } from "./create_run.ts";
import { batchOf, isTuplePath, packetOf, peekFrame } from "./frames.ts";
import { HONEST } from "./interposer.ts";
import { createMutant, isMutantName, MUTANT_NAMES } from "./mutants.ts";
import { PlanCache } from "./plan_cache.ts";
import { checkBounds, checkChannels, checkDrops, checkRepeats } from "./properties.ts";
import { createScenario, type Scenario } from "./scenario.ts";
import { SimCluster } from "./sim_cluster.ts";
import { SimInstance } from "./sim_instance.ts";
import { SimStmgr } from "./sim_stmgr.ts";
import { SimBolt } from "./sim_bolt.ts";
import { SimSpout } from "./sim_spout.ts";
import { SCHEDULER_EPOCH, SimTm } from "./sim_tm.ts";
import { simulate } from "./simulate.ts";
import { VirtualWorld } from "./virtual_world.ts";

/** A scenario where nothing goes wrong, in several containers. */
function plainScenario(): Scenario {
  for (let seed = 1;; seed++) {
    const scenario = createScenario(seed);
    const isPlain = scenario.faults.length === 0 && !scenario.isCyclic && !scenario.isAcked;
    const tasks = scenario.packingPlan.containerPlans.flatMap((one) => one.instancePlans).length;
    if (isPlain && scenario.packingPlan.containerPlans.length > 2 && tasks < 30) return scenario;
  }
}

async function runPlain() {
  const scenario = plainScenario();
  const world = new VirtualWorld(1);
  const run = createRun(world, scenario, { interposer: HONEST, mayLose: false });
  let hasEnded = false;
  const cluster = new SimCluster(run, {
    ended: () => void (hasEnded = true),
    stalled: () => world.break("stalled"),
  });
  await world.run(() => hasEnded);
  return { scenario, world, run, ledger: run.ledger, cluster };
}

const NO_FAULTS = { mayLose: false, mayKill: false };

test("SimCluster runs a topology to its end: all tasks, under one plan", async () => {
  const { world, ledger, cluster } = await runPlain();
  expect(world.broken).toBeUndefined();
  expect(ledger.missing()).toBe(0);
  expect(cluster.tm).toBeInstanceOf(SimTm);
  expect(cluster.tm?.core?.state).toBe("ended");
  expect(cluster.tm?.core?.update?.schedulerEpoch).toBe(SCHEDULER_EPOCH);
  for (const stmgr of cluster.stmgrs.values()) {
    expect(stmgr).toBeInstanceOf(SimStmgr);
    expect(stmgr.core.plan?.version).toBe(1);
  }
  for (const instance of cluster.instances.values()) {
    expect(instance).toBeInstanceOf(SimInstance);
    expect(instance.totals?.taskId).toBe(instance.taskId);
  }
});

test("checks at the end accept an honest run and notice what is missing from the books", async () => {
  const { world, run, scenario, cluster } = await runPlain();
  checkBounds(world, scenario, cluster);
  checkChannels(run, cluster, NO_FAULTS);
  expect(checkDrops(run, cluster)).toBe(0);
  checkRepeats(world, cluster);
  expect(world.broken).toBeUndefined();
  const [source] = [...cluster.instances.values()].filter((one) =>
    (one.core.emitter?.channels.size ?? 0) > 0
  );
  const [channel] = [...(source?.core.emitter?.channels.values() ?? [])];
  if (source === undefined || channel === undefined) throw new Error("No channel");
  const lostBytes = new Map([[source.taskId * 65_536 + channel.destinationTask, 17]]);
  checkChannels({ ...run, lostBytes }, cluster, NO_FAULTS);
  expect(world.broken).toContain("17 B were lost, 0 B are counted as such");
});

test("checkCredit() notices credit that nobody granted", async () => {
  const { world, cluster } = await runPlain();
  const [source] = [...cluster.instances.values()].filter((one) =>
    (one.core.emitter?.channels.size ?? 0) > 0
  );
  const [channel] = [...(source?.core.emitter?.channels.values() ?? [])];
  if (source === undefined || channel === undefined) throw new Error("No channel");
  cluster.checkCredit(source, channel.destinationTask);
  expect(world.broken).toBeUndefined();
  source.credit.raise(channel.destinationTask, 500_000_000);
  cluster.checkCredit(source, channel.destinationTask);
  expect(world.broken).toContain("more credit than was granted");
});

test("instanceBoundBytes() and servedTasks() follow the plan", async () => {
  const { scenario, cluster } = await runPlain();
  const [stmgr] = cluster.stmgrs.values();
  const plan = stmgr?.core.plan;
  if (stmgr === undefined || plan === undefined) throw new Error("No plan");
  const served = servedTasks(scenario, plan, stmgr.id);
  for (const [index, { taskId, stmgrId }] of plan.tasks.entries()) {
    const sources = plan.sourcesOf(taskId).length;
    expect(served[index]?.sourceTasks).toBe(sources);
    if (stmgrId === stmgr.id) expect(served[index]?.sourcesHere).toBe(sources);
    const least = sources * scenario.config.channelMinimumCreditBytes;
    expect(instanceBoundBytes(scenario, plan, taskId)).toBeGreaterThanOrEqual(least);
  }
});

test("frames: peekFrame() and batchOf() say what a frame carries", () => {
  const header = {
    destinationTask: 4,
    sourceTask: 3,
    sourceEpoch: 7,
    sourceCounter: 3,
    planVersion: 1,
    restoreEpoch: 0,
  };
  const writer = new BatchWriter(encodeChannelHeader(header));
  const buffer = writer.beginTuple(0);
  buffer.ensure(1);
  buffer.bytes[buffer.length++] = 1;
  writer.endTuple();
  const range = writer.close(0);
  const frame = peekFrame(range.bytes.slice(range.start, range.end));
  expect(isTuplePath(frame)).toBe(true);
  expect(batchOf(frame)).toEqual({
    source: 3,
    destination: 4,
    life: { epoch: 7, counter: 3 },
    offset: 0,
    creditBytes: range.runBytes + BATCH_COST_BYTES,
    isMiddlePart: false,
  });
  const peerUp = peekFrame(encodeFrame({ body: { case: "peerUp", value: { stmgr: "stmgr-1" } } }));
  expect(isTuplePath(peerUp)).toBe(false);
  expect(batchOf(peerUp)).toBeUndefined();
  expect(packetOf(peerUp).body.case).toBe("peerUp");
});

test("PlanCache decodes equal bytes once", async () => {
  const { cluster } = await runPlain();
  const value = cluster.tm?.core?.update;
  if (value === undefined) throw new Error("No plan");
  const plans = new PlanCache();
  const bytes = encodeFrame({ body: { case: "planUpdate", value } });
  const first = plans.read(peekFrame(bytes));
  expect([first.packet.body.case, first.plan?.version]).toEqual(["planUpdate", 1]);
  expect(plans.read(peekFrame(bytes.slice()))).toBe(first);
  const empty = encodeFrame({ responseTo: 1, body: { case: "instanceRegistered", value: {} } });
  const second = plans.read(peekFrame(empty));
  expect([second.packet.body.case, second.plan]).toEqual(["instanceRegistered", undefined]);
});

test("createMutant() breaks one port and leaves the others", () => {
  const run = { world: new VirtualWorld(1), scenario: createScenario(1) };
  expect(createMutant(undefined, run)).toBe(HONEST);
  for (const name of MUTANT_NAMES) {
    expect(isMutantName(name)).toBe(true);
    const mutant = createMutant(name, run);
    const changed = Object.keys(HONEST).filter((key) =>
      Reflect.get(mutant, key) !== Reflect.get(HONEST, key)
    );
    expect(changed.length).toBeWithin(1, 3);
  }
  expect(isMutantName("toString")).toBe(false);
});

test("user code is one spout or bolt a task, told by its methods", () => {
  expect(SimSpout.prototype).toHaveProperty("nextTuple");
  expect(SimBolt.prototype).toHaveProperty("finish");
});

test("simulate() ends an honest run and fails a broken one, with a trace when asked", async () => {
  const honest = await simulate({ seed: 1 });
  expect(honest).toMatchObject({ seed: 1, failure: undefined, outcome: "ended", trace: [] });
  const broken = await simulate({ seed: 1, mutant: "lost_wake_up", isTraced: true });
  expect(broken.outcome).toBe("failed");
  expect(broken.trace.length).toBeGreaterThan(0);
});
