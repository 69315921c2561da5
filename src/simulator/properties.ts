/**
 * What must hold at the end of a run; what holds tuple by tuple is the
 * ledger's, what holds at every step the instances'.
 */

import { toBinary } from "@bufbuild/protobuf";
import { PlanUpdateSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { stmgrBoundBytes } from "../tuples/mod.ts";
import { overshootBytesOf, servedTasks } from "./bounds.ts";
import type { Scenario } from "./scenario.ts";
import { SLOTS_EXTRA } from "./random_hosting.ts";
import type { SimInstance } from "./sim_instance.ts";
import type { SimStmgr } from "./sim_stmgr.ts";
import { compareLives } from "./sim_network.ts";
import type { SimRun } from "./sim_run.ts";
import type { SimCluster } from "./sim_cluster.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** Checks the bounds of the stream managers' queues; `plan` is the one the run has. */
export function checkBounds(world: VirtualWorld, scenario: Scenario, cluster: SimCluster): void {
  const plan = [...cluster.stmgrs.values()].find((stmgr) => stmgr.core.plan !== undefined)?.core
    .plan;
  if (plan === undefined) return;
  for (const stmgr of cluster.stmgrs.values()) {
    const served = servedTasks(scenario, plan, stmgr.id);
    const bound = stmgrBoundBytes(scenario.config, served, overshootBytesOf(scenario)) +
      controlBoundBytes(scenario, stmgr);
    if (stmgr.waitingBytesMax > bound) {
      world.break(`${stmgr.id} held ${stmgr.waitingBytesMax} B, its bound is ${bound} B`);
    }
  }
}

/** Bytes of one merged record of acks, or of a loss notice. */
const RECORD_BYTES_MAX = 64;

/** Most bytes of what needs no credit: merged acks, notices, plans. */
function controlBoundBytes(scenario: Scenario, stmgr: SimStmgr): number {
  const { definition, packingPlan, config, faults, isAcked } = scenario;
  const spoutTasks = definition.components.filter(({ kind }) => kind === "spout")
    .reduce((sum, { parallelism }) => sum + parallelism, 0);
  // Each bolt task's own frames, until they are merged.
  const records = isAcked ? 2 * spoutTasks * (config.topologyMaxSpoutPending + SLOTS_EXTRA) : 0;
  const tasks = packingPlan.containerPlans.find(({ id }) => id === stmgr.container)?.instancePlans;
  const plan = stmgr.core.update;
  const planBytes = plan === undefined ? 0 : toBinary(PlanUpdateSchema, plan).length;
  // A word each second for each channel without credit, while somebody is stopped.
  const waits = 32 * channelsOf(stmgr);
  const notices = 4 * (1 + faults.length) * packingPlan.containerPlans.length;
  return (records + waits + notices * ((tasks?.length ?? 0) + 8)) * RECORD_BYTES_MAX +
    (1 + faults.length) * planBytes * (tasks?.length ?? 0);
}

function channelsOf(stmgr: SimStmgr): number {
  const plan = stmgr.core.plan;
  return plan?.tasks.reduce((sum, { taskId }) => sum + plan.sourcesOf(taskId).length, 0) ?? 0;
}

/** What is known of a run's faults. */
export interface FaultFacts {
  /** Tuples may be lost. */
  readonly mayLose: boolean;
  /** Processes that handle tuples may have ended. */
  readonly mayKill: boolean;
}

/** Checks that offsets agree at the end: what was sent came, or is counted as gone. */
export function checkChannels(
  run: SimRun,
  cluster: SimCluster,
  { mayLose, mayKill }: FaultFacts,
): void {
  const { isCyclic, faults, slowPairs } = run.scenario;
  for (const source of cluster.instances.values()) {
    for (const channel of source.core.emitter?.channels.values() ?? []) {
      const task = channel.destinationTask;
      const destination = cluster.instances.get(task);
      const received = destination?.core.intake?.channel(source.taskId);
      if (received === undefined) continue;
      // Who ended in an earlier life may not have heard of all others again.
      const hasHeard = hasHeardOf(destination, source);
      if (mayLose && !hasHeard) continue;
      // Round a cycle nobody waits for the end: something may still be on its way.
      if (isCyclic && (mayLose || faults.length > 0 || slowPairs.size > 0)) continue;
      const name = `channel ${source.taskId} → ${task}`;
      const lost = run.lostBytes.get(source.taskId * 65_536 + task) ?? 0;
      if (received.receivedBytes !== channel.sentBytes) {
        run.world.break(
          `${name}: ${channel.sentBytes} B were sent, ${received.receivedBytes} B are accounted for`,
        );
      }
      const missed = received.goneBytes + received.skippedBytes;
      if (!mayKill && missed !== lost) {
        run.world.break(`${name}: ${lost} B were lost, ${missed} B are counted as such`);
      }
      if (received.heldBytes !== 0) {
        run.world.break(`${name}: ${received.heldBytes} B are held at the end`);
      }
    }
  }
}

/** Whether `destination` ended after `source`, both in their newest lives: it has heard of that end. */
function hasHeardOf(destination: SimInstance | undefined, source: SimInstance): boolean {
  const sourceMs = source.hasEndedBefore ? undefined : source.endedMs;
  const destinationMs = destination?.hasEndedBefore === true ? undefined : destination?.endedMs;
  if (sourceMs === undefined || destinationMs === undefined || destinationMs < sourceMs) {
    return false;
  }
  const life = destination?.core.intake?.channel(source.taskId)?.life;
  return life !== undefined && compareLives(life, source.life) === 0;
}

/** Checks that no batch came twice, whatever went wrong. */
export function checkRepeats(world: VirtualWorld, cluster: SimCluster): void {
  for (const { taskId, core } of cluster.lives) {
    const tuples = core.intake?.dropped.get("repeated") ?? 0;
    if (tuples > 0) world.break(`task ${taskId} got ${tuples} tuples again`);
  }
}

/**
 * Checks that nothing was dropped, but for tuples in a cycle that came behind its end, and returns
 * how many those are: a root that timed out was emitted again and acked, and copies of the first
 * time still go round, with no marker behind them that all wait for.
 */
export function checkDrops(run: SimRun, cluster: SimCluster): number {
  const { world, scenario, roots } = run;
  const mayComeLate = scenario.isCyclic && roots.timedOut > 0;
  let late = 0;
  for (const { taskId, core } of cluster.lives) {
    for (const [reason, tuples] of core.intake?.dropped ?? []) {
      if (mayComeLate && reason === "after_end") late += tuples;
      else world.break(`task ${taskId} dropped ${tuples} tuples: ${reason}`);
    }
  }
  for (const { id, core } of cluster.stmgrs.values()) {
    for (const [reason, tuples] of core.dropped) {
      world.break(`${id} dropped ${tuples} tuples: ${reason}`);
    }
  }
  return late;
}

/** Checks that each spout's source is done to its last offset. */
export function checkPositions({ world, scenario, durable }: SimRun): void {
  const spouts = scenario.definition.components.filter(({ kind }) => kind === "spout");
  for (const { instancePlans } of scenario.packingPlan.containerPlans) {
    for (const { componentName, taskId } of instancePlans) {
      if (!spouts.some(({ name }) => name === componentName)) continue;
      const tuples = scenario.behaviours.get(componentName)?.tuples ?? 0;
      const position = durable.positionOf(taskId);
      if (position === tuples) continue;
      world.break(`spout task ${taskId}: ${position} of ${tuples} offsets are done at the end`);
    }
  }
}
