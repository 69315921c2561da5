/** Makes the work of a task: its user code, with what the reliability mode puts around it. */

import type { ConfigMap } from "../../api/mod.ts";
import { componentSettings, type PhysicalPlan } from "../../plan/mod.ts";
import { ClassCodecs, ValueReader } from "../../tuples/mod.ts";
import type { UserMethod } from "../bridge.ts";
import { BoltAcks } from "./bolt_acks.ts";
import { BoltWork, type BoltWorkOptions } from "./bolt_work.ts";
import { CallTimes } from "./call_times.ts";
import { TaskContext } from "./context.ts";
import type { Emitter } from "./emitter.ts";
import { endlessCycle } from "./endless_cycle.ts";
import { Onlookers } from "./onlookers.ts";
import type { Intake } from "./intake.ts";
import { PlanCalls } from "./plan_calls.ts";
import { SampledTimes } from "./sampled_times.ts";
import { SlotTracker, type SlotTrackerOptions } from "./slot_tracker.ts";
import type { SpoutPause } from "./spout_pause.ts";
import { SpoutWork } from "./spout_work.ts";
import { StreamTallies } from "./stream_tallies.ts";
import type { TaskOptions } from "./task_ports.ts";
import { tickPeriodMs } from "./tick_period.ts";
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

/** What a task's work consists of. */
export interface CreatedWork {
  readonly work: Work;
  /** A bolt's whose tuples are followed. */
  readonly acks: BoltAcks | undefined;
  readonly planCalls: PlanCalls;
  readonly onlookers: Onlookers;
  readonly tallies: StreamTallies;
  readonly times: CallTimes;
  /** A bolt's. */
  readonly decodeTimes: SampledTimes | undefined;
}

type Writable<Options> = { -readonly [Key in keyof Options]: Options[Key] };

/** Makes the work of a task. */
export function createWork(given: TaskOptions, parts: WorkParts): CreatedWork {
  const { taskId, topology, ports } = given;
  const { plan, emitter, intake, pause, ready } = parts;
  const name = plan.task(taskId).component;
  const config = componentSettings(given.config, plan.component(name));
  const task = { ...given, config };
  const merged = { ...topology.definition.config, ...plan.component(name).config };
  const timers = new TimerEvents(ports);
  const onlookers = createOnlookers(task, merged);
  const place = { topology: topology.definition, onlookers, timers };
  const context = new TaskContext(plan, taskId, place);
  const options = {
    context,
    config: merged,
    system: config,
    emitter,
    timers,
    nowMs: ports.nowMs,
    requestTurn: ports.requestTurn,
    calling: (method: UserMethod) => ports.calling?.(method),
    ready,
    reportError: (error: unknown) => onlookers.errors.report(error),
  };
  const nowMs = () => ports.nowMs();
  const user = topology.component(name);
  const made = (
    work: Work,
    parts: Pick<CreatedWork, "tallies"> & Partial<Pick<CreatedWork, "acks" | "decodeTimes">>,
  ): CreatedWork => ({
    work,
    acks: parts.acks,
    planCalls: new PlanCalls({ context, emitter, user, work }),
    onlookers,
    tallies: parts.tallies,
    times: new CallTimes(work, nowMs),
    decodeTimes: parts.decodeTimes,
  });
  const isFollowed = config.topologyReliabilityMode !== "ATMOST_ONCE";
  const valueReader = useClasses(task, emitter);
  if ("nextTuple" in user) {
    const hearsAcks = user.ack !== undefined;
    const streams = new Map(plan.component(name).outputs.map(({ id }, index) => [id, index]));
    const tallies = new StreamTallies(streams.size, nowMs);
    const tracker = createTracker(task, { emitter, pause, hearsAcks, tallies, streams });
    const endless = endlessCycle(plan, name, isFollowed);
    const spout = { ...options, pause, tracker, endless, spout: user };
    spout.spout = onlookers.spout(user, (opened, mustHear) => {
      // The work reads it at each call.
      spout.spout = opened;
      if (mustHear) tracker.hearAcks();
    });
    return made(new SpoutWork(spout), { tallies });
  }
  // As large as a batch, of which the ring between the threads takes any.
  const acks = isFollowed
    ? new BoltAcks(ports.random, config.instanceBatchBytes, ports.requestTurn)
    : undefined;
  const inputs = plan.component(name).inputs.length;
  const hasTicks = tickPeriodMs(merged) !== undefined;
  const tallies = new StreamTallies(inputs, nowMs, hasTicks);
  const decodeTimes = new SampledTimes(nowMs, () => created.work.executedByInput);
  const parted = { ...options, intake, plan, acks, tallies, decodeTimes, valueReader, bolt: user };
  const bolt: Writable<BoltWorkOptions> = parted;
  bolt.bolt = onlookers.bolt(user, (opened) => void (bolt.bolt = opened));
  const created = made(new BoltWork(bolt), { tallies, acks, decodeTimes });
  if (inputs > 1 || hasTicks) bolt.mark = () => created.times.mark();
  return created;
}

/** Lets the channels of a task carry the user's classes; returns what reads them, where there are any. */
function useClasses({ topology }: TaskOptions, emitter: Emitter): ValueReader | undefined {
  const { serializations = [] } = topology;
  if (serializations.length === 0) return undefined;
  const classes = new ClassCodecs(serializations);
  for (const { batch } of emitter.channels.values()) batch.useClasses(classes);
  const reader = new ValueReader(new Uint8Array(0));
  reader.classes = classes;
  return reader;
}

function createOnlookers(
  { taskId, topology, ports }: TaskOptions,
  config: ConfigMap,
): Onlookers {
  return new Onlookers({
    taskId,
    isDebug: String(config["topology.debug"]) === "true",
    hooks: topology.taskHooks,
    teller: ports,
    nowMs: () => ports.nowMs(),
    requestTurn: () => ports.requestTurn(),
  });
}

function createTracker(
  { config, ports }: TaskOptions,
  spout: Pick<SlotTrackerOptions, "emitter" | "pause" | "hearsAcks" | "tallies" | "streams">,
): Tracker {
  const { slots, random, waitFor } = ports;
  if (slots === undefined) {
    const { emitter, pause, tallies, streams } = spout;
    const told = (stream: string) => tallies.completed(streams.get(stream) ?? 0, 1, 0);
    return new ImmediateTracker(emitter, pause, told);
  }
  return new SlotTracker({ ...spout, slots, random, nowMs: ports.nowMs, system: config, waitFor });
}
