/** Follows the logs of a submitted topology: until the user leaves, or the topology is over. */

import { HeronError, sleep } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import { Interrupts } from "./interrupts.ts";
import { type FoundTopology, lookAgainAtFound, lookAtFound } from "./submitted_topology.ts";

const LOOK_MS = 250;
/** How often is looked whether the topology is over. */
const STATE_MS = 1000;

/** Shows what comes, again and again. */
export class LogFollower {
  readonly #found: FoundTopology;
  readonly #show: () => Promise<void>;
  /** Why the topology could not be looked at, as it was said last. */
  #said = "";

  /** @param show shows what has come since */
  constructor(found: FoundTopology, show: () => Promise<void>) {
    this.#found = found;
    this.#show = show;
  }

  /**
   * Resolves when the user left, or when all was shown of a topology that is over, which is said.
   * @throws HeronError when the logs of one that is not over cannot be read
   */
  async run(): Promise<void> {
    const { clock, name } = this.#found;
    const { signal } = new Interrupts();
    let looked = await lookAtFound(this.#found);
    let fault: HeronError | undefined;
    for (let seenMs = clock.nowMs(), isOver = false; !signal.aborted; await sleep(clock, LOOK_MS)) {
      if (fault !== undefined || clock.nowMs() - seenMs >= STATE_MS) {
        seenMs = clock.nowMs();
        const wasOver = isOver;
        looked = await this.#lookAgain(looked);
        isOver = lifecycle.isOver(looked.condition);
        // Seen twice: a kill that is under way is told as one, and what was printed last is shown.
        if (isOver && wasOver) break;
      }
      const found = await this.#attempt();
      if (fault !== undefined && found !== undefined && !isOver) throw found;
      fault = found;
    }
    if (signal.aborted) return;
    const { state, reason } = looked.condition;
    console.error(`heron-bin: topology "${name}" is ${state}: ${reason}`);
  }

  async #lookAgain(before: lifecycle.LookedAt): Promise<lifecycle.LookedAt> {
    try {
      const looked = await lookAgainAtFound(this.#found, before);
      this.#said = "";
      return looked;
    } catch (thrown) {
      // A store that is away for a moment: the topology runs on.
      const { message } = HeronError.from(thrown);
      if (message !== this.#said) console.error(`heron-bin: ${message}`);
      this.#said = message;
      return before;
    }
  }

  /** What went wrong: the files of a topology that is killed are gone before that is known. */
  async #attempt(): Promise<HeronError | undefined> {
    try {
      await this.#show();
      return undefined;
    } catch (thrown) {
      return HeronError.from(thrown);
    }
  }
}
