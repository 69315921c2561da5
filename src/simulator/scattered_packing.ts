/**
 * A packing that scatters neighbours over containers, so that the way of a
 * tuple zigzags between stream managers; the ids of tasks are mixed up as well.
 */

import { create } from "@bufbuild/protobuf";
import type { TopologyDefinition } from "../api/mod.ts";
import type { Random } from "../base/mod.ts";
import { type PackingPlan, PackingPlanSchema } from "../base/gen/heron/packing_plan_pb.ts";
import { between, shuffled } from "./random_choice.ts";

const RESOURCE = Object.freeze({ cpu: 1, ram: 1n, disk: 1n });
const CONTAINERS_MAX = 8;

/** Packs `definition` into one to eight containers. */
export function packScattered(random: Random, definition: TopologyDefinition): PackingPlan {
  const slots = definition.components.flatMap((one) =>
    new Array<string>(one.parallelism).fill(one.name)
  );
  const names = random.unit() < 0.5 ? slots : shuffled(random, slots);
  const count = Math.min(names.length, between(random, 1, CONTAINERS_MAX));
  const isMixed = random.unit() < 0.5;
  const indexes = new Map<string, number>();
  const containers = Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    requiredResource: RESOURCE,
    instancePlans: [] as {
      componentName: string;
      taskId: number;
      componentIndex: number;
      resource: typeof RESOURCE;
    }[], // filled below
  }));
  for (const [at, componentName] of names.entries()) {
    const componentIndex = indexes.get(componentName) ?? 0;
    indexes.set(componentName, componentIndex + 1);
    // Each container gets one task first; the rest in turn or anywhere.
    const container = at < count || !isMixed ? at % count : random.below(count);
    containers[container]?.instancePlans.push({
      componentName,
      taskId: at + 1,
      componentIndex,
      resource: RESOURCE,
    });
  }
  return create(PackingPlanSchema, { id: definition.name, containerPlans: containers });
}
