/** What processes said before they ended, until their end is seen; bounded. Pure. */

import type { ProcessExited, ProcessFailed } from "../base/gen/heron_bin/packet_pb.ts";
import { lifeOf } from "./run_failure.ts";

/** Of processes whose container dies as well no end is told. */
const WORDS_MAX = 10_000;

/** The last words of processes. */
export class LastWords {
  readonly #byLife = new Map<string, ProcessFailed>();

  /** A process says why it is about to end. */
  add(failed: ProcessFailed): void {
    this.#byLife.set(lifeOf(failed.party), failed);
    if (this.#byLife.size <= WORDS_MAX) return;
    for (const oldest of this.#byLife.keys()) {
      this.#byLife.delete(oldest);
      return;
    }
  }

  /** A process has ended: what it said, which is forgotten. */
  take({ party }: Pick<ProcessExited, "party">): ProcessFailed | undefined {
    const life = lifeOf(party);
    const failed = this.#byLife.get(life);
    this.#byLife.delete(life);
    return failed;
  }
}
