/**
 * What one seed stands for: a topology with the behaviour of its user code,
 * where its tasks are packed, the limits, the network, and what goes wrong when.
 */

import type { ComponentDefinition, TopologyDefinition } from "../api/mod.ts";
import { type Random, seededRandom } from "../base/mod.ts";
import { type SystemConfig, systemConfigFrom } from "../base/config/mod.ts";
import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import { randomActivation } from "./random_activation.ts";
import { randomEndCuts } from "./random_ends.ts";
import { type Fault, randomFaults } from "./random_faults.ts";
import { withOtherGroupings } from "./random_groupings.ts";
import { randomLateMasters } from "./random_masters.ts";
import { randomPressure, withPressure } from "./random_pressure.ts";
import { withCalls } from "./random_calls.ts";
import { randomCuts, withParts } from "./random_parts.ts";
import { logUniform, pick } from "./random_choice.ts";
import { KEPT_MAX } from "./sim_bolt.ts";
import { packScattered } from "./scattered_packing.ts";
import { type Behaviour, randomBehaviours, tuplesByComponent } from "./random_behaviour.ts";
import { randomComponents } from "./random_topology.ts";
import type { LinkQuality } from "./virtual_link.ts";

/** What the run is expected to do. */
export type Expectation = "ends" | "ends_or_stalls" | "stalls";

/** One simulated run before it runs. */
export interface Scenario {
  readonly seed: number;
  readonly definition: TopologyDefinition;
  readonly behaviours: ReadonlyMap<string, Behaviour>;
  readonly packingPlan: PackingPlan;
  readonly config: SystemConfig;
  readonly ringBytes: number;
  readonly quality: LinkQuality;
  readonly faults: readonly Fault[];
  readonly isCyclic: boolean;
  readonly expectation: Expectation;
  /** Tuples are followed: at least once. */
  readonly isAcked: boolean;
  /** Nothing goes wrong and all is acked at once, by bolts that take longer than the time-out for it all. */
  readonly isTimely: boolean;
  /** Every tuple is acked at once, and nothing takes as long as the time-out: what is lost is told. */
  readonly isHealing: boolean;
  /** How good the way between two sites is, where it is not as good as the others: by "1 2". */
  readonly slowPairs: ReadonlyMap<string, LinkQuality>;
  /** Tuples of a task fit the credit of any channel: a cycle cannot stall. */
  readonly hasQuietDrain: boolean;
}

const KIB = 1024;

/** What a cycle does: tuples die out within credit, or beyond it, or never do. */
type Cycle = "quiet" | "loaded" | "growing" | undefined;

type Size = "small" | "wide" | "huge";

function randomSize(random: Random): Size {
  const unit = random.unit();
  if (unit < 0.93) return "small";
  return unit < 0.998 ? "wide" : "huge";
}

/** How many of the seeds whose tuples may be followed have them followed. */
const ACKED_PART = 0.75;
const TIMELY_PART = 0.08;
const HEALING_PART = 0.15;

/** Longer than all that goes wrong takes. */
const HEALING_TIMEOUT_SECS = 120;

/** What a seed chooses first. */
interface Kind {
  readonly size: Size;
  readonly cycle: Cycle;
  readonly isAcked: boolean;
  readonly isTimely: boolean;
  readonly isHealing: boolean;
}

function randomKind(random: Random): Kind {
  const isTimely = random.unit() < TIMELY_PART;
  const size = isTimely ? "small" : randomSize(random);
  const cycle: Cycle = size === "small" && !isTimely && random.unit() < 0.15
    ? pick(random, ["quiet", "loaded", "growing"] as const)
    : undefined;
  const mayAck = size !== "huge" && (cycle === undefined || cycle === "quiet");
  const isAcked = isTimely || (mayAck && random.unit() < ACKED_PART);
  const isHealing = isAcked && !isTimely && cycle === undefined && random.unit() < HEALING_PART;
  return { size, cycle, isTimely, isHealing, isAcked };
}

function componentsOf(seed: number, random: Random, kind: Kind): ComponentDefinition[] {
  const { size, cycle, isTimely, isAcked } = kind;
  const hasCycle = cycle !== undefined;
  // A cycle with several ways in ends with the first of them.
  const spoutsMax = isTimely || (hasCycle && isAcked) ? 1 : 3;
  const components = randomComponents(random, { size, hasCycle, spoutsMax });
  return withOtherGroupings(seed, components, hasCycle);
}

