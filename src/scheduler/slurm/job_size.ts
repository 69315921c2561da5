/**
 * How much a job asks for: Slurm hands out tasks of one size, so each container gets a place as
 * large as the largest. Container 0 and the scheduler are small: they share a worker's place,
 * unless the memory for that, asked for in every place, would come to more than one place.
 */

import type { PackingPlan } from "../../base/gen/heron/packing_plan_pb.ts";

/** What a container needs. */
export interface ContainerSize {
  /** 0 is the topology master's. */
  readonly container: number;
  readonly cpus: number;
  readonly ramBytes: number;
}

/** What a job asks for. */
export interface JobSize {
  /** Places for containers. */
  readonly tasks: number;
  readonly cpusPerTask: number;
  readonly ramMibPerCpu: number;
  /** Whether container 0 has a place of its own, the first. */
  readonly masterHasPlace: boolean;
}

const MIB = 1024 * 1024;

/** Topology master, its metrics manager, their supervisor; and the scheduler beside them. */
const MASTER_RAM_BYTES = 512 * MIB;
const MASTER_CPUS = 1;

/** The sizes of all containers of a packing plan, container 0 first; CPUs are whole here. */
export function containerSizesOf(plan: PackingPlan): readonly ContainerSize[] {
  const workers = plan.containerPlans.map(({ id, requiredResource }) => ({
    container: id,
    cpus: Math.max(1, Math.ceil(requiredResource?.cpu ?? 1)),
    ramBytes: Number(requiredResource?.ram ?? 0n),
  }));
  return [{ container: 0, cpus: MASTER_CPUS, ramBytes: MASTER_RAM_BYTES }, ...workers];
}

/** The size of a job for `containers`. */
export function jobSizeOf(containers: readonly ContainerSize[]): JobSize {
  const workers = containers.filter(({ container }) => container !== 0);
  const masterRam = containers.find(({ container }) => container === 0)?.ramBytes ?? 0;
  const cpusPerTask = Math.max(1, ...workers.map(({ cpus }) => cpus));
  const largestRam = Math.max(0, ...workers.map(({ ramBytes }) => ramBytes));
  const masterHasPlace = workers.length === 0 || masterRam * workers.length > largestRam;
  const placeRam = masterHasPlace ? Math.max(largestRam, masterRam) : largestRam + masterRam;
  return Object.freeze({
    tasks: workers.length + (masterHasPlace ? 1 : 0),
    cpusPerTask,
    ramMibPerCpu: Math.max(1, Math.ceil(placeRam / MIB / cpusPerTask)),
    masterHasPlace,
  });
}

/** "2 places of 6 CPUs and 7680 MiB". */
export function sizeText({ tasks, cpusPerTask, ramMibPerCpu }: JobSize): string {
  const places = tasks === 1 ? "1 place" : `${tasks} places`;
  const cpus = cpusPerTask === 1 ? "1 CPU" : `${cpusPerTask} CPUs`;
  return `${places} of ${cpus} and ${cpusPerTask * ramMibPerCpu} MiB`;
}
