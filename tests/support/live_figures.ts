/** The figures of a small topology as its view has them, for tests of the view. */

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type MetricsAnswer, MetricsAnswerSchema } from "../../src/base/gen/heron_bin/packet_pb.ts";
import type { TopologyFacts } from "../../src/lifecycle/mod.ts";

/** A spout and two bolts in two containers. */
export const FACTS: TopologyFacts = Object.freeze(
  {
    name: "word-count",
    mode: "at least once",
    components: [
      { name: "lines", kind: "spout", tasks: 1 },
      { name: "split", kind: "bolt", tasks: 2 },
      { name: "count", kind: "bolt", tasks: 2 },
    ],
    containers: 2,
    tasks: new Map([
      ["container_1_lines_1", { component: "lines", componentIndex: 0, task: 1 }],
      ["container_2_split_2", { component: "split", componentIndex: 0, task: 2 }],
      ["container_1_split_3", { component: "split", componentIndex: 1, task: 3 }],
      ["container_2_count_4", { component: "count", componentIndex: 0, task: 4 }],
      ["container_1_count_5", { component: "count", componentIndex: 1, task: 5 }],
    ]),
    topologyFolder: "/topology",
  } satisfies TopologyFacts,
);

type Told = Readonly<Record<string, readonly [sum: number, perSecond: number]>>;
type GroupInit = { component?: string; instance?: string; container?: number; told: Told };
type Exceptions = MessageInitShape<typeof MetricsAnswerSchema>["exceptions"];

/** An answer of the topology master in which two sources have each metric. */
export function answerOf(
  groups: readonly GroupInit[],
  exceptions: NonNullable<Exceptions> = [],
): MetricsAnswer {
  const names = [...new Set(groups.flatMap(({ told }) => Object.keys(told)))];
  return create(MetricsAnswerSchema, {
    names,
    exceptions,
    groups: groups.map(({ told, ...who }) => ({
      ...who,
      sources: 2,
      names: Object.keys(told).map((name) => names.indexOf(name)),
      counts: Object.keys(told).map(() => 2),
      sums: Object.values(told).map(([sum]) => sum),
      perSecond: Object.values(told).map(([, perSecond]) => perSecond),
    })),
  });
}

const PROCESS: Told = {
  "__process/__mem_private_bytes": [80 * 1024 * 1024, 0],
  "__process/__mem_used_bytes": [240 * 1024 * 1024, 0],
  "__process/__cpu_user_usec": [5e6, 400_000],
  "__process/__cpu_system_usec": [1e6, 100_000],
};

const SPLIT: Told = {
  ...PROCESS,
  "__emit-count/default": [900_000, 45_000],
  "__execute-count/default": [100_000, 5000],
  "__execute-count/lines/default": [100_000, 5000],
  "__execute-time-ns/default": [1e9, 5e8],
  "__ack-count/default": [100_000, 5000],
  "__fail-count/default": [0, 0],
};

/** What the topology master answers of it: all components, then all containers. */
export function answersOf(): MetricsAnswer[] {
  const exception = {
    stacktrace: "Error: no such word\n    at execute (/topology/topology.ts:8:29)",
    firsttime: "2023-11-14T22:13:00.000Z",
    lasttime: "2023-11-14T22:13:20.000Z",
    logging: "",
    count: 2,
  };
  return [
    answerOf([
      {
        component: "lines",
        told: {
          ...PROCESS,
          "__emit-count/default": [100_000, 5000],
          "__ack-count/default": [99_000, 4900],
          "__fail-count/default": [12, 3],
          "__complete-latency/default": [25e6, 0],
          "__time-spent-back-pressure-paused-ms": [9000, 620],
        },
      },
      { component: "split", told: SPLIT },
      {
        component: "count",
        told: {
          ...PROCESS,
          "__execute-count/default": [900_000, 45_000],
          "__execute-latency/default": [80_000, 0],
        },
      },
      {
        component: "__stmgr__",
        told: { "__time_spent_back_pressure_by_compid/container_1_count_5": [9000, 830] },
      },
    ], [{ component: "split", instance: "container_1_split_3", exception }]),
    answerOf([
      { container: 1, told: PROCESS },
      { container: 0, told: PROCESS },
      { container: 2, told: PROCESS },
    ]),
  ];
}

/** What it answers of the tasks of "split". */
export function tasksAnswer(): MetricsAnswer {
  return answerOf([
    { component: "split", instance: "container_1_split_3", container: 1, told: SPLIT },
    { component: "split", instance: "container_2_split_2", container: 2, told: SPLIT },
  ]);
}

/** What it answers of the processes. */
export function processesAnswer(): MetricsAnswer {
  return answerOf([
    { component: "__tmanager__", instance: "0", container: 0, told: PROCESS },
    { component: "__stmgr__", instance: "stmgr-1", container: 1, told: PROCESS },
    { component: "split", instance: "container_2_split_2", container: 2, told: PROCESS },
  ]);
}
