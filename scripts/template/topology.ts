/**
 * Counts words: sentences → split → count. The sentences are the arguments of
 * the command line, or a few of our own: heron-bin run topology.ts [SENTENCE…]
 */

import { BaseBasicBolt, BaseRichSpout, Fields, TopologyBuilder } from "heron-bin";
import type { BasicOutputCollector, ConfigMap, SpoutOutputCollector } from "heron-bin";
import type { Topology, TopologyContext, Tuple } from "heron-bin";

// What flows: the names of the fields of each stream, and the types of their values. A wrong name
// or type, where something is emitted, read or grouped by, is an error in the editor.
const sentences = new Fields("sentence").of<[string]>();
const words = new Fields("word").of<[string]>();

const SENTENCES = ["the cow jumped over the moon", "an apple a day keeps the doctor away"];

/** Emits each sentence once, then ends: without `end()` a topology runs on. */
export class SentenceSpout extends BaseRichSpout {
  override readonly outputs = sentences;
  #collector?: SpoutOutputCollector<typeof sentences>;
  #next = 0;

  constructor(readonly sentences: readonly string[]) {
    super();
  }
  override open(
    _config: ConfigMap,
    _context: TopologyContext,
    collector: SpoutOutputCollector<typeof sentences>,
  ): void {
    this.#collector = collector;
  }
  nextTuple(): void {
    const sentence = this.sentences[this.#next++];
    if (sentence === undefined) return this.#collector?.end();
    this.#collector?.emit([sentence]);
  }
}

/** Emits the words of a sentence. */
export class SplitBolt extends BaseBasicBolt {
  override readonly outputs = words;

  execute(
    tuple: Tuple<typeof sentences>,
    collector: BasicOutputCollector<typeof words>,
  ): void {
    for (const word of tuple.getValueByField("sentence").split(" ")) collector.emit([word]);
  }
}

/** Counts words, and prints the counts when all input has ended. */
export class CountBolt extends BaseBasicBolt {
  readonly #counts = new Map<string, number>();

  execute(tuple: Tuple<typeof words>): void {
    const word = tuple.getValueByField("word");
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
  }
  override finish(): void {
    for (const [word, count] of this.#counts) console.log(`${word} ${count}`);
  }
}

/** Called by heron-bin, in several processes: it only describes the topology. */
export default function define(args: readonly string[]): Topology {
  const builder = new TopologyBuilder("word-count");
  const spout = builder.setSpout(
    "sentences",
    new SentenceSpout(args.length > 0 ? args : SENTENCES),
  );
  const split = builder.setBolt("split", new SplitBolt(), 2).shuffleGrouping(spout);
  // The same word always goes to the same task.
  builder.setBolt("count", new CountBolt(), 2).fieldsGrouping(split, ["word"]);
  return builder.createTopology();
}
