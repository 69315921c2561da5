/** Makes the emitter of a task, as its configuration asks for. */

import { maxConcurrencyOf } from "../../api/mod.ts";
import type { PhysicalPlan } from "../../plan/mod.ts";
import type { OutChannel } from "../../tuples/mod.ts";
import { Emitter } from "./emitter.ts";
import type { TaskOptions } from "./task_ports.ts";

/** Makes the emitter of a task; `waitForCredit` as in `EmitterOptions`. */
export function createEmitter(
  task: TaskOptions,
  plan: PhysicalPlan,
  waitForCredit: (channel: OutChannel) => boolean,
): Emitter {
  const { taskId, life, topology, config, ports } = task;
  const own = plan.component(plan.task(taskId).component).config;
  const calls = maxConcurrencyOf({ ...topology.definition.config, ...own });
  return new Emitter({
    plan,
    taskId,
    topology,
    life,
    terms: config,
    batchBytesMax: config.instanceBatchBytes,
    tupleBytesMax: config.topologyTupleMaxBytes,
    // Each of the calls that may be open was begun with credit.
    overshootBytesMax: config.emitOvershootBytes * calls,
    credit: ports.credit,
    random: ports.random,
    sink: ports.sink,
    waitForCredit,
    onOpen: ports.requestTurn,
    nowMs: () => ports.nowMs(),
  });
}
