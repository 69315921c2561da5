/** The topologies of a cluster, each with how it is; as a table and as objects. */

import { HeronError } from "../../base/mod.ts";
import { PhysicalPlanSchema } from "../../base/gen/heron/physical_plan_pb.ts";
import type { TopologyState } from "../../base/gen/heron/topology_pb.ts";
import { decodeRecord } from "../../plan/mod.ts";
import type { Launcher } from "../../scheduler/mod.ts";
import { type StateManager, topologyPaths } from "../../state/mod.ts";
import { launchedOf } from "./kill_topology.ts";
import { readTopology, topologyNames, type TopologyRecords } from "./topology_records.ts";
import { conditionOf, type TopologyCondition } from "./topology_state.ts";

/** With what topologies are looked at. */
export interface LookOptions {
  readonly state: StateManager;
  readonly stateRoot: string;
  readonly launcher: Launcher;
  /** As they are now, and not as another command saw them a while ago. @default false */
  readonly isFresh?: boolean;
}

/** A topology that was looked at. */
export interface LookedAt {
  readonly records: TopologyRecords;
  readonly condition: TopologyCondition;
}

/** Those that are listed. */
export interface ListFilter {
  /** Undefined: of any. */
  readonly role: string | undefined;
  readonly environ: string | undefined;
}

/** Looks at all topologies of a cluster, sorted by name; those of unknown role are never left out. */
export async function listTopologies(
  options: LookOptions,
  { role, environ }: ListFilter,
): Promise<readonly LookedAt[]> {
  const found: LookedAt[] = [];
  for (const name of await topologyNames(options.state)) {
    const records = await readTopology(options.state, name);
    // It was removed meanwhile.
    if (records === undefined) continue;
    const { executionState } = records;
    const isMeant = executionState === undefined ||
      ((role ?? executionState.role) === executionState.role &&
        (environ ?? executionState.environ) === executionState.environ);
    if (isMeant) found.push(await lookAt(records, options));
  }
  return found;
}

/** How a topology is. */
export async function lookAt(records: TopologyRecords, options: LookOptions): Promise<LookedAt> {
  const { launcher, stateRoot, isFresh } = options;
  const presence = await launcher.look(launchedOf(records, stateRoot), isFresh);
  const planned = await plannedState(options.state, records.name);
  return { records, condition: conditionOf(records, { presence, planned }) };
}

/** The state in the last physical plan; undefined: there is none, or none that can be read. */
export async function plannedState(
  state: StateManager,
  name: string,
): Promise<TopologyState | undefined> {
  const record = await state.get(topologyPaths(name).physicalPlan);
  if (record === undefined) return undefined;
  try {
    return decodeRecord(PhysicalPlanSchema, record.bytes, "the physical plan").topology?.state;
  } catch (thrown) {
    if (HeronError.from(thrown).code === "corrupt") return undefined;
    throw thrown;
  }
}

/** @throws HeronError `unavailable` when nobody is there who could do what is asked for */
export function assertThere({ records, condition }: LookedAt, verb: string): void {
  const { state, reason } = condition;
  if (["starting", "running", "deactivated", "unknown"].includes(state)) return;
  throw new HeronError(
    "unavailable",
    `${verb} topology "${records.name}": it is ${state}${reason === "" ? "" : ` (${reason})`}, ` +
      "expected it to run",
  );
}

/** What `--json` prints of a topology. */
export function topologyToJson(
  { records, condition }: LookedAt,
): Readonly<Record<string, unknown>> {
  const { name, executionState, submission, status } = records;
  const { role, environ, cluster, submissionUser, submissionTime, topologyId } = executionState ??
    {};
  return {
    topology: name,
    id: topologyId,
    state: condition.state,
    reason: condition.reason,
    cluster,
    role,
    environ,
    user: submissionUser,
    submitted: submissionTime === undefined ? undefined : isoTime(Number(submissionTime) * 1000),
    scheduler: submission?.scheduler,
    folder: submission?.folder,
    host: status?.host,
    pid: status?.pid,
    containers: status?.containers,
    tasks: status?.tasks,
    unaskedEnds: status?.unaskedEnds,
    job: condition.job,
    waiting: status?.waiting.map(({ container, reason }) => ({ container, reason })),
  };
}

const COLUMNS = ["TOPOLOGY", "STATE", "ROLE/ENVIRON", "TASKS", "CONTAINERS", "SUBMITTED"] as const;

/** The topologies as a table, with a line of reason below where there is one. */
export function formatTopologies(topologies: readonly LookedAt[]): string {
  const rows = topologies.map(rowOf);
  const widths = COLUMNS.map((title, at) =>
    Math.max(title.length, ...rows.map(({ cells }) => cells[at]?.length ?? 0))
  );
  const lineOf = (cells: readonly string[]): string =>
    `${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd()}\n`;
  const lines = rows.map(({ cells, reason }) =>
    lineOf(cells) + (reason === "" ? "" : `  ${reason}\n`)
  );
  return lineOf(COLUMNS) + lines.join("");
}

function rowOf({ records, condition }: LookedAt) {
  const { name, executionState, status } = records;
  const { role = "?", environ = "?", submissionTime } = executionState ?? {};
  const submitted = submissionTime === undefined ? "?" : isoTime(Number(submissionTime) * 1000);
  const counts = [status?.tasks, status?.containers].map((count) =>
    count === undefined || count === 0 ? "-" : String(count)
  );
  const cells = [name, condition.state, `${role}/${environ}`, ...counts, submitted];
  return { cells, reason: condition.reason };
}

/** A wall-clock time in milliseconds since 1970, to the second. */
export function isoTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/\.\d+Z$/, "Z");
}
