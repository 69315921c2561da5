/**
 * What goes wrong while a bolt stands still, so that sources lack credit and
 * spouts pause: the bolt comes back, or it, its stream manager or the link
 * over which its pause was told ends first.
 */

import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import type { SystemConfig } from "../base/config/mod.ts";
import { type Random, seededRandom } from "../base/mod.ts";
import { logUniform, pick } from "./random_choice.ts";
import type { Fault, Target } from "./random_faults.ts";

/** How many of the seeds have it: where tuples are followed, few are open and credit is seldom used up. */
const PRESSURE_PART = 0.35;
const ACKED_PRESSURE_PART = 0.1;
/** Some are shorter than links bear, some longer. */
const STILL_MS_MIN = 4_000;
const STILL_MS_MAX = 12_000;
/** How many of them have a link cut, and a process killed. */
const CUT_PART = 0.6;
const CRASH_PART = 0.4;
/** Until a bolt that stands still is announced, about. */
const ANNOUNCED_MS = 500;
/** What intrudes does so in the first part, so that what comes of it shows. */
const INTRUSION_PART = 0.4;

interface PackedTask {
  readonly container: number;
  readonly task: number;
  readonly component: string;
}

/** What a task may hold where sources are to lack credit: a few batches. */
const PRESSED_RECEIVE_BYTES = 8 * 1024;

/** What the faults are made for. */
export interface PressureOptions {
  readonly plan: PackingPlan;
  /** Tuples are followed. */
  readonly isAcked: boolean;
  isBolt(component: string): boolean;
}

/** `config` where a bolt stands still: where tuples are not followed, its sources lack credit soon. */
export function withPressure(config: SystemConfig, pressure: readonly Fault[]): SystemConfig {
  const isFollowed = config.topologyReliabilityMode !== "ATMOST_ONCE";
  if (pressure.length === 0 || isFollowed) return config;
  const receiveBytes = Math.min(config.instanceReceiveBytes, PRESSED_RECEIVE_BYTES);
  return {
    ...config,
    instanceReceiveBytes: receiveBytes,
    channelInitialCreditBytes: Math.min(config.channelInitialCreditBytes, receiveBytes),
  };
}

/** Faults around a bolt that stands still; none for most seeds. Its chance is its own. */
export function randomPressure(
  seed: number,
  { plan, isAcked, isBolt }: PressureOptions,
): Fault[] {
  const random = seededRandom(Math.imul(seed, 0x27d4eb2f) ^ 0x165667b1);
  if (random.unit() > (isAcked ? ACKED_PRESSURE_PART : PRESSURE_PART)) return [];
  const bolts: PackedTask[] = plan.containerPlans.flatMap(({ id, instancePlans }) =>
    instancePlans.filter(({ componentName }) => isBolt(componentName))
      .map(({ taskId, componentName }) => ({
        container: id,
        task: taskId,
        component: componentName,
      }))
  );
  if (bolts.length === 0) return [];
  const { container, task } = pick(random, bolts);
  const target = { role: "instance", container, task } as const;
  const atMs = logUniform(random, 50, 500);
  const forMs = logUniform(random, STILL_MS_MIN, STILL_MS_MAX);
  const faults: Fault[] = [{ kind: "stop", target, forMs, atMs }];
  const apart = plan.containerPlans.filter(({ id }) => id !== container);
  const withSpouts = apart.filter(({ instancePlans }) =>
    instancePlans.some(({ componentName }) => !isBolt(componentName))
  );
  const others = (withSpouts.length > 0 ? withSpouts : apart).map(({ id }) => id);
  const still = { container, task, others, fromMs: atMs, toMs: atMs + forMs };
  if (random.unit() < CUT_PART) faults.push(cut(random, still));
  if (random.unit() < CRASH_PART) faults.push(crash(random, still));
  return faults;
}

interface Still {
  readonly container: number;
  readonly task: number;
  /** Containers with those that wait for it. */
  readonly others: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
}

function intrusionMs(random: Random, { fromMs, toMs }: Still): number {
  const sinceMs = fromMs + ANNOUNCED_MS;
  return sinceMs + random.unit() * INTRUSION_PART * (toMs - sinceMs);
}

/** The link over which a pause was told ends. */
function cut(random: Random, still: Still): Fault {
  const { container, others } = still;
  const atMs = intrusionMs(random, still);
  const news = { firstMs: random.unit() * 20, secondMs: random.unit() * 20, tellsWriter: true };
  const other = others.length === 0 ? undefined : pick(random, others);
  return other === undefined || random.unit() < 0.2
    ? { kind: "cut_instance", container: other ?? container, news, atMs }
    : { kind: "cut_peer", first: container, second: other, news, atMs };
}

/** The bolt, its stream manager, or one whose spouts pause for it ends. */
function crash(random: Random, still: Still): Fault {
  const { container, task, others } = still;
  const atMs = intrusionMs(random, still);
  const other = others.length === 0 ? container : pick(random, others);
  const target = pick<Target>(random, [
    { role: "instance", container, task },
    { role: "stmgr", container },
    { role: "stmgr", container: other },
  ]);
  return { kind: "crash", target, atMs };
}
