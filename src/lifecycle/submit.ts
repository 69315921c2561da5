/**
 * The third step: what was defined becomes a job. Packs the tasks, writes
 * Heron's records into the state store and what each process needs into the
 * folder; a half-done submit is rolled back.
 */

import { create } from "@bufbuild/protobuf";
import { writeFile } from "node:fs/promises";
import { Config, type TopologyDefinition } from "../api/mod.ts";
import { type ExecutionState, ExecutionStateSchema } from "../base/gen/heron/execution_state_pb.ts";
import { type PackingPlan, PackingPlanSchema } from "../base/gen/heron/packing_plan_pb.ts";
import { TopologySchema } from "../base/gen/heron/topology_pb.ts";
import {
  encodeJob,
  encodeRecord,
  keyGroupsOf,
  logicalPlanToProto,
  newTopologyId,
  planHash,
} from "../plan/mod.ts";
import type { Packing } from "../packing/mod.ts";
import { type StateManager, topologyPaths } from "../state/mod.ts";
import type { Environment } from "./environment.ts";
import type { RunFolder } from "./run_folder.ts";

/** Options of `submitTopology`. */
export interface SubmitOptions {
  /** As the user's code built it. */
  readonly definition: TopologyDefinition;
  /** Worker containers, in place of what the definition says. */
  readonly containers: number | undefined;
  readonly arguments: readonly string[];
  readonly environment: Environment;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  readonly folder: RunFolder;
  /** Folder the user stands in. */
  readonly workingFolder: string;
  /** Makes the topology's id a new one. */
  readonly uuid: string;
  /** 32 random bytes. */
  readonly secret: Uint8Array;
  readonly submission: Submission;
  readonly state: StateManager;
  readonly pack: Packing;
}

/** Who submits to where, as Heron records it. */
export interface Submission {
  readonly cluster: string;
  readonly environ: string;
  readonly role: string;
  readonly user: string;
  readonly version: string;
  /** Wall-clock time in milliseconds since 1970. */
  readonly wallMs: number;
}

/** What was submitted. */
export interface SubmittedTopology {
  readonly topologyId: string;
  /** The definition as recorded: with the number of containers and key groups it runs with. */
  readonly definition: TopologyDefinition;
  readonly packingPlan: PackingPlan;
}

/**
 * Submits a topology.
 * @throws HeronError `already_exists` when one of its name runs in the same state store
 */
export async function submitTopology(options: SubmitOptions): Promise<SubmittedTopology> {
  const { folder, state } = options;
  const topologyId = newTopologyId(options.definition.name, options.uuid);
  const wanted = options.containers === undefined
    ? options.definition
    : withConfig(options.definition, { [Config.TOPOLOGY_STMGRS]: options.containers });
  const packingPlan = options.pack(wanted, topologyId);
  // Packing may need more containers than were asked for, or fewer.
  const definition = withConfig(wanted, {
    [Config.TOPOLOGY_STMGRS]: packingPlan.containerPlans.length,
    [Config.TOPOLOGY_KEY_GROUPS]: keyGroupsOf(wanted),
  });
  const submitted = Object.freeze({ topologyId, definition, packingPlan });
  const job = jobOf(options, submitted);
  await writeFile(folder.secret, options.secret, { mode: 0o600, flag: "wx" });
  await writeFile(folder.job, job, { mode: 0o600, flag: "wx" });
  await createRecords(state, recordsOf(options, submitted));
  return submitted;
}

function jobOf(options: SubmitOptions, submitted: SubmittedTopology): Uint8Array {
  const { definition, topologyId, packingPlan } = submitted;
  const { cluster, environ, role } = options.submission;
  return encodeJob({
    topologyName: definition.name,
    topologyId,
    cluster,
    role,
    environ,
    folder: options.folder.path,
    stateRoot: options.folder.state,
    bundle: options.bundle,
    arguments: [...options.arguments],
    environment: Object.entries(options.environment).map(([name, value]) => ({ name, value })),
    // Of what the user's code built: instances build the same again and compare.
    planHash: planHash(options.definition),
    topology: logicalPlanToProto(definition, topologyId),
    packingPlan,
    schedulerEpoch: 1,
    workingFolder: options.workingFolder,
  });
}

type StateRecord = readonly [path: string, bytes: Uint8Array];

function recordsOf(options: SubmitOptions, submitted: SubmittedTopology): readonly StateRecord[] {
  const { definition, topologyId, packingPlan } = submitted;
  const paths = topologyPaths(definition.name);
  const executionState = executionStateOf(options.submission, submitted);
  return [
    [paths.topology, encodeRecord(TopologySchema, logicalPlanToProto(definition, topologyId))],
    [paths.packingPlan, encodeRecord(PackingPlanSchema, packingPlan)],
    [paths.executionState, encodeRecord(ExecutionStateSchema, executionState)],
  ];
}

function executionStateOf(
  { cluster, environ, role, user, version, wallMs }: Submission,
  { definition, topologyId }: SubmittedTopology,
): ExecutionState {
  return create(ExecutionStateSchema, {
    topologyName: definition.name,
    topologyId,
    submissionTime: BigInt(Math.floor(wallMs / 1000)),
    submissionUser: user,
    cluster,
    environ,
    role,
    releaseState: { releaseUsername: user, releaseTag: "", releaseVersion: version },
  });
}

async function createRecords(state: StateManager, records: readonly StateRecord[]): Promise<void> {
  const created: string[] = [];
  try {
    for (const [path, bytes] of records) {
      await state.create(path, bytes);
      created.push(path);
    }
  } catch (thrown) {
    for (const path of created.reverse()) await state.delete(path, "any");
    throw thrown;
  }
}

function withConfig(
  definition: TopologyDefinition,
  config: TopologyDefinition["config"],
): TopologyDefinition {
  return { ...definition, config: { ...definition.config, ...config } };
}
