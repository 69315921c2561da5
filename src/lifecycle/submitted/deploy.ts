/**
 * Submits a topology to a cluster, where it stays: packs and uploads it, makes its folder from the package,
 * writes its records, has its scheduler started and waits until it runs. What was done is undone when a
 * later step fails.
 */

import { dirname, join } from "node:path";
import { TopologySchema } from "../../base/gen/heron/topology_pb.ts";
import { type Clock, HeronError, type Random } from "../../base/mod.ts";
import { encodeRecord } from "../../plan/mod.ts";
import type { FileSinkOfCluster } from "../../cluster/mod.ts";
import type { Launch, Launched, Launcher } from "../../scheduler/mod.ts";
import type { Uploader } from "../../uploader/mod.ts";
import type { Environment } from "../environment.ts";
import { PACKAGED_TOPOLOGY, packTopology, unpackPackage } from "../package/package.ts";
import type { RunFolder } from "../run_folder.ts";
import {
  planTopology,
  type Reach,
  type SubmitOptions,
  type SubmittedTopology,
  submitTopology,
  topologyOf,
} from "../submit.ts";
import { BUNDLE_FILE } from "../bundle.ts";
import { endProcesses } from "./kill_topology.ts";
import { topologyCommand } from "./topology_command.ts";
import { createTopologyHome, discardTopologyHome } from "./topology_home.ts";
import { readTopology, removeRecords, type TopologyRecords } from "./topology_records.ts";
import { UndoList } from "./undo_list.ts";
import { type Started, untilRunning } from "./until_running.ts";

/** Where a topology is put. */
export interface DeployTarget {
  /** Root of the cluster's state store. */
  readonly stateRoot: string;
  /** Absolute path of the folder that holds those of all topologies. */
  readonly workingRoot: string;
  readonly uploader: Uploader;
  readonly launcher: Launcher;
  /** Config name of the scheduler. */
  readonly scheduler: string;
  /** How processes reach each other where they are on several machines. @default all are on one */
  readonly reach?: Reach;
  /** Where its metrics go. */
  readonly sinks: readonly FileSinkOfCluster[];
  /** The settings of the cluster, as text. */
  readonly config: string;
}

/** What is deployed, how, and by whom. */
export interface DeployOptions extends
  Pick<
    SubmitOptions,
    | "definition"
    | "defaults"
    | "containers"
    | "arguments"
    | "environment"
    | "workingFolder"
    | "uuid"
    | "secret"
    | "submission"
    | "state"
    | "pack"
  > {
  readonly target: DeployTarget;
  /** Absolute path of the folder that holds the bundle and its files. */
  readonly topologyFolder: string;
  /** Its spouts are not called before it is activated. */
  readonly isPaused: boolean;
  /** Absolute path of a binary that goes along. @default none does */
  readonly binary?: string;
  /** Command line of heron-bin, to which a subcommand and its flags are added. */
  readonly command: readonly string[];
  /** Of the scheduler. */
  readonly schedulerEnvironment: Environment;
  readonly userId: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** How long it may take from the start of its scheduler until all tasks run, in milliseconds. */
  readonly startMs: number;
  /** How long is waited for one that waits in a queue, in milliseconds. */
  readonly queueMs: number;
  /** Something was done, for people. */
  note(text: string): void;
}

/** How long the processes of a submit that failed have to end in order. */
const UNDO_MS = 5000;

/** A topology that runs, or waits in a queue. */
export interface Deployed {
  readonly submitted: SubmittedTopology;
  readonly folder: RunFolder;
  readonly started: Started;
}

/**
 * Deploys a topology and waits until it runs; if it has to wait in a queue, not for that for long.
 * @throws HeronError why it does not, after what was done was undone
 */
export async function deployTopology(options: DeployOptions): Promise<Deployed> {
  await assertFree(options);
  const done = new UndoList();
  try {
    return await deploy(options, done);
  } catch (thrown) {
    const error = HeronError.from(thrown, `Submit topology "${options.definition.name}"`);
    const left = await done.undo();
    for (const one of left) options.note(`not undone: ${one}`);
    if (left.length === 0) options.note("what was done is undone");
    throw error;
  }
}

