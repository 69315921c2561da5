/** The workloads by name: which topology each is, with what arguments, and what it is measured by. */

/** How a workload is measured. */
export type WorkloadKind = "rate" | "latency" | "load" | "idle" | "start" | "recovery" | "stmgr";

/** Whether each tuple is followed: at most once or at least once, in the words of the JSON lines. */
export type Mode = "amo" | "alo";

/** A workload. */
export interface Workload {
  readonly name: string;
  readonly kind: WorkloadKind;
  /** The topology's file in `topologies/`, without its ending; none for the core of a role alone. */
  readonly topology: string;
  readonly mode: Mode;
  readonly arguments: readonly string[];
  readonly containers: number | undefined;
  /** What others call it; who is not there has no such workload. */
  readonly peers: Readonly<Partial<Record<"storm" | "flink", string>>>;
  /** It is smaller in a smoke test: these replace arguments of the same name. */
  readonly smokeArguments: readonly string[];
}

type WorkloadInit = Pick<Workload, "name" | "kind"> & Partial<Workload>;

const MANY_FIELDS = ["grouping=fields", "tell-ms=500"] as const;

const INITS: readonly WorkloadInit[] = [
  { name: "wordcount_map", kind: "rate", topology: "word_count", peers: both("wordcount") },
  {
    name: "wordcount_map_alo",
    kind: "rate",
    topology: "word_count",
    mode: "alo",
    peers: both("wordcount"),
  },
  {
    name: "wordcount_keyed",
    kind: "rate",
    topology: "word_count",
    arguments: ["state=keyed"],
    peers: { storm: "wordcount", flink: "wordcount_state" },
  },
  {
    name: "wordcount_keyed_alo",
    kind: "rate",
    topology: "word_count",
    mode: "alo",
    arguments: ["state=keyed"],
    peers: both("wordcount"),
  },
  { name: "const", kind: "rate", topology: "constant", peers: both("const") },
  { name: "chain", kind: "rate", peers: both("chain") },
  { name: "sentence", kind: "rate", peers: both("sentence") },
  {
    name: "sentence_keyed",
    kind: "rate",
    topology: "sentence",
    arguments: ["state=keyed"],
    peers: both("sentence"),
  },
  { name: "fanout", kind: "rate", topology: "routes", arguments: ["grouping=shuffle", "to=8"] },
  {
    name: "all_100",
    kind: "rate",
    topology: "routes",
    arguments: ["grouping=all", "to=100", "tell-ms=500"],
    containers: 4,
    smokeArguments: ["to=4"],
  },
  {
    name: "fields_10_100",
    kind: "load",
    topology: "routes",
    arguments: [...MANY_FIELDS, "from=10", "to=100"],
    containers: 4,
    smokeArguments: ["from=2", "to=4"],
  },
  {
    name: "fields_100_100",
    kind: "load",
    topology: "routes",
    arguments: [...MANY_FIELDS, "from=100", "to=100"],
    containers: 4,
    smokeArguments: ["from=4", "to=4"],
  },
  { name: "hot_key", kind: "rate" },
  { name: "big", kind: "rate" },
  { name: "latency", kind: "latency", peers: both("latency") },
  {
    name: "latency_one_thread",
    kind: "latency",
    topology: "latency",
    arguments: ["set:instance.threads=1"],
    peers: both("latency"),
  },
  { name: "start", kind: "start" },
  { name: "idle", kind: "idle" },
  { name: "recovery", kind: "recovery", mode: "alo" },
  { name: "stmgr", kind: "stmgr", topology: "" },
];

/** All workloads, in the order in which they run. */
export const WORKLOADS: readonly Workload[] = Object.freeze(INITS.map((init) => ({
  topology: init.name,
  mode: "amo" as const,
  arguments: [],
  containers: undefined,
  peers: {},
  smokeArguments: [],
  ...init,
})));

/**
 * The workloads of those names, in their order; all, if none is named.
 * @throws RangeError for a name that there is not
 */
export function findWorkloads(names: readonly string[]): readonly Workload[] {
  if (names.length === 0) return WORKLOADS;
  return names.map((name) => {
    const found = WORKLOADS.find((one) => one.name === name);
    if (found !== undefined) return found;
    const known = WORKLOADS.map((one) => one.name).join(", ");
    throw new RangeError(`Find workload "${name}": expected one of ${known}`);
  });
}

function both(name: string): Workload["peers"] {
  return { storm: name, flink: name };
}
