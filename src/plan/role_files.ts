/** What every role does first: reads the job and the secret, opens its log. */

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TopologyDefinition } from "../api/mod.ts";
import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import { type Clock, HeronError, type Random } from "../base/mod.ts";
import { type LogFile, openLogFile } from "../base/log_file.ts";
import { instanceId, stmgrId } from "./ids.ts";
import { ComponentGraph } from "./component_graph.ts";
import { type CheckedJob, decodeJob } from "./job.ts";

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
  /** The topology's secret. */
  readonly secret: Uint8Array;
  readonly log: LogFile;
}

/**
 * Opens the files of the role `name`, whose log is `<folder>/logs/<name>.log`.
 * @throws HeronError naming the file that cannot be used
 */
export async function openRoleFiles(jobFile: string, name: string): Promise<RoleFiles> {
  const job = await readJob(jobFile);
  const secret = await readOrExplain(join(dirname(jobFile), "secret"), "the secret");
  const log = await openLogFile({ path: join(job.folder, "logs", `${name}.log`), role: name });
  return { job, secret, log };
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

/** Where a task of a submitted topology prints, in the topology's folder. */
export function outputFile(folder: string, instance: string): string {
  return join(folder, "logs", `${instance}.out`);
}

/** The instances of `container` in the packing plan of `job`; undefined: it has no such container. */
export function packedInstances(
  job: Pick<CheckedJob, "packingPlan">,
  container: number,
): readonly SizedInstance[] | undefined {
  const plan = job.packingPlan.containerPlans.find(({ id }) => id === container);
  return plan?.instancePlans.map((task) => ({
    ...instanceIn(container, {
      taskId: task.taskId,
      component: task.componentName,
      componentIndex: task.componentIndex,
    }),
    ramBytes: Number(task.resource?.ram ?? 0n),
  }));
}

/** An instance and where it runs. */
export function instanceIn(
  container: number,
  task: Pick<PackedInstance, "taskId" | "component" | "componentIndex">,
): PackedInstance {
  return {
    ...task,
    instanceId: instanceId(container, task.component, task.taskId),
    stmgrId: stmgrId(container),
  };
}

/** An instance as the packing plan knows it. */
export interface PackedInstance {
  readonly taskId: number;
  readonly component: string;
  readonly componentIndex: number;
  readonly instanceId: string;
  readonly stmgrId: string;
}

/** An instance with its share of the container. */
export interface SizedInstance extends PackedInstance {
  /** Memory that the packing plan gives it, in bytes. */
  readonly ramBytes: number;
}

/** The tasks that tuples of `component`, or what comes of them, can get to. */
export function reachedTasks(
  definition: TopologyDefinition,
  { containerPlans }: PackingPlan,
  component: string,
): ReadonlySet<number> {
  const graph = new ComponentGraph(definition);
  const tasks = containerPlans.flatMap((plan) => plan.instancePlans);
  const reached = tasks.filter((task) => graph.canReach(component, task.componentName));
  return new Set(reached.map((task) => task.taskId));
}
