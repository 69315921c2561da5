/**
 * What must hold at the end of a run; what holds tuple by tuple is the
 * ledger's, what holds at every step the instances'.
 */

import { stmgrBoundBytes } from "../tuples/mod.ts";
import { overshootBytesOf, servedTasks } from "./bounds.ts";
import type { Scenario } from "./scenario.ts";
import type { SimCluster } from "./sim_cluster.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** Checks the bounds of the stream managers' queues; `plan` is the one the run has. */
export function checkBounds(world: VirtualWorld, scenario: Scenario, cluster: SimCluster): void {
  const plan = [...cluster.stmgrs.values()].find((stmgr) => stmgr.core.plan !== undefined)?.core
    .plan;
  if (plan === undefined) return;
  for (const stmgr of cluster.stmgrs.values()) {
    const served = servedTasks(scenario, plan, stmgr.id);
    const bound = stmgrBoundBytes(scenario.config, served, overshootBytesOf(scenario));
    if (stmgr.waitingBytesMax > bound) {
      world.break(`${stmgr.id} held ${stmgr.waitingBytesMax} B, its bound is ${bound} B`);
    }
  }
}

/** Checks that offsets agree at the end: what was sent came, or is counted as gone. */
export function checkChannels(world: VirtualWorld, cluster: SimCluster): void {
  for (const source of cluster.instances.values()) {
    for (const channel of source.core.emitter?.channels.values() ?? []) {
      const task = channel.destinationTask;
      const intake = cluster.instances.get(task)?.core.intake;
      const received = intake?.channel(source.taskId);
      if (received === undefined) continue;
      const name = `channel ${source.taskId} → ${task}`;
      const lost = cluster.lostBytes.get(source.taskId * 65_536 + task) ?? 0;
      if (received.receivedBytes !== channel.sentBytes) {
        world.break(
          `${name}: ${channel.sentBytes} B were sent, ${received.receivedBytes} B are accounted for`,
        );
      }
      if (received.goneBytes !== lost) {
        world.break(`${name}: ${lost} B were lost, ${received.goneBytes} B are counted as gone`);
      }
      if (received.heldBytes !== 0) {
        world.break(`${name}: ${received.heldBytes} B are held at the end`);
      }
    }
  }
}

/** Checks that nothing was dropped but what links lost. */
export function checkDrops(world: VirtualWorld, cluster: SimCluster): void {
  for (const { taskId, core } of cluster.instances.values()) {
    for (const [reason, tuples] of core.intake?.dropped ?? []) {
      world.break(`task ${taskId} dropped ${tuples} tuples: ${reason}`);
    }
  }
  for (const { id, core } of cluster.stmgrs.values()) {
    for (const [reason, tuples] of core.dropped) {
      world.break(`${id} dropped ${tuples} tuples: ${reason}`);
    }
  }
}
