/** Makes the work of a task: its user code, with what the reliability mode puts around it. */

import type { PhysicalPlan } from "../../plan/mod.ts";
import { ClassCodecs, ValueReader } from "../../tuples/mod.ts";
import { BoltAcks } from "./bolt_acks.ts";
import { BoltWork } from "./bolt_work.ts";
import { TaskContext } from "./context.ts";
import type { Emitter } from "./emitter.ts";
import { endlessCycle } from "./endless_cycle.ts";
import type { Intake } from "./intake.ts";
import { PlanCalls } from "./plan_calls.ts";
import { SlotTracker } from "./slot_tracker.ts";
import type { SpoutPause } from "./spout_pause.ts";
import { SpoutWork } from "./spout_work.ts";
import type { TaskOptions } from "./task_ports.ts";
import { TimerEvents } from "./timer_events.ts";
import { ImmediateTracker, type Tracker } from "./tracker.ts";
import type { Work } from "./work.ts";

/** What a task has once there is a plan. */
export interface WorkParts {
  readonly plan: PhysicalPlan;
  readonly emitter: Emitter;
  readonly intake: Intake;
  readonly pause: SpoutPause;
  /** Resolves when all that the task may need has credit. */
  ready(): Promise<void>;
}

/** The user code of a task. */
export interface MadeWork {
  readonly work: Work;
  /** A bolt's whose tuples are followed. */
  readonly acks: BoltAcks | undefined;
  readonly planCalls: PlanCalls;
}

/** Makes the work of a task. */
export function createWork(task: TaskOptions, parts: WorkParts): MadeWork {
  const { taskId, topology, config, ports } = task;
  const { plan, emitter, intake, pause, ready } = parts;
  const name = plan.task(taskId).component;
  const { serializations = [] } = topology;
  const classes = serializations.length === 0 ? undefined : new ClassCodecs(serializations);
  if (classes !== undefined) {
    for (const { batch } of emitter.channels.values()) batch.useClasses(classes);
  }
  const timers = new TimerEvents(ports);
  const context = new TaskContext(plan, taskId, timers);
  const options = {
    context,
    config: { ...topology.definition.config, ...plan.component(name).config },
    system: config,
    emitter,
    timers,
    nowMs: ports.nowMs,
    requestTurn: ports.requestTurn,
    ready,
    reportError: ports.reported,
  };
  const user = topology.component(name);
  const made = (work: Work, acks: BoltAcks | undefined): MadeWork => {
    return { work, acks, planCalls: new PlanCalls({ context, emitter, user, work }) };
  };
  const isFollowed = config.topologyReliabilityMode !== "ATMOST_ONCE";
  if ("nextTuple" in user) {
    const hearsAcks = user.ack !== undefined;
    const tracker = createTracker(task, { emitter, pause, hearsAcks });
    const endless = endlessCycle(plan, name, isFollowed);
    const work = new SpoutWork({ ...options, spout: user, tracker, endless });
    return made(work, undefined);
  }
  // As large as a batch, of which the ring between the threads takes any.
  const acks = isFollowed
    ? new BoltAcks(ports.random, config.instanceBatchBytes, ports.requestTurn)
    : undefined;
  const valueReader = classes && readerOf(classes);
  const work = new BoltWork({ ...options, bolt: user, intake, plan, acks, valueReader });
  return made(work, acks);
}

function readerOf(classes: ClassCodecs): ValueReader {
  const reader = new ValueReader(new Uint8Array(0));
  reader.classes = classes;
  return reader;
}

function createTracker(
  { config, ports }: TaskOptions,
  spout: { readonly emitter: Emitter; readonly pause: SpoutPause; readonly hearsAcks: boolean },
): Tracker {
  const { slots, random, waitFor } = ports;
  if (slots === undefined) return new ImmediateTracker(spout.emitter, spout.pause);
  return new SlotTracker({ ...spout, slots, random, system: config, waitFor });
}
