/** What every role does first: reads the job and the secret, opens its log. */

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Clock, HeronError, type Random } from "../base/mod.ts";
import { type LogFile, openLogFile } from "../base/log_file.ts";
import { instanceId, stmgrId } from "./ids.ts";
import { ComponentGraph } from "./component_graph.ts";
import { type CheckedJob, decodeJob } from "./job.ts";
import { logicalPlanFromProto } from "./logical_plan.ts";

/** What every role of a container is started with. */
export interface RoleOptions {
  /** Absolute path of the job record. */
  readonly jobFile: string;
  readonly container: number;
  /** Which life of it this is. */
  readonly incarnation: { readonly epoch: number; readonly counter: number };
  readonly clock: Clock;
  readonly random: Random;
  /** Ends the process. */
  exit(code: number): never;
}

/** Exit code of a process whose supervisor is gone, or whose place another has taken. */
export const CUT_OFF_EXIT_CODE = 5;

/** The files of a topology, as a role has them. */
export interface RoleFiles {
  readonly job: CheckedJob;
  /** The record as it lies in the file. */
  readonly jobBytes: Uint8Array;
  /** The topology's secret. */
  readonly secret: Uint8Array;
  readonly log: LogFile;
}

/**
 * Opens the files of the role that `nameOf` the job gives, whose log is `<folder>/logs/<name>.log`.
 * @throws HeronError naming the file that cannot be used
 */
export async function openRoleFiles(
  jobFile: string,
  nameOf: (job: CheckedJob) => string,
): Promise<RoleFiles> {
  const jobBytes = await readOrExplain(jobFile, "the job");
  const job = decodeJob(jobBytes);
  const secret = await readOrExplain(join(dirname(jobFile), "secret"), "the secret");
  const name = nameOf(job);
  const log = await openLogFile({ path: join(job.folder, "logs", `${name}.log`), role: name });
  return { job, jobBytes, secret, log };
}

/**
 * Reads a job.
 * @throws HeronError when the file cannot be read or is no job
 */
export async function readJob(jobFile: string): Promise<CheckedJob> {
  return decodeJob(await readOrExplain(jobFile, "the job"));
}

async function readOrExplain(path: string, what: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (thrown) {
    throw HeronError.from(thrown, `Read ${what} "${path}"`);
  }
}

/** Where the supervisor of container `container` listens. */
export function containerSocket(job: CheckedJob, container: number): string {
  return join(job.folder, "sockets", `container-${container}.sock`);
}

/** The instance of task `taskId` in the packing plan of `job`. */
export function packedInstance(job: CheckedJob, taskId: number): PackedInstance {
  for (const container of job.packingPlan.containerPlans) {
    const plan = container.instancePlans.find((one) => one.taskId === taskId);
    if (plan === undefined) continue;
    return {
      taskId,
      component: plan.componentName,
      componentIndex: plan.componentIndex,
      instanceId: instanceId(container.id, plan.componentName, taskId),
      stmgrId: stmgrId(container.id),
    };
  }
  throw new HeronError(
    "corrupt",
    `Look up task ${taskId} in the packing plan: not found, expected it in one container`,
  );
}

/** An instance as the packing plan knows it. */
export interface PackedInstance {
  readonly taskId: number;
  readonly component: string;
  readonly componentIndex: number;
  readonly instanceId: string;
  readonly stmgrId: string;
}

/** The largest task id of a job. */
export function largestTaskId(job: CheckedJob): number {
  const tasks = job.packingPlan.containerPlans.flatMap((plan) => plan.instancePlans);
  return tasks.reduce((largest, task) => Math.max(largest, task.taskId), 0);
}

/** The tasks that tuples of `component`, or what comes of them, can get to. */
export function reachedTasks(job: CheckedJob, component: string): ReadonlySet<number> {
  const graph = new ComponentGraph(logicalPlanFromProto(job.topology));
  const tasks = job.packingPlan.containerPlans.flatMap((plan) => plan.instancePlans);
  const reached = tasks.filter((task) => graph.canReach(component, task.componentName));
  return new Set(reached.map((task) => task.taskId));
}
