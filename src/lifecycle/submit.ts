/**
 * The third step: what was defined becomes a job. Packs the tasks, writes
 * Heron's records into the state store and what each process needs into the
 * folder; a half-done submit is rolled back.
 */

import { writeFile } from "node:fs/promises";
import { Config, type TopologyDefinition } from "../api/mod.ts";
import type { ConfigSource } from "../base/config/mod.ts";
import { type PackingPlan, PackingPlanSchema } from "../base/gen/heron/packing_plan_pb.ts";
import { type Topology, TopologySchema, TopologyState } from "../base/gen/heron/topology_pb.ts";
import { Activation } from "../base/gen/heron_bin/submission_pb.ts";
import {
  encodeJob,
  encodeRecord,
  executionStateRecord,
  keyGroupsOf,
  logicalPlanToProto,
  newTopologyId,
  NO_ENDPOINT,
  planHash,
  schedulerLocationRecord,
  submissionRecord,
  wantedRecord,
} from "../plan/mod.ts";
import type { Packing } from "../packing/mod.ts";
import type { FileSinkOfCluster } from "../cluster/mod.ts";
import { type StateManager, topologyPaths } from "../state/mod.ts";
import type { Environment } from "./environment.ts";
import type { RunFolder } from "./run_folder.ts";

/** Options of `submitTopology`. */
export interface SubmitOptions {
  /** As the user's code built it. */
  readonly definition: TopologyDefinition;
  /** Keys of the configuration that the definition does not give. @default none */
  readonly defaults?: ConfigSource;
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
  /** It is to outlive who submits it. @default it ends with its command line */
  readonly placement?: Placement;
}

/** Which of a machine's addresses others reach it by; neither: what its name means. */
export interface Reach {
  /** Name of an interface. */
  readonly interface: string;
  /** As address/bits. */
  readonly network: string;
}

/** Where a topology that stays is put. */
export interface Placement {
  /** Config name of its scheduler. */
  readonly scheduler: string;
  /** How its processes reach each other where they are on several machines. @default all are on one */
  readonly reach?: Reach;
  readonly packageUri: string;
  /** Where its metrics go. */
  readonly sinks: readonly FileSinkOfCluster[];
  /** Its spouts are not called before it is activated. */
  readonly isPaused: boolean;
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

/** What a plan is made of. */
export type PlanOptions = Pick<
  SubmitOptions,
  "definition" | "defaults" | "containers" | "uuid" | "pack"
>;

/** Plans a topology: which containers it has, with which tasks. Nothing is written. */
export function planTopology(options: PlanOptions): SubmittedTopology {
  const topologyId = newTopologyId(options.definition.name, options.uuid);
  const { defaults = {}, containers } = options;
  const given = { ...options.definition, config: { ...defaults, ...options.definition.config } };
  const wanted = containers === undefined
    ? given
    : withConfig(given, { [Config.TOPOLOGY_STMGRS]: containers });
  const packingPlan = options.pack(wanted, topologyId);
  // Packing may need more containers than were asked for, or fewer.
  const definition = withConfig(wanted, {
    [Config.TOPOLOGY_STMGRS]: packingPlan.containerPlans.length,
    [Config.TOPOLOGY_KEY_GROUPS]: keyGroupsOf(wanted),
  });
  return Object.freeze({ topologyId, definition, packingPlan });
}

/**
 * Submits a topology, as it was planned.
 * @throws HeronError `already_exists` when one of its name is in the same state store
 */
export async function submitTopology(
  options: SubmitOptions,
  submitted: SubmittedTopology = planTopology(options),
): Promise<SubmittedTopology> {
  const { folder, state } = options;
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
    topology: topologyOf(options, submitted),
    packingPlan,
    schedulerEpoch: 1,
    workingFolder: options.workingFolder,
    submitted: options.placement !== undefined,
    scheduler: options.placement?.scheduler ?? "",
    ...(options.placement?.reach === undefined ? {} : { reach: options.placement.reach }),
    ...(options.placement === undefined
      ? {}
      : { metrics: { sinks: [...options.placement.sinks] } }),
  });
}

/** The record of a topology in the state that it starts in. */
export function topologyOf(
  { placement }: { readonly placement?: Pick<Placement, "isPaused"> },
  { definition, topologyId }: SubmittedTopology,
): Topology {
  const state = placement?.isPaused === true ? TopologyState.PAUSED : TopologyState.RUNNING;
  return logicalPlanToProto(definition, topologyId, state);
}

type StateRecord = readonly [path: string, bytes: Uint8Array];

/** The execution state first: whoever makes it has the name. */
function recordsOf(options: SubmitOptions, submitted: SubmittedTopology): readonly StateRecord[] {
  const { definition, topologyId, packingPlan } = submitted;
  const { wallMs: submittedMs, ...submission } = options.submission;
  const topologyName = definition.name;
  const paths = topologyPaths(topologyName);
  const executionState = { topologyName, topologyId, submittedMs, ...submission };
  return [
    [paths.executionState, executionStateRecord(executionState)],
    ...ownRecords(options, submitted),
    [paths.packingPlan, encodeRecord(PackingPlanSchema, packingPlan)],
    [paths.scheduler, schedulerLocationRecord({ topologyName, httpEndpoint: NO_ENDPOINT })],
    [paths.topology, encodeRecord(TopologySchema, topologyOf(options, submitted))],
  ];
}

/** What only a topology that stays has. */
function ownRecords(
  { placement, folder, submission }: SubmitOptions,
  { definition, topologyId }: SubmittedTopology,
): readonly StateRecord[] {
  if (placement === undefined) return [];
  const { scheduler, packageUri, isPaused } = placement;
  const paths = topologyPaths(definition.name);
  const place = {
    topologyName: definition.name,
    topologyId,
    scheduler,
    folder: folder.path,
    packageUri,
    submittedMs: BigInt(Math.floor(submission.wallMs)),
  };
  const activation = isPaused ? Activation.PAUSED : Activation.ACTIVE;
  return [
    [paths.submission, submissionRecord(place)],
    [paths.wanted, wantedRecord({ activation, endReason: "" })],
  ];
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
