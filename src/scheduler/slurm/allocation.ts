/**
 * The nodes that Slurm gave a job, as the environment of its script says, and which container runs
 * on which: each place of the job's takes one. The same for every scheduler of the job.
 */

import { assertDefined, HeronError } from "../../base/mod.ts";
import { parseNodeList, parseRepeated } from "./node_list.ts";

/** Variables of a process. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What a job has. */
export interface Allocation {
  readonly jobId: string;
  /** Its nodes; the first is that of the script. */
  readonly nodes: readonly AllocatedNode[];
}

/** A node of a job. */
export interface AllocatedNode {
  readonly name: string;
  /** How many containers it was given for. */
  readonly places: number;
  /** Memory that the job has there, in MiB; Infinity where none was asked for. */
  readonly ramMib: number;
}

/**
 * What the job has in whose script this runs.
 * @throws HeronError `invalid_config` outside of a job, `corrupt` when its variables do not fit together
 */
export function readAllocation(variables: Variables): Allocation {
  const { SLURM_JOB_ID: jobId, SLURM_JOB_NODELIST: list, SLURM_TASKS_PER_NODE: tasks } = variables;
  if (jobId === undefined || list === undefined || tasks === undefined) {
    throw new HeronError(
      "invalid_config",
      "Read what Slurm gave the job: found no SLURM_JOB_ID, SLURM_JOB_NODELIST and " +
        "SLURM_TASKS_PER_NODE, expected to run within a job of Slurm's",
    );
  }
  const names = parseNodeList(list);
  const places = parseRepeated(tasks);
  if (names.length === 0 || names.length !== places.length) {
    throw new HeronError(
      "corrupt",
      `Read what Slurm gave the job: found nodes "${list}" with tasks "${tasks}", expected as many of both`,
    );
  }
  const ramMib = ramOfNodes(variables);
  return {
    jobId,
    nodes: names.map((name, at) => ({
      name,
      places: places[at] ?? 0,
      ramMib: ramMib[at] ?? Infinity,
    })),
  };
}

/** Memory of each node in MiB; nothing where Slurm hands out none. */
function ramOfNodes(
  { SLURM_JOB_CPUS_PER_NODE: cpus = "", SLURM_MEM_PER_CPU: ramMib }: Variables,
): readonly number[] {
  return ramMib === undefined ? [] : parseRepeated(cpus).map((count) => count * Number(ramMib));
}

/**
 * The node of each container, in the order of the places. Container 0 is beside the scheduler, in a
 * place of its own where there is one.
 * @throws HeronError `invalid_config` when there are fewer places than containers
 */
export function placeContainers(
  containers: readonly number[],
  nodes: readonly Pick<AllocatedNode, "name" | "places">[],
): ReadonlyMap<number, string> {
  const places = nodes.flatMap(({ name, places }) => Array.from({ length: places }, () => name));
  const workers = containers.filter((container) => container !== 0).toSorted((a, b) => a - b);
  const first = assertDefined(nodes[0], "the node of the job's script").name;
  const spare = places.length > workers.length ? 1 : 0;
  if (workers.length > places.length) {
    throw new HeronError(
      "invalid_config",
      `Place the containers: found ${places.length} places for ${workers.length} containers, ` +
        "expected one for each",
    );
  }
  return new Map([
    [0, first],
    ...workers.map((container, at) => [container, places[at + spare] ?? first] as const),
  ]);
}
