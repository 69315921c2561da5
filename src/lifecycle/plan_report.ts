/**
 * What a topology comes to before it runs: components, streams and groupings, and which container
 * its tasks are packed into, as data, as text for people, and as a graph for Graphviz. Pure.
 */

import type { GroupingDefinition, TopologyDefinition } from "../api/mod.ts";
import type { PackingPlan, Resource } from "../base/gen/heron/packing_plan_pb.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** What tasks or containers ask for. */
export interface Amounts {
  readonly cpu: number;
  readonly ramBytes: number;
  readonly diskBytes: number;
}

/** A container and its tasks. */
export interface ContainerReport extends Amounts {
  readonly container: number;
  readonly tasks: readonly {
    readonly task: number;
    readonly component: string;
    readonly index: number;
  }[];
}

/** The plan of a topology. */
export interface PlanReport {
  readonly topology: string;
  readonly components: TopologyDefinition["components"];
  readonly containers: readonly ContainerReport[];
  /** Of all containers together. */
  readonly total: Amounts;
}

/** The report on a topology and how it is packed. */
export function planReport(
  { name, components }: TopologyDefinition,
  { containerPlans }: PackingPlan,
): PlanReport {
  const containers = containerPlans.map(({ id, instancePlans, requiredResource }) => ({
    container: id,
    tasks: instancePlans
      .map(({ taskId, componentName, componentIndex }) => ({
        task: taskId,
        component: componentName,
        index: componentIndex,
      }))
      .toSorted((a, b) => a.task - b.task),
    ...amountsOf(requiredResource),
  }));
  const sum = (read: (one: Amounts) => number): number =>
    containers.reduce((total, one) => total + read(one), 0);
  return {
    topology: name,
    components,
    containers,
    total: {
      cpu: sum(({ cpu }) => cpu),
      ramBytes: sum(({ ramBytes }) => ramBytes),
      diskBytes: sum(({ diskBytes }) => diskBytes),
    },
  };
}

function amountsOf(resource: Resource | undefined): Amounts {
  return {
    cpu: resource?.cpu ?? 0,
    ramBytes: Number(resource?.ram ?? 0),
    diskBytes: Number(resource?.disk ?? 0),
  };
}

/** The report as text, with an end of line. */
export function formatPlan({ topology, components, containers, total }: PlanReport): string {
  const tasks = components.reduce((sum, { parallelism }) => sum + parallelism, 0);
  const lines = [
    `topology ${topology}: ${counted(components.length, "component")}, ` +
    `${counted(tasks, "task")}, ${counted(containers.length, "container")}`,
    "",
  ];
  for (const { name, kind, parallelism, inputs, outputs } of components) {
    lines.push(`  ${kind} ${name} × ${parallelism}`);
    for (const { component, stream, grouping } of inputs) {
      lines.push(`    reads ${streamName(component, stream)} by ${groupingName(grouping)}`);
    }
    for (const { id, fields, direct } of outputs) {
      lines.push(`    emits ${id} (${fields.join(", ")})${direct ? ", direct" : ""}`);
    }
  }
  lines.push("");
  for (const { container, tasks: own, ...amounts } of containers) {
    const names = own.map(({ component, index }) => `${component}[${index}]`);
    lines.push(`  container ${container}: ${names.join(" ")}`, `    ${formatAmounts(amounts)}`);
  }
  lines.push("", `  all containers: ${formatAmounts(total)}`);
  return `${lines.join("\n")}\n`;
}

/** The graph of components in the language of Graphviz, with an end of line. */
export function planToDot({ topology, components }: PlanReport): string {
  const lines = [`digraph ${quoted(topology)} {`, "  rankdir=LR;"];
  for (const { name, kind, parallelism } of components) {
    const shape = kind === "spout" ? "cds" : "box";
    lines.push(`  ${quoted(name)} [shape=${shape}, label=${quoted(`${name} × ${parallelism}`)}];`);
  }
  for (const { name, inputs } of components) {
    for (const { component, stream, grouping } of inputs) {
      const label = `${stream === "default" ? "" : `${stream}: `}${groupingName(grouping)}`;
      lines.push(`  ${quoted(component)} -> ${quoted(name)} [label=${quoted(label)}];`);
    }
  }
  return `${lines.join("\n")}\n}\n`;
}

function streamName(component: string, stream: string): string {
  return stream === "default" ? component : `${component}/${stream}`;
}

/** Groupings of which the text has other words than the definition. */
const GROUPING_NAMES: Readonly<Partial<Record<GroupingDefinition["type"], string>>> = Object.freeze(
  { localOrShuffle: "local or shuffle", partialKey: "partial key" },
);

function groupingName(grouping: GroupingDefinition): string {
  const name = GROUPING_NAMES[grouping.type] ?? grouping.type;
  return "fields" in grouping ? `${name} (${grouping.fields.join(", ")})` : name;
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function formatAmounts({ cpu, ramBytes, diskBytes }: Amounts): string {
  return `${Number(cpu.toFixed(2))} CPU, ${formatBytes(ramBytes)} RAM, ${
    formatBytes(diskBytes)
  } disk`;
}

function formatBytes(bytes: number): string {
  return bytes >= GIB
    ? `${Number((bytes / GIB).toFixed(1))} GiB`
    : `${Math.round(bytes / MIB)} MiB`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
