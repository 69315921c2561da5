/**
 * What every packing algorithm is: pure, it places the instances of a topology
 * in worker containers and says what each needs. Members: one a file; all of
 * them pass conformance.ts.
 */

import type { TopologyDefinition } from "../api/mod.ts";
import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";

/**
 * Packs the instances of `definition` into containers 1, 2, …; the plan gets the id `topologyId`.
 * The same definition always gives the same plan.
 * @throws HeronError "invalid_topology" when they do not fit, or what is asked for contradicts itself
 */
export type Packing = (definition: TopologyDefinition, topologyId: string) => PackingPlan;
