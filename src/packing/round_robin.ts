/**
 * Heron's round-robin packing: tasks are numbered through the components and
 * dealt to the containers in turn. Components with more RAM come first; among
 * equals, and this is where Heron has no order, that of their declaration rules.
 */

import { create } from "@bufbuild/protobuf";
import type { ComponentDefinition, TopologyDefinition } from "../api/mod.ts";
import { HeronError } from "../base/mod.ts";
import { type PackingPlan, PackingPlanSchema } from "../base/gen/heron/packing_plan_pb.ts";
import { readRequests, RESOURCE_DEFAULTS, type ResourceRequest } from "./resources.ts";

interface PackedTask {
  readonly taskId: number;
  readonly component: string;
  readonly componentIndex: number;
}

/**
 * Packs by round robin over `topology.stmgrs` containers.
 * @throws HeronError "invalid_config" with a line for each fault
 */
export function packRoundRobin(definition: TopologyDefinition, topologyId: string): PackingPlan {
  const faults: string[] = [];
  const requests = readRequests(definition, faults);
  const tasks = numberTasks(definition, requests.ram);
  const containers = dealTasks(tasks, containerCount(definition, tasks.length, faults));
  const ram = containers.map((one) =>
    share(one, requests.ram, { name: "RAM", isWhole: true, faults })
  );
  const cpu = containers.map((one) =>
    share(one, requests.cpu, { name: "CPU", isWhole: false, faults })
  );
  const disk = containers.map((one) =>
    share(one, requests.disk, { name: "disk", isWhole: true, faults })
  );
  checkRam(containers, ram, faults);
  if (faults.length > 0) {
    throw new HeronError(
      "invalid_config",
      `Pack topology "${definition.name}": ${[...new Set(faults)].join("\n")}`,
    );
  }
  return create(PackingPlanSchema, {
    id: topologyId,
    containerPlans: containers.map((one, index) => ({
      id: index + 1,
      instancePlans: one.map((task, place) => ({
        componentName: task.component,
        taskId: task.taskId,
        componentIndex: task.componentIndex,
        resource: resourceOf(
          cpu[index]?.instances[place],
          ram[index]?.instances[place],
          disk[index]?.instances[place],
        ),
      })),
      requiredResource: resourceOf(cpu[index]?.total, ram[index]?.total, disk[index]?.total),
    })),
  });
}

function resourceOf(cpu = 0, ram = 0, disk = 0): { cpu: number; ram: bigint; disk: bigint } {
  return { cpu, ram: BigInt(ram), disk: BigInt(disk) };
}

function containerCount(definition: TopologyDefinition, tasks: number, faults: string[]): number {
  const given = Number(definition.config["topology.stmgrs"] ?? 1);
  if (Number.isSafeInteger(given) && given >= 1 && given <= tasks) return given;
  faults.push(
    `"topology.stmgrs": found "${given}" containers, expected 1 to ${tasks}, the number of instances`,
  );
  return 1;
}

function numberTasks(definition: TopologyDefinition, ram: ResourceRequest): PackedTask[] {
  const ramOf = (component: ComponentDefinition) => ram.byComponent.get(component.name) ?? 0;
  const ordered = definition.components.toSorted((a, b) => ramOf(b) - ramOf(a));
  const tasks: PackedTask[] = [];
  for (const component of ordered) {
    for (let index = 0; index < component.parallelism; index++) {
      tasks.push({ taskId: tasks.length + 1, component: component.name, componentIndex: index });
    }
  }
  return tasks;
}

function dealTasks(tasks: readonly PackedTask[], containers: number): PackedTask[][] {
  const dealt: PackedTask[][] = Array.from({ length: containers }, () => []);
  for (const [index, task] of tasks.entries()) dealt[index % containers]?.push(task);
  return dealt;
}

/** Gives each instance of a container what its component asks for, the rest an equal share of what is left. */
function share(
  tasks: readonly PackedTask[],
  request: ResourceRequest,
  options: { readonly name: string; readonly isWhole: boolean; readonly faults: string[] },
): { instances: number[]; total: number } {
  const { byComponent, container, padding, instanceDefault } = request;
  const asked = tasks.map((task) => byComponent.get(task.component));
  const specified = asked.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const open = asked.filter((value) => value === undefined).length;
  const left = container === undefined ? instanceDefault * open : container - padding - specified;
  if (left < 0) {
    options.faults.push(
      `Container ${options.name}: found "${container}", expected at least ${
        specified + padding
      }: ` +
        `${specified} for its instances and ${padding} for the other processes`,
    );
  }
  const each = options.isWhole ? Math.floor(left / Math.max(1, open)) : left / Math.max(1, open);
  const instances = asked.map((value) => value ?? Math.max(0, each));
  const used = instances.reduce((sum, value) => sum + value, 0);
  return { instances, total: container ?? used + padding };
}

function checkRam(
  containers: readonly (readonly PackedTask[])[],
  ram: readonly { readonly instances: readonly number[] }[],
  faults: string[],
): void {
  const least = RESOURCE_DEFAULTS.instanceRamBytesMin;
  for (const [index, tasks] of containers.entries()) {
    for (const [place, task] of tasks.entries()) {
      const found = ram[index]?.instances[place] ?? 0;
      if (found >= least) continue;
      faults.push(
        `RAM of "${task.component}": found ${found} B an instance, expected at least ${least} B`,
      );
    }
  }
}