async function deploy(options: DeployOptions, done: UndoList): Promise<Deployed> {
  const { target, state, signal, isPaused, note } = options;
  const { name } = options.definition;
  const submitted = planTopology(options);
  const { uploader, stateRoot, workingRoot, launcher, scheduler, reach, sinks } = target;
  const packed = await packTopology(packageParts(options, submitted));
  signal.throwIfAborted();
  const packageUri = await uploader.upload(`${submitted.topologyId}.tar.gz`, packed);
  done.add(`package "${packageUri}"`, () => uploader.remove(packageUri));
  note(`packed ${(packed.length / 1000).toFixed(1)} kB to ${packageUri}`);
  const folder = await createTopologyHome({
    ...options,
    stateRoot,
    workingRoot,
    topologyName: name,
  });
  done.add(`folder "${folder.path}"`, () => discardTopologyHome(folder.path));
  // What runs is what was uploaded.
  await unpackPackage(await uploader.download(packageUri), folder.path);
  signal.throwIfAborted();
  const bundle = join(folder.path, PACKAGED_TOPOLOGY, BUNDLE_FILE);
  const placement = {
    ...{ scheduler, packageUri, sinks, isPaused },
    ...(reach === undefined ? {} : { reach }),
  };
  await submitTopology({ ...options, folder, bundle, placement }, submitted);
  done.add("its records", () => removeRecords(state, name));
  const launched: Launched = { jobFile: folder.job, told: undefined };
  done.add("its processes", () => endAgain(name, options));
  const { schedulerEnvironment: environment } = options;
  const command = await topologyCommand(folder.path, options.command);
  await launcher.launch(schedulerLaunch({ jobFile: folder.job, command, environment }));
  const { topologyId } = submitted;
  const wait = { ...options, launcher, launched, topologyName: name, topologyId };
  return { submitted, folder, started: await untilRunning(wait) };
}

/** Ends what was started. */
async function endAgain(name: string, { state, target, clock }: DeployOptions): Promise<void> {
  const topology = await readTopology(state, name);
  if (topology === undefined) return;
  const { stateRoot, launcher } = target;
  const reason = "its submit failed";
  await endProcesses(topology, { state, stateRoot, launcher, clock, reason, stopMs: UNDO_MS });
}

/** How the scheduler of a job is started. */
export function schedulerLaunch(
  { jobFile, command, environment }: Pick<Launch, "jobFile" | "command" | "environment">,
): Launch {
  const folder = dirname(jobFile);
  return {
    jobFile,
    command: [...command, "scheduler", "--job", jobFile],
    environment,
    workingFolder: folder,
    logFile: join(folder, "logs", "scheduler.stderr"),
  };
}

function packageParts(options: DeployOptions, submitted: SubmittedTopology) {
  const { topologyFolder, target, binary, submission, isPaused } = options;
  return {
    topologyName: submitted.definition.name,
    topologyId: submitted.topologyId,
    version: submission.version,
    topologyFolder,
    definition: encodeRecord(TopologySchema, topologyOf({ placement: { isPaused } }, submitted)),
    config: target.config,
    ...(binary === undefined ? {} : { binary }),
  };
}

/** Before anything is made: the name is taken, or it is not. Who makes the record first has it. */
async function assertFree({ state, definition, submission }: DeployOptions): Promise<void> {
  const found = await readTopology(state, definition.name);
  if (found === undefined) return;
  throw new HeronError("already_exists", describeTaken(found, submission.cluster));
}

function describeTaken({ name, status }: TopologyRecords, cluster: string): string {
  const how = status === undefined
    ? ""
    : ` (its scheduler is process ${status.pid} on "${status.host}")`;
  return `Submit topology "${name}": topology "${name}" already exists${how}, expected a new name, ` +
    `or first "heron-bin kill ${cluster} ${name}"`;
}
