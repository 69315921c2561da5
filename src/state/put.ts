/**
 * Writing a record whether it exists or not, for records that have one writer by other means (a lease).
 * Where writers can race, use `create` and `set` with a version.
 */

import { HeronError } from "../base/mod.ts";
import type { StateManager, Version } from "./state_manager.ts";

/** Makes the record `path` or replaces whatever it holds. */
export async function put(
  state: StateManager,
  path: string,
  bytes: Uint8Array,
): Promise<Version> {
  while (true) {
    try {
      return await state.set(path, bytes, "any");
    } catch (thrown) {
      if (!(thrown instanceof HeronError && thrown.code === "not_found")) throw thrown;
    }
    try {
      return await state.create(path, bytes);
    } catch (thrown) {
      // Made between the two calls: then it can be set.
      if (!(thrown instanceof HeronError && thrown.code === "already_exists")) throw thrown;
    }
  }
}
