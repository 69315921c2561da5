/** Names to adapters: the only place that knows which members there are. */

import { homedir } from "node:os";
import { join } from "node:path";
import { type Clock, HeronError, type Random } from "../src/base/mod.ts";
import type { SchedulerSettings } from "../src/cluster/mod.ts";
import type { Sink, SinkSettings } from "../src/metricsmgr/mod.ts";
import type { Packing } from "../src/packing/mod.ts";
import type {
  Finding,
  Launcher,
  Owner,
  PipeOwnerOptions,
  Scheduler,
  SchedulerOptions,
} from "../src/scheduler/mod.ts";
import type { StateManager } from "../src/state/mod.ts";
import type { Uploader } from "../src/uploader/mod.ts";
import { userName } from "./user_name.ts";

/** Opens the state store below `root`; it is made if there is none. */
export async function openStateManager(root: string, clock: Clock): Promise<StateManager> {
  const { openLocalFs } = await import("../src/state/mod.ts");
  return openLocalFs({ root, clock });
}

/** Opens the state store below `root`, where there is one. @throws HeronError `not_found` */
export async function findStateManager(root: string, clock: Clock): Promise<StateManager> {
  const { openLocalFs } = await import("../src/state/mod.ts");
  return openLocalFs({ root, clock, mustExist: true });
}

/** The uploader into `folder`. */
export async function findUploader(folder: string, random: Random): Promise<Uploader> {
  const { createLocalFsUploader } = await import("../src/uploader/mod.ts");
  return createLocalFsUploader({ folder, random });
}

/**
 * What starts and ends the schedulers of submitted topologies, by the config name of the scheduler,
 * as the settings of its cluster have it.
 */
export async function findLauncher(
  name: string,
  scheduler: SchedulerSettings,
  clock: Clock,
): Promise<Launcher> {
  const schedulers = await import("../src/scheduler/mod.ts");
  if (name === "local") return schedulers.createLocalLauncher(clock);
  if (name !== "slurm" || scheduler.type !== "slurm") {
    const expected = `"${scheduler.type}", as its cluster has it`;
    throw new HeronError("invalid_config", `Find scheduler: found "${name}", expected ${expected}`);
  }
  const { slurm } = scheduler;
  const { commandTimeoutMs: timeoutMs } = slurm;
  return schedulers.createSlurmLauncher({
    client: schedulers.createSlurmClient({ ...slurmUser(clock), timeoutMs }),
    options: slurm,
    queueFile: join(homedir(), ".heron-bin", "slurm_queue"),
    suffix: String(process.pid),
    pollMs: slurm.pollIntervalMs,
    clock,
  });
}

function slurmUser(clock: Clock) {
  return { clock, environment: process.env, user: userName() };
}

/** What looks over what the schedulers of a cluster need besides its folders. */
export async function findExaminer(
  scheduler: SchedulerSettings,
  clock: Clock,
): Promise<(known: ReadonlySet<string> | undefined) => Promise<readonly Finding[]>> {
  if (scheduler.type === "local") return () => Promise.resolve([]);
  const { slurm } = scheduler;
  const { createSlurmRunner, examineSlurm } = await import("../src/scheduler/mod.ts");
  const run = createSlurmRunner({ ...slurmUser(clock), timeoutMs: slurm.commandTimeoutMs });
  return (known) => examineSlurm({ run, user: userName(), options: slurm, known });
}

/** The packing algorithm of a config name. */
export async function findPacking(name: string): Promise<Packing> {
  if (name !== "round_robin") {
    throw new HeronError(
      "invalid_config",
      `Find packing algorithm: found "${name}", expected "round_robin"`,
    );
  }
  const { packRoundRobin } = await import("../src/packing/mod.ts");
  return packRoundRobin;
}

/** Opens the sink of metrics that settings describe. */
export async function openSink(settings: SinkSettings): Promise<Sink> {
  const { openFileSink } = await import("../src/metricsmgr/sinks/file.ts");
  return openFileSink(settings);
}

