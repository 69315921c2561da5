/**
 * The figures of a running topology as its view shows them, from the answers of
 * the topology master and what is known of the plan. What is not told is undefined. Pure.
 */

import {
  type MetricGroup,
  MetricGrouping,
  type MetricsAnswer,
} from "../../base/gen/heron_bin/packet_pb.ts";
import type { TaskName } from "../failure_text.ts";
import type { MetricsQuestion } from "../metrics_reader.ts";
import { userFrames } from "../user_stack.ts";
import { MetricValues } from "./metric_values.ts";

/** What is known of a topology before it runs. */
export interface TopologyFacts {
  readonly name: string;
  /** "at least once". */
  readonly mode: string;
  readonly components: readonly {
    readonly name: string;
    readonly kind: "spout" | "bolt";
    readonly tasks: number;
  }[];
  readonly containers: number;
  /** Which task an instance is, by its id. */
  readonly tasks: ReadonlyMap<string, TaskName>;
  /** Folder of the bundle, to which stacks are relative. */
  readonly topologyFolder: string;
  /** The view only looks on: to leave it ends nothing. @default false */
  readonly isOnlooker?: boolean;
}

/** The figures of a component or of one task. */
export interface Row {
  /** "count" or "count[1]". */
  readonly name: string;
  readonly kind: "spout" | "bolt";
  readonly tasks: number;
  /** Tuples a second. */
  readonly emit: number | undefined;
  readonly execute: number | undefined;
  readonly ack: number | undefined;
  readonly fail: number | undefined;
  readonly executeMs: number | undefined;
  readonly processMs: number | undefined;
  readonly completeMs: number | undefined;
  /** The part of its time that a task executes. */
  readonly capacity: number | undefined;
  /** Of a bolt: the part of the time that a task of it was announced as too slow. Of a spout: that it was paused. */
  readonly pressure: number | undefined;
  readonly queueBytes: number | undefined;
  readonly pending: number | undefined;
  readonly emitted: number | undefined;
  readonly executed: number | undefined;
  readonly failed: number | undefined;
  readonly dropped: number | undefined;
  readonly memoryBytes: number | undefined;
  /** Cores. */
  readonly cpu: number | undefined;
}

/** A container, or a process of one. */
export interface ProcessRow {
  readonly name: string;
  readonly container: number;
  readonly processes: number;
  readonly memoryBytes: number | undefined;
  readonly residentBytes: number | undefined;
  readonly cpu: number | undefined;
}

/** An error of user code. */
export interface ErrorRow {
  /** "count[1]". */
  readonly who: string;
  readonly component: string;
  readonly message: string;
  /** "at Count.execute (topology.ts:8:29)". */
  readonly where: string;
  readonly times: number;
  /** When it came last, in milliseconds since 1970; 0: not told. */
  readonly lastMs: number;
}

/** A task that others wait for. */
export interface Culprit {
  readonly who: string;
  /** The part of the time that it was announced as too slow. */
  readonly share: number;
}

/** What a view shows at one moment. */
export interface Figures {
  /** In the plan's order. */
  readonly components: readonly Row[];
  readonly containers: readonly ProcessRow[];
  /** The worst first. */
  readonly culprits: readonly Culprit[];
  /** The newest first. */
  readonly errors: readonly ErrorRow[];
  /** The tasks of the component that was asked for. */
  readonly tasks: readonly Row[];
  /** The processes, when they were asked for. */
  readonly processes: readonly ProcessRow[];
  /** There are more tasks or processes than are told. */
  readonly hasMore: boolean;
}

/** What is asked for besides the components: nothing, the tasks of one, or the processes. */
export type Detail =
  | { readonly type: "none" }
  | { readonly type: "component"; readonly name: string }
  | { readonly type: "processes" };

