/** Folders, packages and processes of topologies of which there is no record. */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HeronError } from "../../base/mod.ts";
import { readProcessesWith } from "../../base/supervision/mod.ts";
import type { Finding } from "../../scheduler/mod.ts";
import type { LookedAt } from "./list_topologies.ts";
import { topologyHome } from "./topology_home.ts";

/** Where topologies leave what they have. */
export interface LeftPlaces {
  readonly workingRoot: string;
  readonly packageFolder: string;
}

/** What is of none of `topologies`. */
export async function examineLeft(
  topologies: readonly LookedAt[],
  { workingRoot, packageFolder }: LeftPlaces,
): Promise<readonly Finding[]> {
  const submissions = topologies.flatMap(({ records: { submission } }) => submission ?? []);
  const folders = new Set(submissions.map(({ folder }) => folder));
  const packages = new Set(
    submissions.flatMap(({ packageUri }) =>
      packageUri.startsWith("file:") ? fileURLToPath(packageUri) : []
    ),
  );
  // Where those are lies in a record that cannot be read.
  const lost = topologies.filter(({ records }) => records.submission === undefined)
    .map(({ records }) => `"${records.name}"`).join(", ");
  const unless = lost === "" ? "" : `, unless it is that of ${lost}, whose record is damaged`;
  const findings: Finding[] = [];
  for (const path of await entriesOf(workingRoot)) {
    if (folders.has(path)) continue;
    const pids = readProcessesWith(["--job", join(path, "job")]);
    const processes = pids.length === 0 ? "" : `, and processes of it: ${pids.join(", ")}`;
    const advice = pids.length === 0 ? "remove it" : "end them, then remove it";
    findings.push({
      verdict: "hint",
      about: "left behind",
      found: `the folder "${path}" is of no topology that there is${processes}`,
      advice: `${advice}${unless}`,
    });
  }
  for (const path of await entriesOf(packageFolder)) {
    if (packages.has(path)) continue;
    const found = `the package "${path}" is of no topology that there is`;
    findings.push({ verdict: "hint", about: "left behind", found, advice: `remove it${unless}` });
  }
  return findings;
}

/**
 * A store that is not there is made by the first submit; where topologies were submitted before, it is lost,
 * or its file system is not mounted.
 * @throws HeronError `not_found` when it is
 */
export async function assertStoreNotLost(stateRoot: string, workingRoot: string): Promise<void> {
  const found = await stat(stateRoot).catch(() => undefined);
  if (found !== undefined) return;
  const folders = await foldersOfTopologies(workingRoot);
  if (folders.length === 0) return;
  throw new HeronError(
    "not_found",
    `Open state root "${stateRoot}": found no state store, expected one: "${workingRoot}" has the folders ` +
      `of ${countOfTopologies(folders)}; is its file system mounted?`,
  );
}

/** As in "the folders of …". */
export function countOfTopologies({ length }: readonly string[]): string {
  return length === 1 ? "a topology" : `${length} topologies`;
}

/** The folders in `workingRoot` that are those of topologies. */
export async function foldersOfTopologies(workingRoot: string): Promise<readonly string[]> {
  const entries = await entriesOf(workingRoot);
  const jobs = await Promise.all(
    entries.map((path) => stat(topologyHome(path, "").job).catch(() => undefined)),
  );
  return entries.filter((_, at) => jobs[at] !== undefined);
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.sort().map((name) => join(folder, name));
}
