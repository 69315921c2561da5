/**
 * Heron's default packing: components in order of the memory they ask for,
 * their instances dealt to the containers in turn. Heron leaves the order of
 * components that ask for the same to a hash table; here it is that of their
 * declaration.
 */

import { create } from "@bufbuild/protobuf";
import type { TopologyDefinition } from "../api/mod.ts";
import {
  type ContainerPlan,
  ContainerPlanSchema,
  type PackingPlan,
  PackingPlanSchema,
} from "../base/gen/heron/packing_plan_pb.ts";
import { HeronError } from "../base/mod.ts";
import { shareContainer, type Shares } from "./container_shares.ts";
import {
  INSTANCE_DEFAULT,
  INSTANCE_RAM_MIN,
  type PackingRequest,
  readPackingRequest,
} from "./resource_request.ts";

/** Task ids are int32 in Heron's records. */
const TASKS_MAX = 2 ** 31 - 1;

interface PlacedInstance {
  readonly component: string;
  readonly taskId: number;
  readonly componentIndex: number;
}

/**
 * Packs by round robin over `topology.stmgrs` containers; containers and their instances are
 * ascending by id.
 * @throws HeronError "invalid_topology" when they do not fit, or what is asked for cannot be used
 */
export function packRoundRobin(definition: TopologyDefinition, topologyId: string): PackingPlan {
  const request = readPackingRequest(definition);
  const containers = deal(definition, request);
  // The first container is dealt to first, so none has more.
  const largest = containers[0]?.length ?? 0;
  const disk = containerDisk(containers, request);
  return create(PackingPlanSchema, {
    id: topologyId,
    containerPlans: containers.map((instances, index) =>
      planContainer(index + 1, instances, { request, largest, disk })
    ),
  });
}

function deal(definition: TopologyDefinition, request: PackingRequest): PlacedInstance[][] {
  const ramOf = (component: string): number => request.ram.byComponent.get(component) ?? 0;
  const ordered = definition.components.toSorted((a, b) => ramOf(b.name) - ramOf(a.name));
  const instances = sumOf(ordered.map(({ parallelism }) => parallelism));
  if (request.containers > instances || instances > TASKS_MAX) {
    throw new HeronError(
      "invalid_topology",
      `Pack "${definition.name}": found ${request.containers} containers for ${instances} ` +
        `instances, expected no more containers than instances, and at most ${TASKS_MAX} instances`,
    );
  }
  const containers: PlacedInstance[][] = Array.from({ length: request.containers }, () => []);
  let dealt = 0;
  for (const { name: component, parallelism } of ordered) {
    for (let componentIndex = 0; componentIndex < parallelism; componentIndex++) {
      const container = containers[dealt % request.containers];
      container?.push({ component, taskId: ++dealt, componentIndex });
    }
  }
  return containers;
}

interface ContainerRules {
  readonly request: PackingRequest;
  readonly largest: number;
  readonly disk: number;
}

function planContainer(
  id: number,
  instances: readonly PlacedInstance[],
  { request, largest, disk }: ContainerRules,
): ContainerPlan {
  const components = instances.map(({ component }) => component);
  const cpu = shareContainer(components, { resource: "cpu", request, largest });
  const ram = shareContainer(components, { resource: "ram", request, largest });
  checkRam(components, ram);
  return create(ContainerPlanSchema, {
    id,
    instancePlans: instances.map(({ component, taskId, componentIndex }, index) => ({
      componentName: component,
      taskId,
      componentIndex,
      resource: {
        cpu: cpu.instances[index] ?? 0,
        ram: BigInt(ram.instances[index] ?? 0),
        disk: BigInt(instanceDisk(component, request)),
      },
    })),
    requiredResource: { cpu: cpu.container, ram: BigInt(ram.container), disk: BigInt(disk) },
  });
}

function checkRam(components: readonly string[], ram: Shares): void {
  const index = ram.instances.findIndex((bytes) => bytes < INSTANCE_RAM_MIN);
  if (index === -1) return;
  throw new HeronError(
    "invalid_topology",
    `Share memory among instances: found ${ram.instances[index]} B for an instance of ` +
      `"${components[index]}", expected at least ${INSTANCE_RAM_MIN} B`,
  );
}

// Heron gives each instance the default; shares by component are ours.
function instanceDisk(component: string, request: PackingRequest): number {
  return request.disk.byComponent.get(component) ?? INSTANCE_DEFAULT.disk;
}

/** The same for all containers: what was asked for, or what the fullest needs and the padding. */
function containerDisk(
  containers: readonly (readonly PlacedInstance[])[],
  request: PackingRequest,
): number {
  const { container: asked, padding, byComponent } = request.disk;
  const sums = containers.map((instances) => ({
    named: sumOf(instances.map(({ component }) => byComponent.get(component) ?? 0)),
    all: sumOf(instances.map(({ component }) => instanceDisk(component, request))),
  }));
  if (asked === undefined) return sums.reduce((most, { all }) => Math.max(most, all), 0) + padding;
  const over = sums.find(({ named }) => named > asked);
  if (over === undefined) return asked;
  throw new HeronError(
    "invalid_topology",
    `Share disk among instances: components with a share of their own take ${over.named} B of a ` +
      `container's ${asked} B, expected at most all of it`,
  );
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