/** The scenario of `seed`. */
export function createScenario(seed: number): Scenario {
  const random = seededRandom(seed);
  const kind = randomKind(random);
  const { cycle, isAcked, isTimely, isHealing } = kind;
  const components = componentsOf(seed, random, kind);
  const behaviours = randomBehaviours(random, {
    components,
    copiesMax: randomCopiesMax(random, kind),
    cycle,
    isAcked,
    isPrompt: isTimely || isHealing,
  });
  const received = tuplesByComponent(components, behaviours);
  const bytesMax = cycle === "quiet" || isTimely ? 20 : randomBytesMax(random, received);
  for (const behaviour of behaviours.values()) behaviour.bytesMax = bytesMax;
  const packingPlan = packScattered(random, definitionOf(components, kind));
  const pressure = pressureOf(seed, { plan: packingPlan, components, kind });
  const late = isTimely || (!isAcked && cycle !== undefined)
    ? []
    : randomLateMasters(seed, packingPlan);
  const wishes = isTimely ? [] : randomActivation(seed);
  const faults = [...faultsOf(random, packingPlan, kind), ...pressure, ...late, ...wishes];
  const quality = randomQuality(random, isTimely ? 1 : 20);
  const loadMs = loadMsOf(definitionOf(components, kind), behaviours, quality);
  // A flush does not follow tuples round a cycle, and comes at the end only. Where time-outs are
  // long, what a bolt keeps until it has enough would take hours.
  const mayKeepLong = cycle === undefined &&
    timeoutsLongerThan(loadMs, KEPT_TIMEOUT_SECS).length > 0;
  const withTicks = components.map((one) =>
    mayKeepLong && random.unit() > 0.4 ? one : ticking(random, one, behaviours)
  );
  const definition = withCalls(definitionOf(withTicks, kind), { seed, behaviours, isTimely });
  const keepsLong = withTicks.some(({ name, config: own }) =>
    behaviours.get(name)?.keeps !== "nothing" && Object.keys(own).length === 0
  );
  const tupleBytes = largestTupleBytes(bytesMax, kind);
  const plain = randomConfig(random, { behaviours, tupleBytes, kind, keepsLong, loadMs });
  const config = Object.freeze(withParts(withPressure(plain, pressure), seed, tupleBytes));
  if (cycle === undefined) {
    faults.push(...randomCuts(seed, config));
    if (!isTimely && !isHealing) faults.push(...randomEndCuts(seed, definition));
  }
  if (isTimely) slowDown(random, { definition, behaviours, config });
  return {
    seed,
    definition,
    behaviours,
    packingPlan,
    config,
    ringBytes: ringBytesFor(Math.max(config.instanceBatchBytes, tupleBytes)) *
      pick(random, [1, 1, 4]),
    quality,
    slowPairs: isTimely ? new Map() : randomSlowPairs(random, {
      containers: packingPlan.containerPlans.length,
      // The way of a tuple through all bolts takes less than the time-out.
      latencies: !isAcked || config.topologyMessageTimeoutSecs >= 10 ? [5, 100, 400] : [5, 20],
    }),
    faults,
    isCyclic: cycle !== undefined,
    isAcked,
    isTimely,
    isHealing,
    expectation: cycle === "growing" ? "stalls" : cycle === "loaded" ? "ends_or_stalls" : "ends",
    hasQuietDrain: cycle === "quiet",
  };
}

/** The largest body of a tuple: less where there are many. */
function randomBytesMax(random: Random, received: ReadonlyMap<string, number>): number {
  const copies = Math.max(1, [...received.values()].reduce((a, b) => a + b, 0));
  const bytes = pick(random, [64, KIB, 4 * KIB, 20 * KIB]);
  return Math.max(16, Math.min(bytes, Math.floor(3_000_000 / copies)));
}

/** At most once, nobody knows when a cycle is empty: nothing may be lost there. */
function faultsOf(
  random: Random,
  plan: PackingPlan,
  { isTimely, isHealing, isAcked, cycle }: Kind,
): Fault[] {
  if (isTimely) return [];
  const isLossless = !isAcked && cycle !== undefined;
  const faults = randomFaults(random, { plan, isLossless, isShort: isHealing });
  return faults.filter(({ kind }) => !isLossless || kind === "stop" || kind === "slow_disk");
}

