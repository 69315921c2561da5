/**
 * Heron's exclamation topology: words go through two bolts, each adding an
 * exclamation mark. Ends after a number of words; each task prints what it had last.
 *
 * heron-bin run examples/exclamation.ts [WORDS]
 */

import { BaseBasicBolt, BaseRichSpout, TopologyBuilder, Values } from "heron-bin";
import type { BasicOutputCollector, ConfigMap, OutputFieldsDeclarer } from "heron-bin";
import type { SpoutOutputCollector, Topology, TopologyContext, Tuple } from "heron-bin";

const WORDS = ["heron", "egret", "bittern", "stork", "ibis", "spoonbill"] as const;

class WordSpout extends BaseRichSpout {
  readonly #count: number;
  #emitted = 0;
  #collector?: SpoutOutputCollector;

  constructor(count: number) {
    super();
    this.#count = count;
  }

  override open(_: ConfigMap, _context: TopologyContext, collector: SpoutOutputCollector): void {
    this.#collector = collector;
  }

  nextTuple(): void {
    if (this.#emitted === this.#count) return this.#collector?.end();
    this.#collector?.emit(new Values(WORDS[this.#emitted % WORDS.length]));
    this.#emitted++;
  }

  override declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["word"]);
  }
}

class ExclamationBolt extends BaseBasicBolt {
  #handled = 0;
  #last = "";

  execute(tuple: Tuple, collector: BasicOutputCollector): void {
    this.#handled++;
    this.#last = `${tuple.getString(0)}!`;
    collector.emit(new Values(this.#last));
  }

  override finish(): void {
    console.log(`${this.#handled} words, the last was "${this.#last}"`);
  }

  override declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["word"]);
  }
}

/** The topology: word → exclaim1 → exclaim2. */
export default function exclamation([words = "1000"]: readonly string[]): Topology {
  const count = Number(words);
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new RangeError(`Read the argument: found "${words}", expected a number of words`);
  }
  const builder = new TopologyBuilder("exclamation");
  builder.setSpout("word", new WordSpout(count));
  builder.setBolt("exclaim1", new ExclamationBolt(), 2).shuffleGrouping("word");
  builder.setBolt("exclaim2", new ExclamationBolt(), 2).shuffleGrouping("exclaim1");
  return builder.createTopology();
}
