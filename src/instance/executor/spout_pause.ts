/** Why a spout is not asked for tuples: set from outside, asked before each call. */

import type { PhysicalPlan } from "../../plan/mod.ts";

/** The pause of one spout task; a pause for a loss is another thing (`SlotOpener.isPaused`). */
export class SpoutPause {
  /** For back pressure: `nextTuple` is not called, and what failed is not told; `ack` is. */
  isPaused = false;
  #isDeactivated = false;
  #version = 0;
  #addressVersion = 0;

  /** The topology is deactivated: the spout is told so, and `nextTuple` is not called. */
  get isDeactivated(): boolean {
    return this.#isDeactivated;
  }

  /** The newest plan says whether the topology is active; it may come before an older one. */
  takePlan(
    { version, addressVersion, isPaused }: Pick<
      PhysicalPlan,
      "version" | "addressVersion" | "isPaused"
    >,
  ): void {
    const isOlder = version < this.#version ||
      (version === this.#version && addressVersion < this.#addressVersion);
    if (isOlder) return;
    this.#version = version;
    this.#addressVersion = addressVersion;
    this.#isDeactivated = isPaused;
  }
}
