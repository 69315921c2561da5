/** The bolt of a soak: counts words, and leaves its counts when the input has ended. */

import type { ConfigMap, IBasicBolt, TopologyContext, Tuple } from "heron-bin";
import { writeCounts } from "./word_counts.ts";

/** Counts words. */
export class CountBolt implements IBasicBolt {
  readonly #folder: string;
  readonly #counts = new Map<string, number>();
  #index = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  prepare(_: ConfigMap, context: TopologyContext): void {
    this.#index = context.getThisTaskIndex();
  }

  execute(tuple: Tuple): void {
    const word = tuple.getString(0);
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
  }

  finish(): void {
    writeCounts(this.#folder, { component: "count", index: this.#index }, this.#counts);
  }
}