const ROWS_MAX = 500;
const ROW_METRICS: readonly string[] = Object.freeze([
  "__emit-count",
  "__execute-count",
  "__execute-time-ns",
  "__ack-count",
  "__fail-count",
  "__dropped-count",
  "__execute-latency",
  "__process-latency",
  "__complete-latency",
  "__pending-acked-count",
  "__executor-in-stream-queue-bytes",
  "__time-spent-back-pressure-paused-ms",
  "__time_spent_back_pressure_by_compid",
  "__process",
]);
const PROCESS_METRICS: readonly string[] = Object.freeze(["__process"]);

/** What the topology master is asked, in the order in which `figuresOf` takes the answers. */
export function questionsFor(detail: Detail): readonly MetricsQuestion[] {
  const components = { grouping: MetricGrouping.COMPONENT, names: [...ROW_METRICS] };
  const containers = { grouping: MetricGrouping.CONTAINER, names: [...PROCESS_METRICS] };
  const instance = { grouping: MetricGrouping.INSTANCE, groupsMax: ROWS_MAX };
  return [
    { ...components, exceptions: true },
    containers,
    ...(detail.type === "component"
      ? [{ ...instance, components: [detail.name], names: [...ROW_METRICS] }]
      : []),
    ...(detail.type === "processes" ? [{ ...instance, names: [...PROCESS_METRICS] }] : []),
  ];
}

/** The figures before anything was told. */
export function noFigures(facts: TopologyFacts): Figures {
  return figuresOf(facts, [], { type: "none" });
}

/** The figures that the answers to `questionsFor(detail)` tell. */
export function figuresOf(
  facts: TopologyFacts,
  answers: readonly MetricsAnswer[],
  detail: Detail,
): Figures {
  const [byComponent, byContainer, details] = answers;
  const culprits = culpritsOf(facts, byComponent);
  const shares = new Map<string, number>();
  for (const { who, share } of culprits) {
    for (const name of [who, componentOf(who)]) {
      shares.set(name, Math.max(share, shares.get(name) ?? 0));
    }
  }
  const byName = new Map(groupsOf(byComponent).map((group) => [group.component, group]));
  const processes = detail.type === "processes" ? groupsOf(details) : [];
  const tasks = detail.type === "component" ? groupsOf(details) : [];
  return {
    components: facts.components.map((component) =>
      rowOf(component, valuesOf(byComponent, byName.get(component.name)), shares)
    ),
    containers: groupsOf(byContainer)
      .map((group) => processOf(`container ${group.container}`, group, byContainer))
      .sort((one, other) => one.container - other.container),
    culprits,
    errors: errorsOf(facts, byComponent),
    tasks: tasks.map((group) => {
      const task = facts.tasks.get(group.instance);
      const kind = facts.components.find(({ name }) => name === group.component)?.kind ?? "bolt";
      const name = task === undefined ? group.instance : nameOf(task);
      return rowOf({ name, kind, tasks: 1 }, valuesOf(details, group), shares);
    }).sort((one, other) => indexOf(one.name) - indexOf(other.name)),
    processes: processes.map((group) => {
      const task = facts.tasks.get(group.instance);
      const name = group.component === "__tmanager__" ? "tm" : group.instance;
      return processOf(task === undefined ? name : nameOf(task), group, details);
    }),
    hasMore: details?.truncated ?? false,
  };
}

/** "count[1]". */
function nameOf({ component, componentIndex }: TaskName): string {
  return `${component}[${componentIndex}]`;
}

function componentOf(task: string): string {
  return task.replace(/\[\d+\]$/, "");
}

function indexOf(task: string): number {
  return Number(/\[(\d+)\]$/.exec(task)?.[1] ?? 0);
}

function groupsOf(answer: MetricsAnswer | undefined): readonly MetricGroup[] {
  return answer?.groups ?? [];
}

function valuesOf(
  answer: MetricsAnswer | undefined,
  group: MetricGroup | undefined,
): MetricValues | undefined {
  return group === undefined ? undefined : new MetricValues(answer?.names ?? [], group);
}

