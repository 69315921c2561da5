/**
 * The spout of a soak: random words as fast as they are taken, until there is the file "stop".
 * It counts what it emits; what is emitted again after a failure is not counted again.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type {
  ConfigMap,
  FailReason,
  ISpout,
  OutputFieldsDeclarer,
  SpoutOutputCollector,
  TopologyContext,
} from "heron-bin";
import { type Random, seededRandom } from "../../src/base/mod.ts";
import { randomWords, writeCounts } from "./word_counts.ts";

/** How many words are emitted between two looks for the file. */
const LOOK_EVERY = 4096;

/** What a spout is made with. */
export interface WordSpoutOptions {
  /** Where the file "stop" is looked for and the counts are left. */
  readonly folder: string;
  readonly seed: number;
  /** Words are emitted with message ids. */
  readonly isFollowed: boolean;
}

/** Emits words. */
export class WordSpout implements ISpout {
  readonly #options: WordSpoutOptions;
  #words: readonly string[] = [];
  #counts = new Float64Array(0);
  #random: Random;
  #collector: SpoutOutputCollector | undefined;
  #index = 0;
  #calls = 0;
  #hasEnded = false;

  constructor(options: WordSpoutOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  open(_: ConfigMap, context: TopologyContext, collector: SpoutOutputCollector): void {
    const { seed } = this.#options;
    this.#collector = collector;
    this.#index = context.getThisTaskIndex();
    this.#words = randomWords(seededRandom(seed));
    this.#counts = new Float64Array(this.#words.length);
    this.#random = seededRandom(seed + 1 + this.#index);
  }

  nextTuple(): void {
    if (this.#hasEnded || ++this.#calls % LOOK_EVERY === 0 && this.#isToStop()) return this.#end();
    const number = this.#random.below(this.#words.length);
    this.#counts[number] = (this.#counts[number] ?? 0) + 1;
    this.#emit(number);
  }

  fail(messageId: unknown, reason: FailReason): void {
    console.log(`failed ${reason}`);
    this.#emit(Number(messageId));
  }

  declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["word"]);
  }

  #emit(number: number): void {
    const values = [this.#words[number] ?? ""];
    if (this.#options.isFollowed) this.#collector?.emit(values, number);
    else this.#collector?.emit(values);
  }

  #isToStop(): boolean {
    return existsSync(join(this.#options.folder, "stop"));
  }

  #end(): void {
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      const place = { component: "words", index: this.#index };
      const counts = this.#words.map((word, number) => [word, this.#counts[number] ?? 0] as const);
      writeCounts(this.#options.folder, place, counts);
    }
    this.#collector?.end();
  }
}
