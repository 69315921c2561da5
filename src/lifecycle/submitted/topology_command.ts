/** Which binary a submitted topology runs on: the one that was packed with it, or the one that submits it. */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { HeronError } from "../../base/mod.ts";
import { PACKAGED_BINARY } from "../package/package.ts";

/**
 * The command line of heron-bin for the topology whose folder is `folder`; `command` unless a binary was
 * packed with it, which nodes have whatever is on them.
 */
export async function topologyCommand(
  folder: string,
  command: readonly string[],
): Promise<readonly string[]> {
  const packed = join(folder, PACKAGED_BINARY);
  try {
    await stat(packed);
    return [packed];
  } catch (thrown) {
    const error = HeronError.from(thrown, `Find the binary of the topology in "${folder}"`);
    if (error.code === "not_found") return command;
    throw error;
  }
}
