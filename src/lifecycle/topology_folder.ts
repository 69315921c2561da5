/**
 * Makes the folder of a new topology from the files of a template. What the
 * files say is the template's; only the name is put in.
 */

import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { topologyNameFault } from "../api/mod.ts";
import { HeronError } from "../base/mod.ts";

/** The name that the template itself has. */
const TEMPLATE_NAME = "word-count";

/** Files below it are heron-bin's, not the user's. */
const OWN_FOLDER = "types/";

/** Options of `createTopologyFolder`. */
export interface TopologyFolderOptions {
  /** Name of the topology, and of its folder. */
  readonly name: string;
  /** Folder in which the new one is made. */
  readonly parent: string;
  /** Text of each file by its path in the new folder. */
  readonly files: Readonly<Record<string, string>>;
  /** Whether the folder may have files: those of the user stay as they are. @default false */
  readonly force?: boolean;
}

/** What was made. */
export interface TopologyFolder {
  /** Absolute path of the folder. */
  readonly path: string;
  /** Files that were written, by their paths in it. */
  readonly written: readonly string[];
  /** Files that were there and stay. */
  readonly kept: readonly string[];
}

/**
 * Writes the files into the folder `name`.
 * @throws HeronError `usage` for a name no topology can have, `already_exists` when the folder has files
 */
export async function createTopologyFolder(
  options: TopologyFolderOptions,
): Promise<TopologyFolder> {
  const { name, parent, files, force = false } = options;
  const fault = topologyNameFault(name);
  if (fault !== undefined) {
    throw new HeronError("usage", `Make a topology: its name ${fault}`);
  }
  const path = join(parent, name);
  await assertFree(path, name, force);
  const written: string[] = [];
  const kept: string[] = [];
  for (const [file, text] of Object.entries(files)) {
    const target = join(path, file);
    const isOwn = file.startsWith(OWN_FOLDER);
    await mkdir(dirname(target), { recursive: true });
    try {
      await writeFile(target, isOwn ? text : named(text, name), { flag: isOwn ? "w" : "wx" });
      written.push(file);
    } catch (thrown) {
      const error = HeronError.from(thrown, `Make "${name}"`);
      if (error.code !== "already_exists") throw error;
      kept.push(file);
    }
  }
  return { path, written, kept };
}

async function assertFree(path: string, name: string, force: boolean): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isDirectory()) {
    throw new HeronError("already_exists", `Make "${name}": there is a file of that name`);
  }
  const entries = force ? [] : await readdir(path);
  if (entries.length === 0) return;
  const some = entries.sort().slice(0, 3).map((entry) => `"${entry}"`).join(", ");
  const more = entries.length > 3 ? ", …" : "";
  throw new HeronError(
    "already_exists",
    `Make "${name}": the folder has files (${some}${more}), expected none; --force adds what is ` +
      "missing and writes the declarations anew, other files stay",
  );
}

// In code the name stands within quotes, where any text is a string.
function named(text: string, name: string): string {
  return text.replaceAll(
    new RegExp(`("?)${TEMPLATE_NAME}\\1`, "g"),
    (_, quote: string) => quote === "" ? name : JSON.stringify(name),
  );
}
