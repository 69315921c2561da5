/** What a view knows of a topology before it runs, from its definition and its packing plan. Pure. */

import type { TopologyDefinition } from "../../api/mod.ts";
import { systemConfigFrom } from "../../base/config/mod.ts";
import type { PackingPlan } from "../../base/gen/heron/packing_plan_pb.ts";
import { taskNamesOf } from "../failure_text.ts";
import type { TopologyFacts } from "./figures.ts";

/** The facts of a topology as it was submitted. */
export function topologyFacts(
  { name, components, config }: TopologyDefinition,
  packingPlan: PackingPlan,
  topologyFolder: string,
): TopologyFacts {
  const replays = systemConfigFrom(config).topologyReliabilityMode !== "ATMOST_ONCE";
  return {
    name,
    mode: replays ? "at least once" : "at most once",
    components: components.map(({ name, kind, parallelism: tasks }) => ({ name, kind, tasks })),
    containers: packingPlan.containerPlans.length,
    tasks: taskNamesOf(packingPlan),
    topologyFolder,
  };
}
