/** Finds and reads the file of a cluster: `NAME.yaml` in the folder of cluster files. */

import type { Stats } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { HeronError, nearestName } from "../base/mod.ts";
import { BUILT_IN_CLUSTERS } from "./cluster_keys.ts";

/** Where cluster files are. */
export interface ClusterFolder {
  readonly path: string;
  /** What named it, `--config-path` say; undefined: it is where they are by default, and may be missing. */
  readonly namedBy: string | undefined;
}

/** The folder of cluster files below the home folder. */
export const DEFAULT_FOLDER: readonly string[] = Object.freeze([".heron-bin", "clusters"]);

/** The variable that names another. */
export const FOLDER_VARIABLE = "HERON_BIN_CONF";

const ENDING = ".yaml";
/** A cluster file is written by hand. */
const FILE_BYTES_MAX = 64 * 1024;

/** The text of a cluster's file. */
export interface ClusterText {
  readonly file: string;
  readonly text: string;
}

/**
 * Reads the file of `cluster`; undefined where it has none and needs none.
 * @throws HeronError `not_found` when there is neither a file nor a cluster of heron-bin's own of that
 *   name, or no folder where one was named
 */
export async function readClusterFile(
  cluster: string,
  folder: ClusterFolder,
): Promise<ClusterText | undefined> {
  const file = join(folder.path, `${cluster}${ENDING}`);
  const attempted = `Read cluster "${cluster}"`;
  const found = await statOf(file, attempted);
  if (found === undefined) {
    await refuseMissing(cluster, folder);
    return undefined;
  }
  if (!found.isFile()) throw new HeronError("usage", `${attempted}: "${file}" is no file`);
  if (found.size > FILE_BYTES_MAX) {
    throw new HeronError(
      "limit",
      `${attempted}: found ${found.size} bytes in ${file}, expected at most ${FILE_BYTES_MAX}`,
    );
  }
  try {
    return { file, text: await readFile(file, "utf8") };
  } catch (thrown) {
    throw HeronError.from(thrown, attempted);
  }
}

/** What is at `path`; undefined: nothing. */
async function statOf(path: string, attempted: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw HeronError.from(thrown, attempted);
  }
}

/** Whether there is nothing, or a file where a folder would have to be. */
function isMissing(thrown: unknown): boolean {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Says what there is in place of a file that is not there, unless the cluster is heron-bin's own. */
async function refuseMissing(cluster: string, { path, namedBy }: ClusterFolder): Promise<void> {
  const found = await namesIn(path);
  const attempted = `Read cluster "${cluster}"`;
  if (found === undefined && namedBy !== undefined) {
    throw new HeronError("not_found", `${attempted}: there is no folder "${path}" (${namedBy})`);
  }
  const names = found ?? [];
  if (names.includes(`${cluster}.yml`)) {
    throw new HeronError(
      "not_found",
      `${attempted}: found ${join(path, `${cluster}.yml`)}, expected a name that ends in ${ENDING}`,
    );
  }
  if (Object.hasOwn(BUILT_IN_CLUSTERS, cluster)) return;
  const own = names.filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length));
  const known = [...new Set([...Object.keys(BUILT_IN_CLUSTERS), ...own])].sort();
  const nearest = nearestName(cluster, known);
  const meant = nearest === undefined ? "" : ` (did you mean "${nearest}"?)`;
  throw new HeronError(
    "not_found",
    `${attempted}: there is no ${join(path, `${cluster}${ENDING}`)}, ` +
      `expected one of ${known.join(", ")}${meant}`,
  );
}

/** The names in a folder; undefined where there is no such folder. */
async function namesIn(path: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(path);
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw HeronError.from(thrown, "List the folder of cluster files");
  }
}