/** What the scheduler of a job is found by. */
export interface FoundSchedulerOptions {
  readonly jobFile: string;
  readonly clock: Clock;
  /** Of this process. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Command line that sweeps the machine on which it is started. */
  readonly sweepCommand: readonly string[];
}

/** The scheduler that a job names: where its containers run. */
export async function findScheduler(options: FoundSchedulerOptions): Promise<Scheduler> {
  const [{ readJob }, schedulers] = await Promise.all([
    import("../src/plan/mod.ts"),
    import("../src/scheduler/mod.ts"),
  ]);
  const { scheduler, packingPlan } = await readJob(options.jobFile);
  switch (scheduler) {
    case "":
    case "local":
      return schedulers.createLocalScheduler(options.clock);
    case "slurm":
      return schedulers.createSlurmScheduler({
        ...options,
        sizes: schedulers.containerSizesOf(packingPlan),
      });
    default:
      throw new HeronError(
        "invalid_config",
        `Find scheduler: found "${scheduler}", expected "local" or "slurm"`,
      );
  }
}

/** What tasks get to know of the place of a container, by the container's own environment. */
export async function findTaskVariables(
  variables: Readonly<Record<string, string | undefined>>,
): Promise<Readonly<Record<string, string>>> {
  // Outside of a job nothing of Slurm's is loaded.
  if (variables["SLURM_JOB_ID"] === undefined) return {};
  return (await import("../src/scheduler/mod.ts")).taskVariables(variables);
}

/** The scheduler role, which is the same for all schedulers. */
export async function loadSchedulerRole(): Promise<(options: SchedulerOptions) => Promise<void>> {
  return (await import("../src/scheduler/mod.ts")).runScheduler;
}

/** What the owner of a topology is found by. */
export interface OwnerOptions {
  readonly jobFile: string;
  /** Of the scheduler that works for it. */
  readonly epoch: number;
  readonly clock: Clock;
  /** The pipes to a command line. */
  pipes(): Pick<PipeOwnerOptions, "input" | "output">;
  onTerminate(listener: () => void): void;
}

/** Whom the scheduler of a job works for: the cluster it was submitted to, or the command line that runs it. */
export async function findOwner(options: OwnerOptions): Promise<Owner> {
  const { clock, epoch, jobFile, onTerminate } = options;
  const [{ readJob }, schedulers] = await Promise.all([
    import("../src/plan/mod.ts"),
    import("../src/scheduler/mod.ts"),
  ]);
  const job = await readJob(jobFile);
  if (!job.submitted) return schedulers.createPipeOwner({ ...options.pipes(), clock });
  const { createStoreOwner } = await import("../src/lifecycle/mod.ts");
  return createStoreOwner({
    state: await findStateManager(job.stateRoot, clock),
    topologyName: job.topologyName,
    topologyId: job.topologyId,
    epoch,
    containers: new Set([0, ...job.packingPlan.containerPlans.map(({ id }) => id)]),
    clock,
    onTerminate,
    askWhy: () => whyTerminated(job, clock),
  });
}

/** Why the system ends this process, the scheduler of a job of Slurm's; empty: it is of none, or none says. */
async function whyTerminated(
  { scheduler }: { readonly scheduler: string },
  clock: Clock,
): Promise<string> {
  const jobId = process.env["SLURM_JOB_ID"];
  if (scheduler !== "slurm" || jobId === undefined) return "";
  const { createSlurmClient, whyEnding } = await import("../src/scheduler/mod.ts");
  return await whyEnding(createSlurmClient(slurmUser(clock)), jobId);
}

/** Takes the epoch of a supervisor that starts: larger than any before in the job's topology. */
export async function takeJobEpoch(jobFile: string, clock: Clock): Promise<number> {
  const [{ readJob }, { takeEpoch, topologyPaths }] = await Promise.all([
    import("../src/plan/mod.ts"),
    import("../src/state/mod.ts"),
  ]);
  const job = await readJob(jobFile);
  await using state = await findStateManager(job.stateRoot, clock);
  return await takeEpoch(state, topologyPaths(job.topologyName).epochs);
}
