/** All that is known of one submitted topology, as an object and as text. */

import { HeronError } from "../../base/mod.ts";
import { type PackingPlan, PackingPlanSchema } from "../../base/gen/heron/packing_plan_pb.ts";
import { type PhysicalPlan, PhysicalPlanSchema } from "../../base/gen/heron/physical_plan_pb.ts";
import { TopologySchema } from "../../base/gen/heron/topology_pb.ts";
import type { TopologyDefinition } from "../../api/mod.ts";
import {
  decodeRecord,
  logicalPlanFromProto,
  readTmanagerLocation,
  stmgrId,
} from "../../plan/mod.ts";
import { type StateManager, topologyPaths } from "../../state/mod.ts";
import { formatPlan, type PlanReport, planReport } from "../plan_report.ts";
import { isoTime, type LookedAt, topologyToJson } from "./list_topologies.ts";
import type { TopologyRecords } from "./topology_records.ts";
import { topologyHome } from "./topology_home.ts";

/** A topology with its plans. */
export interface DescribedTopology extends LookedAt {
  readonly plan: PlanReport;
  /** Where the stream manager of a container listens, by container; those that have registered. */
  readonly stmgrs: Readonly<Record<string, string>>;
  /** Where the topology master listens; undefined: it has not said. */
  readonly tmanager: string | undefined;
  readonly packageUri: string | undefined;
}

/**
 * Describes a topology.
 * @throws HeronError `not_found` or `corrupt` when its plans cannot be read
 */
export async function describeTopology(
  state: StateManager,
  looked: LookedAt,
): Promise<DescribedTopology> {
  const { name, submission } = looked.records;
  const paths = topologyPaths(name);
  const [definition, packing, physical, location] = await Promise.all([
    readDefinition(state, name),
    readPackingPlan(state, name),
    state.get(paths.physicalPlan),
    state.get(paths.tmanager),
  ]);
  const plan = physical === undefined
    ? undefined
    : decodeRecord(PhysicalPlanSchema, physical.bytes, `"${paths.physicalPlan}"`);
  const tmanager = location === undefined ? undefined : readTmanagerLocation(location.bytes);
  return {
    ...looked,
    plan: planReport(definition, packing),
    stmgrs: addressesOf(packing, plan),
    tmanager: tmanager === undefined ? undefined : `${tmanager.host}:${tmanager.serverPort}`,
    packageUri: submission?.packageUri,
  };
}

/** The definition of a topology as it was submitted. @throws HeronError `not_found`, `corrupt` */
export async function readDefinition(
  state: StateManager,
  name: string,
): Promise<TopologyDefinition> {
  const { topology: path } = topologyPaths(name);
  return logicalPlanFromProto(
    decodeRecord(TopologySchema, await mustGet(state, path), `"${path}"`),
  );
}

/** The packing plan of a topology. @throws HeronError `not_found`, `corrupt` */
export async function readPackingPlan(state: StateManager, name: string): Promise<PackingPlan> {
  const { packingPlan: path } = topologyPaths(name);
  return decodeRecord(PackingPlanSchema, await mustGet(state, path), `"${path}"`);
}

async function mustGet(state: StateManager, path: string): Promise<Uint8Array> {
  const record = await state.get(path);
  if (record !== undefined) return record.bytes;
  throw new HeronError("not_found", `Read "${path}": there is no such record, expected one`);
}

/** The folder of a topology's logs. @throws HeronError why it is not known */
export function logsFolderOf({ name, submission, faults }: TopologyRecords): string {
  if (submission !== undefined) return topologyHome(submission.folder, "").logs;
  throw faults[0] ??
    new HeronError("not_found", `Find the logs of topology "${name}": its record is missing`);
}

function addressesOf(
  { containerPlans }: PackingPlan,
  plan: PhysicalPlan | undefined,
): Readonly<Record<string, string>> {
  const addresses = new Map(plan?.stmgrs.map((one) => [one.id, `${one.hostName}:${one.dataPort}`]));
  return Object.fromEntries(
    containerPlans.flatMap(({ id }) => {
      const address = addresses.get(stmgrId(id));
      return address === undefined ? [] : [[String(id), address]];
    }),
  );
}

/** What `--json` prints. */
export function descriptionToJson(topology: DescribedTopology): Readonly<Record<string, unknown>> {
  const { plan, stmgrs, tmanager, packageUri, records } = topology;
  return {
    ...topologyToJson(topology),
    package: packageUri,
    tmanager,
    components: plan.components.map(({ name, kind, parallelism }) => ({ name, kind, parallelism })),
    containerPlans: plan.containers.map((container) => ({
      ...container,
      stmgr: stmgrs[String(container.container)],
    })),
    ends: records.status?.ends.map(({ process, timeMs, code, reason, logFile, restarts }) => ({
      process,
      time: isoTime(Number(timeMs)),
      code,
      reason,
      logFile,
      restarts,
    })) ?? [],
  };
}

/** The description as text, with an end of line. */
export function formatDescription(topology: DescribedTopology): string {
  const { records, condition, plan, stmgrs, tmanager, packageUri } = topology;
  const { executionState, submission, status } = records;
  const submitted = Number(executionState?.submissionTime ?? 0n) * 1000;
  const { cluster = "?", role = "?", environ = "?", submissionUser = "?" } = executionState ?? {};
  const facts: readonly (readonly [string, string])[] = [
    [
      "state",
      condition.reason === "" ? condition.state : `${condition.state}: ${condition.reason}`,
    ],
    ["id", submission?.topologyId ?? "?"],
    ["submitted", `${isoTime(submitted)} by ${submissionUser} to ${cluster}/${role}/${environ}`],
    ["scheduler", schedulerText(topology)],
    ["tmanager", tmanager ?? "-"],
    ...Object.entries(stmgrs).map(([id, address]) => [stmgrId(Number(id)), address] as const),
    ["folder", submission?.folder ?? "?"],
    ["package", packageUri ?? "?"],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, value]) => `  ${name.padEnd(width)}  ${value}\n`);
  const ends = (status?.ends ?? []).map(({ process, timeMs, reason, restarts }) =>
    `  ${isoTime(Number(timeMs))} ${process}${restarts ? ", restarted" : ""}: ${reason}\n`
  );
  const unasked = ends.length === 0
    ? ""
    : `\nprocesses that ended unasked (${status?.unaskedEnds}), the last:\n${ends.join("")}`;
  return `${formatPlan(plan)}\n${lines.join("")}${unasked}`;
}

function schedulerText({ records: { submission, status } }: DescribedTopology): string {
  const name = submission?.scheduler ?? "?";
  return status === undefined ? name : `${name}, process ${status.pid} on ${status.host}`;
}
