/**
 * Writes what is wanted of a topology: by compare-and-set, so that two who want something at the same time
 * both get it.
 */

import type { Wanted } from "../../base/gen/heron_bin/submission_pb.ts";
import { HeronError } from "../../base/mod.ts";
import { readWanted, wantedRecord } from "../../plan/mod.ts";
import { type StateManager, topologyPaths } from "../../state/mod.ts";

const TRIES_MAX = 100;

/**
 * Changes what is wanted of topology `name`; the answer is what is wanted from now on. Nothing is written
 * where `change` gives back what it was given.
 * @throws HeronError `not_found` when the topology has no such record; `corrupt`; what the store throws
 */
export async function wish(
  state: StateManager,
  name: string,
  change: (wanted: Wanted) => Wanted,
): Promise<Wanted> {
  const path = topologyPaths(name).wanted;
  for (let left = TRIES_MAX;; left--) {
    const found = await state.get(path);
    if (found === undefined) {
      throw new HeronError(
        "not_found",
        `Ask topology "${name}": found no record "${path}", expected that of a submitted topology`,
      );
    }
    const before = readWanted(found.bytes);
    const wanted = change(before);
    if (wanted === before) return before;
    try {
      await state.set(path, wantedRecord(wanted), found.version);
      return wanted;
    } catch (thrown) {
      // Somebody else wants something too.
      const error = HeronError.from(thrown);
      if (error.code !== "version_conflict" || left === 0) throw error;
    }
  }
}
