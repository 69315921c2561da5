/**
 * The folder of a small topology, as a submit leaves it, for tests of its processes: one spout
 * task in container 1, one bolt task in container 2.
 */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigMap } from "../../src/api/mod.ts";
import { encodeJob, planHash } from "../../src/plan/mod.ts";
import { drawTopology } from "./definitions.ts";
import { pack } from "./plans.ts";

/** Options of `createJobFolder`. */
export interface JobFolderOptions {
  /** The user's arguments. @default none */
  readonly arguments?: readonly string[];
  readonly config?: ConfigMap;
  /** All variables of its processes. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A folder that removes itself. */
export interface JobFolder extends AsyncDisposable {
  readonly path: string;
  readonly jobFile: string;
  readonly topologyId: string;
  readonly secret: Uint8Array;
  /** The scheduler's epoch. */
  readonly epoch: number;
}

/** Ids of the two instances. */
export const SPOUT = "container_1_s_1";
/** Component b's only task. */
export const BOLT = "container_2_b_2";

/** Makes a folder. */
export async function createJobFolder(options: JobFolderOptions = {}): Promise<JobFolder> {
  const path = await mkdtemp(join(tmpdir(), "heron-bin-job-"));
  for (const inner of ["sockets", "logs"]) await mkdir(join(path, inner), { mode: 0o700 });
  const config = { "topology.stmgrs": 2, "supervisor.stop.ms": 500, ...options.config };
  const definition = drawTopology("s b", { config });
  const { topology, packingPlan } = pack(definition);
  const [jobFile, secret, epoch] = [join(path, "job"), new Uint8Array(32).fill(9), 3];
  const job = encodeJob({
    topologyName: definition.name,
    topologyId: topology.id,
    cluster: "local",
    folder: path,
    stateRoot: join(path, "state"),
    bundle: join(path, "bundle.js"),
    arguments: [...options.arguments ?? []],
    environment: Object.entries(options.environment ?? {}).map(([name, value]) => ({
      name,
      value,
    })),
    planHash: planHash(definition),
    topology,
    packingPlan,
    schedulerEpoch: epoch,
    workingFolder: tmpdir(),
  });
  await writeFile(jobFile, job);
  await writeFile(join(path, "secret"), secret);
  return {
    path,
    jobFile,
    topologyId: topology.id,
    secret,
    epoch,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
