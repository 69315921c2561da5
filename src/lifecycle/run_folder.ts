/**
 * The folder of one run: everything that its processes write lies in it. Only
 * its owner may look inside.
 */

import { chmod, lstat, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { HeronError, type Random } from "../base/mod.ts";

/** Paths of a run's folder. */
export interface RunFolder {
  readonly path: string;
  /** The job record. */
  readonly job: string;
  /** The secret of the topology. */
  readonly secret: string;
  /** Bundle and assets. */
  readonly topology: string;
  /** Root of the state store. */
  readonly state: string;
  readonly sockets: string;
  readonly logs: string;
}

/** Options of `createRunFolder`. */
export interface RunFolderOptions {
  /** Folders to try for temporary files, best first. */
  readonly temporaryFolders: readonly string[];
  readonly userId: number;
  /** Says what the run is of, for people. */
  readonly name: string;
  readonly random: Random;
}

// A unix socket's path ends after 107 bytes; this is the longest under a run's folder.
const SOCKET_PATH_BYTES_MAX = 107;
const LONGEST_SOCKET = "/sockets/container-99999.sock";
const NAME_LENGTH_MAX = 32;

/**
 * Makes a new folder for a run, mode 0700.
 * @throws HeronError `io` when the place is not safe or its path is too long for sockets
 */
export async function createRunFolder(options: RunFolderOptions): Promise<RunFolder> {
  const suffix = options.random.below(0x1000000).toString(16).padStart(6, "0");
  const name = `${options.name.slice(0, NAME_LENGTH_MAX)}-${suffix}`;
  for (const temporary of options.temporaryFolders) {
    const home = join(temporary, `heron-bin-${options.userId}`);
    const path = join(home, name);
    if (Buffer.byteLength(path + LONGEST_SOCKET) > SOCKET_PATH_BYTES_MAX) continue;
    await makePrivateHome(home, options.userId);
    await mkdir(path, { mode: 0o700 });
    return makeInside(path);
  }
  throw new HeronError(
    "io",
    `Make a folder for the run: the paths of ${
      options.temporaryFolders.map((folder) => `"${folder}"`).join(", ")
    } are too long for unix sockets, expected a shorter TMPDIR`,
  );
}

/** Removes the folder of a run that went well, but for its logs. */
export async function removeAllButLogs(folder: RunFolder): Promise<void> {
  for (const entry of await readdir(folder.path)) {
    const path = join(folder.path, entry);
    if (path !== folder.logs) await rm(path, { recursive: true, force: true });
  }
}

/** Removes the folder of a run of which nothing was started. */
export async function removeRunFolder(folder: RunFolder): Promise<void> {
  await rm(folder.path, { recursive: true, force: true });
}

// In a folder that all may write to, another user may have been there first.
async function makePrivateHome(home: string, userId: number): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const found = await lstat(home);
  if (!found.isDirectory() || found.uid !== userId) {
    throw new HeronError(
      "io",
      `Make a folder for the run: "${home}" is no folder of user ${userId}, remove it or set TMPDIR`,
    );
  }
  if ((found.mode & 0o077) !== 0) await chmod(home, 0o700);
}

async function makeInside(path: string): Promise<RunFolder> {
  const folder: RunFolder = Object.freeze({
    path,
    job: join(path, "job"),
    secret: join(path, "secret"),
    topology: join(path, "topology"),
    state: join(path, "state"),
    sockets: join(path, "sockets"),
    logs: join(path, "logs"),
  });
  for (const inner of [folder.topology, folder.state, folder.sockets, folder.logs]) {
    await mkdir(inner, { mode: 0o700 });
  }
  return folder;
}