function rowOf(
  { name, kind, tasks }: Pick<Row, "name" | "kind" | "tasks">,
  values: MetricValues | undefined,
  shares: ReadonlyMap<string, number>,
): Row {
  const rate = (metric: string) => values?.perSecond(metric);
  const sum = (metric: string) => values?.sum(metric);
  const execute = kind === "bolt" ? rate("__execute-count") : undefined;
  const executeNs = rate("__execute-time-ns");
  const latencyMs = msOf(values?.mean("__execute-latency", "__execute-count"));
  const pausedMs = rate("__time-spent-back-pressure-paused-ms");
  const busyMs = executeNs === undefined ? times(execute, latencyMs) : executeNs / 1e6;
  return {
    name,
    kind,
    tasks,
    emit: rate("__emit-count"),
    execute,
    ack: rate("__ack-count"),
    fail: rate("__fail-count"),
    executeMs: executeNs !== undefined && execute ? executeNs / 1e6 / execute : latencyMs,
    processMs: msOf(values?.mean("__process-latency", "__ack-count")),
    completeMs: msOf(values?.mean("__complete-latency", "__ack-count")),
    capacity: busyMs === undefined || kind === "spout" ? undefined : busyMs / 1000 / tasks,
    pressure: kind === "spout"
      ? (pausedMs === undefined ? undefined : Math.min(1, pausedMs / 1000 / tasks))
      : (values === undefined ? undefined : shares.get(name) ?? 0),
    queueBytes: sum("__executor-in-stream-queue-bytes"),
    pending: sum("__pending-acked-count"),
    emitted: sum("__emit-count"),
    executed: kind === "bolt" ? sum("__execute-count") : undefined,
    failed: sum("__fail-count"),
    dropped: sum("__dropped-count"),
    ...processFigures(values),
  };
}

function processFigures(values: MetricValues | undefined) {
  const user = values?.part("__process", "__cpu_user_usec");
  const system = values?.part("__process", "__cpu_system_usec");
  const cpu = user && system && (user.perSecond + system.perSecond) / 1e6;
  const memoryBytes = values?.part("__process", "__mem_private_bytes")?.sum;
  return { memoryBytes, cpu };
}

function processOf(
  name: string,
  group: MetricGroup,
  answer: MetricsAnswer | undefined,
): ProcessRow {
  const values = valuesOf(answer, group);
  return {
    name,
    container: group.container,
    processes: group.sources,
    residentBytes: values?.part("__process", "__mem_used_bytes")?.sum,
    ...processFigures(values),
  };
}

function culpritsOf(facts: TopologyFacts, answer: MetricsAnswer | undefined): Culprit[] {
  const group = groupsOf(answer).find(({ component }) => component === "__stmgr__");
  const values = valuesOf(answer, group);
  const culprits: Culprit[] = [];
  for (const [instance, ms] of values?.parts("__time_spent_back_pressure_by_compid") ?? []) {
    const task = facts.tasks.get(instance);
    if (ms <= 0) continue;
    const who = task === undefined ? instance : nameOf(task);
    culprits.push({ who, share: Math.min(1, ms / 1000) });
  }
  return culprits.sort((one, other) => other.share - one.share);
}

function errorsOf(facts: TopologyFacts, answer: MetricsAnswer | undefined): ErrorRow[] {
  return (answer?.exceptions ?? []).map(({ component, instance, exception }) => {
    const task = facts.tasks.get(instance);
    const stacktrace = exception?.stacktrace ?? "";
    const [first = ""] = stacktrace.split("\n");
    const [where = ""] = userFrames(stacktrace, facts.topologyFolder);
    return {
      who: task === undefined ? instance : nameOf(task),
      component,
      message: first === "" ? exception?.logging ?? "" : first,
      where,
      times: exception?.count ?? 1,
      lastMs: Date.parse(exception?.lasttime ?? "") || 0,
    };
  });
}

function msOf(ns: number | undefined): number | undefined {
  return ns === undefined ? undefined : ns / 1e6;
}

function times(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one * other;
}
