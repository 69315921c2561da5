/**
 * The folder of a submitted topology, on a file system that all its nodes see. Only its owner may look
 * inside: its secret lies in it. Its path may be longer than those of sockets may be: Bun reaches them
 * by way of their folder.
 */

import { chmod, lstat, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { HeronError, type Random } from "../../base/mod.ts";
import type { RunFolder } from "../run_folder.ts";

/** Options of `createTopologyHome`. */
export interface TopologyHomeOptions {
  /** Absolute path of the folder that holds those of all topologies; it is made if there is none. */
  readonly workingRoot: string;
  /** Root of the cluster's state store. */
  readonly stateRoot: string;
  readonly topologyName: string;
  readonly userId: number;
  readonly random: Random;
}

const JOB = "job";
const NAME_LENGTH_MAX = 24;

/** The folder at `path`, made or not. */
export function topologyHome(path: string, stateRoot: string): RunFolder {
  return Object.freeze({
    path,
    job: join(path, JOB),
    secret: join(path, "secret"),
    topology: join(path, "topology"),
    state: stateRoot,
    sockets: join(path, "sockets"),
    logs: join(path, "logs"),
  });
}

/**
 * Makes the folder of a new topology, mode 0700; the topology is to be unpacked into it.
 * @throws HeronError `io` when the place is not safe, or that of the system error
 */
export async function createTopologyHome(options: TopologyHomeOptions): Promise<RunFolder> {
  const { workingRoot, stateRoot, topologyName, userId, random } = options;
  const suffix = random.below(0x1000000).toString(16).padStart(6, "0");
  const stem = topologyName.replaceAll(/[^\w.-]/g, "_").slice(0, NAME_LENGTH_MAX);
  const home = topologyHome(join(workingRoot, `${stem}-${suffix}`), stateRoot);
  try {
    await mkdir(workingRoot, { recursive: true, mode: 0o700 });
    await assertPrivate(workingRoot, userId);
    await mkdir(home.path, { mode: 0o700 });
    for (const inner of [home.sockets, home.logs]) await mkdir(inner, { mode: 0o700 });
    return home;
  } catch (thrown) {
    throw HeronError.from(thrown, `Make a folder for topology "${topologyName}"`);
  }
}

/** Removes a folder that this process has made. */
export async function discardTopologyHome(path: string): Promise<void> {
  for (const entry of await readdir(path)) {
    if (entry !== JOB) await rm(join(path, entry), { recursive: true, force: true });
  }
  await rm(path, { recursive: true, force: true });
}

/**
 * Removes the folder of a topology with all that is in it; its job last, by which it is known. Idempotent.
 * @throws HeronError `usage` for a folder that is none of a topology's
 */
export async function removeTopologyHome(path: string): Promise<void> {
  try {
    const entries = await readdir(path);
    if (entries.length > 0 && !entries.includes(JOB)) {
      throw new HeronError(
        "usage",
        `Remove "${path}": found no "${JOB}" in it, expected a topology's`,
      );
    }
    await discardTopologyHome(path);
  } catch (thrown) {
    const error = HeronError.from(thrown, `Remove the folder "${path}" of the topology`);
    if (error.code !== "not_found") throw error;
  }
}

async function assertPrivate(folder: string, userId: number): Promise<void> {
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== userId) {
    throw new HeronError(
      "io",
      `Use working folder "${folder}": it is no folder of user ${userId}, expected one of their own`,
    );
  }
  if ((found.mode & 0o022) !== 0) await chmod(folder, found.mode & 0o755);
}