/** Where nobody waits for a cycle, and nothing has to be in time. */
function pressureOf(
  seed: number,
  { plan, components, kind }: {
    readonly plan: PackingPlan;
    readonly components: readonly ComponentDefinition[];
    readonly kind: Kind;
  },
): Fault[] {
  const { isTimely, isHealing, isAcked, cycle } = kind;
  if (isTimely || isHealing || cycle !== undefined) return [];
  const bolts = new Set(components.filter((one) => one.kind === "bolt").map(({ name }) => name));
  return randomPressure(seed, { plan, isAcked, isBolt: (name) => bolts.has(name) });
}

function randomCopiesMax(random: Random, { size, cycle, isAcked, isTimely }: Kind): number {
  if (isTimely) return 1_000;
  if (cycle !== undefined) return cycle === "loaded" ? 500 : 150;
  const copiesMax = logUniform(random, 50, size === "small" ? 3_000 : 6_000);
  return Math.round(isAcked ? copiesMax / 2 : copiesMax);
}

/** One that keeps tuples back lets them go now and then; the others do when they are told to. */
function ticking(
  random: Random,
  component: ComponentDefinition,
  behaviours: ReadonlyMap<string, Behaviour>,
): ComponentDefinition {
  const keeps = behaviours.get(component.name)?.keeps ?? "nothing";
  if (component.kind === "spout" || keeps === "nothing") return component;
  return { ...component, config: { "topology.tick.tuple.freq.ms": pick(random, [5, 50, 500]) } };
}

/** Lets one bolt take so long that its input would be late if it all came at once. */
function slowDown(
  random: Random,
  given: {
    definition: TopologyDefinition;
    behaviours: Map<string, Behaviour>;
    config: SystemConfig;
  },
): void {
  const { definition: { components }, behaviours, config } = given;
  const received = tuplesByComponent(components, behaviours);
  const spouts = components.filter(({ kind }) => kind === "spout");
  const roots = spouts.reduce(
    (sum, { name, parallelism }) => sum + parallelism * (behaviours.get(name)?.tuples ?? 0),
    0,
  );
  const timeoutMs = config.topologyMessageTimeoutSecs * 1_000;
  const bolts = components.filter(({ name }) => (received.get(name) ?? 0) > 0);
  const bolt = bolts.length === 0 ? undefined : pick(random, bolts);
  const behaviour = bolt && behaviours.get(bolt.name);
  if (bolt === undefined || behaviour === undefined || roots === 0) return;
  const copiesOfRoot = (received.get(bolt.name) ?? 0) / roots;
  // What all open roots of the start need, whichever task they meet in, is little.
  // A call that may be made emits several.
  const startRoots = spouts.reduce(
    (sum, { name, parallelism }) =>
      sum + parallelism * (config.spoutPendingStart + (behaviours.get(name)?.emitsInCall ?? 0)),
    0,
  );
  const mostMs = timeoutMs / 16 / Math.max(1, startRoots * Math.max(1, copiesOfRoot));
  const wantedMs = (6 * timeoutMs * bolt.parallelism) / (received.get(bolt.name) ?? 1);
  behaviour.serviceMs = Math.min(mostMs, wantedMs);
}

function randomQuality(random: Random, latencyMaxMs: number): LinkQuality {
  return {
    latencyMaxMs: Math.min(latencyMaxMs, pick(random, [0.1, 1, 20])),
    bytesPerMs: pick(random, [2_000, 20_000, 1_000_000]),
    kernelBytes: pick(random, [8, 64, 512]) * KIB,
  };
}

/** Some pairs of sites see each other late. */
function randomSlowPairs(
  random: Random,
  { containers, latencies }: { containers: number; latencies: readonly number[] },
): Map<string, LinkQuality> {
  const pairs = new Map<string, LinkQuality>();
  if (random.unit() < 0.5) return pairs;
  for (let first = 0; first < containers; first++) {
    for (let second = first + 1; second <= containers; second++) {
      if (random.unit() > 0.3) continue;
      pairs.set(`${first} ${second}`, {
        ...randomQuality(random, 20),
        latencyMaxMs: pick(random, latencies),
      });
    }
  }
  return pairs;
}

function definitionOf(
  components: readonly ComponentDefinition[],
  { isAcked, cycle }: Kind,
): TopologyDefinition {
  const mode = isAcked ? "ATLEAST_ONCE" : "ATMOST_ONCE";
  return {
    name: "simulated",
    config: { "topology.reliability.mode": mode, "simulator.cyclic": cycle !== undefined },
    components,
  };
}

/** A ring takes records of at most half its size; a frame is at most two batches and its header. */
function ringBytesFor(batchBytes: number): number {
  return 2 ** Math.ceil(Math.log2(4 * batchBytes + KIB));
}

