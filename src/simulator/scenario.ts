/**
 * What one seed stands for: a topology with the behaviour of its user code,
 * where its tasks are packed, the limits, the network, and what goes wrong when.
 */

import type { ComponentDefinition, TopologyDefinition } from "../api/mod.ts";
import { type Random, seededRandom } from "../base/mod.ts";
import { type SystemConfig, systemConfigFrom } from "../base/config/mod.ts";
import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import { type Fault, randomFaults } from "./random_faults.ts";
import { logUniform, pick } from "./random_choice.ts";
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

/** The scenario of `seed`. */
export function createScenario(seed: number): Scenario {
  const random = seededRandom(seed);
  const size = randomSize(random);
  const cycle: Cycle = size === "small" && random.unit() < 0.2
    ? pick(random, ["quiet", "loaded", "growing"] as const)
    : undefined;
  const components = randomComponents(random, { size, hasCycle: cycle !== undefined });
  const copiesMax = Math.round(
    cycle === undefined
      ? logUniform(random, 50, size === "small" ? 3000 : 6000)
      : cycle === "loaded"
      ? 500
      : 150,
  );
  const behaviours = randomBehaviours(random, { components, copiesMax, cycle });
  const copies = Math.max(
    1,
    [...tuplesByComponent(components, behaviours).values()].reduce((a, b) => a + b, 0),
  );
  const bytesMax = cycle === "quiet" ? 20 : Math.max(
    16,
    Math.min(pick(random, [64, KIB, 4 * KIB, 20 * KIB]), Math.floor(3_000_000 / copies)),
  );
  for (const behaviour of behaviours.values()) behaviour.bytesMax = bytesMax;
  const definition = definitionOf(components, cycle !== undefined);
  const packingPlan = packScattered(random, definition);
  const config = randomConfig(random, { behaviours, bytesMax, cycle });
  return {
    seed,
    definition,
    behaviours,
    packingPlan,
    config,
    ringBytes: ringBytesFor(config.instanceBatchBytes) * pick(random, [1, 1, 4]),
    quality: {
      latencyMaxMs: pick(random, [0.1, 1, 20]),
      bytesPerMs: pick(random, [2_000, 20_000, 1_000_000]),
      kernelBytes: pick(random, [8, 64, 512]) * KIB,
    },
    faults: randomFaults(random, packingPlan).filter(({ kind }) =>
      cycle === undefined || kind === "stop"
    ),
    isCyclic: cycle !== undefined,
    expectation: cycle === "growing" ? "stalls" : cycle === "loaded" ? "ends_or_stalls" : "ends",
    hasQuietDrain: cycle === "quiet",
  };
}

function definitionOf(
  components: readonly ComponentDefinition[],
  isCyclic: boolean,
): TopologyDefinition {
  return {
    name: "simulated",
    config: { "topology.reliability.mode": "ATMOST_ONCE", "simulator.cyclic": isCyclic },
    components,
  };
}

/** A ring takes records of at most half its size; a frame is at most two batches and its header. */
function ringBytesFor(batchBytes: number): number {
  return 2 ** Math.ceil(Math.log2(4 * batchBytes + KIB));
}

function randomConfig(
  random: Random,
  given: { behaviours: ReadonlyMap<string, Behaviour>; bytesMax: number; cycle: Cycle },
): SystemConfig {
  const { behaviours, bytesMax, cycle } = given;
  const isQuiet = cycle === "quiet";
  const tupleBytes = bytesMax + 96;
  const emitsMax = Math.max(3, ...[...behaviours.values()].map((one) => one.emitsInCall));
  const receiveBytes = isQuiet
    ? 8 * KIB * KIB
    : pick(random, cycle === undefined ? [16, 16, 64, 256, 8 * KIB] : [16, 64]) * KIB;
  return Object.freeze({
    ...systemConfigFrom({}),
    instanceReceiveBytes: receiveBytes,
    topologyContainerReceiveBytes: isQuiet
      ? 256 * KIB * KIB
      : pick(random, [64, 1024, 256 * KIB]) * KIB,
    instanceBatchBytes: tupleBytes * pick(random, [1, 2, 8]),
    emitOvershootBytes: 3 * emitsMax * tupleBytes,
    instanceTurnBytes: pick(random, [4, 32, 256]) * KIB,
    channelInitialCreditBytes: Math.min(receiveBytes, 32 * KIB),
    channelMinimumCreditBytes: isQuiet ? 32 * KIB : KIB,
    spoutWaitMs: pick(random, [1, 20]),
  });
}