/** About how long one open tuple of each spout task takes, where all meet in one bolt with little credit. */
function loadMsOf(
  { components }: TopologyDefinition,
  behaviours: ReadonlyMap<string, Behaviour>,
  quality: LinkQuality,
): number {
  const received = tuplesByComponent(components, behaviours);
  const spouts = components.filter(({ kind }) => kind === "spout");
  const tuples = spouts.reduce(
    (sum, { name, parallelism }) => sum + parallelism * (behaviours.get(name)?.tuples ?? 0),
    0,
  );
  const spoutTasks = spouts.reduce((sum, { parallelism }) => sum + parallelism, 0);
  const waysMs = [...received].map(([name, count]) =>
    (count / Math.max(1, tuples)) *
    (2 * quality.latencyMaxMs + (behaviours.get(name)?.serviceMs ?? 0))
  );
  return spoutTasks * Math.max(0, ...waysMs);
}

/** Time-outs where a bolt keeps tuples until it has enough of them. */
const KEPT_TIMEOUT_SECS = [1, 3];

/** Short ones are as good as none where all takes longer anyhow. */
function timeoutsLongerThan(loadMs: number, secs: readonly number[]): number[] {
  return secs.filter((one) => one * 500 > loadMs);
}

function randomTimeoutSecs(
  random: Random,
  { kind: { isHealing, isTimely }, keepsLong, loadMs }: {
    kind: Kind;
    keepsLong: boolean;
    loadMs: number;
  },
): number {
  if (isHealing) return HEALING_TIMEOUT_SECS;
  if (isTimely) return pick(random, [1, 2]);
  const choices = timeoutsLongerThan(loadMs, keepsLong ? KEPT_TIMEOUT_SECS : [1, 3, 10, 30]);
  return choices.length === 0 ? 60 : pick(random, choices);
}

function randomConfig(
  random: Random,
  given: {
    behaviours: ReadonlyMap<string, Behaviour>;
    tupleBytes: number;
    kind: Kind;
    /** Some bolt keeps tuples back until it has enough of them. */
    keepsLong: boolean;
    loadMs: number;
  },
): SystemConfig {
  const { behaviours, tupleBytes, kind: { cycle, isAcked, isTimely } } = given;
  const isQuiet = cycle === "quiet";
  // What one call may emit: a spout's share, or what comes of all that a bolt kept back.
  const emitsMax = Math.max(
    3,
    ...[...behaviours.values()].map((one) =>
      one.keeps === "nothing" ? one.emitsInCall : 4 * KEPT_MAX
    ),
  );
  const receiveBytes = isQuiet
    ? 8 * KIB * KIB
    : isTimely
    ? 8 * KIB * KIB
    : pick(random, cycle === undefined ? [16, 16, 64, 256, 8 * KIB] : [16, 64]) * KIB;
  return {
    ...systemConfigFrom({}),
    instanceReceiveBytes: receiveBytes,
    topologyContainerReceiveBytes: isQuiet || isTimely
      ? 256 * KIB * KIB
      : pick(random, [64, 1024, 256 * KIB]) * KIB,
    instanceBatchBytes: tupleBytes * pick(random, [1, 2, 8]),
    emitOvershootBytes: 3 * emitsMax * tupleBytes,
    instanceTurnBytes: pick(random, [4, 32, 256]) * KIB,
    channelInitialCreditBytes: Math.min(receiveBytes, 32 * KIB),
    channelMinimumCreditBytes: isQuiet ? 32 * KIB : KIB,
    spoutWaitMs: pick(random, [1, 20]),
    topologyReliabilityMode: isAcked ? "ATLEAST_ONCE" : "ATMOST_ONCE",
    topologyMessageTimeoutSecs: randomTimeoutSecs(random, given),
    topologyMaxSpoutPending: isTimely || given.keepsLong ? 2_048 : pick(random, [16, 128, 2_048]),
    spoutPendingStart: isTimely ? pick(random, [1, 4]) : pick(random, [1, 8, 32]),
    lossSettleMs: pick(random, [20, 200]),
    acksMergeBytes: pick(random, [1, 32, 256]) * KIB,
    tmLeaseMs: pick(random, [500, 2_000, 5_000]),
  };
}

/** The largest tuple with its roots, one for each of two anchors. */
function largestTupleBytes(bytesMax: number, { isAcked }: Kind): number {
  return bytesMax + 128 + (isAcked ? 96 : 0);
}
