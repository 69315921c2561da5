/**
 * Which words came most in the last three tenths of a second: tick tuples move the window on.
 * heron-bin run examples/rolling_count.ts [WORDS]
 */

import { BaseBasicBolt, BaseRichSpout, isTick, TopologyBuilder } from "heron-bin";
import type { BasicOutputCollector, ConfigMap, OutputFieldsDeclarer } from "heron-bin";
import type { SpoutOutputCollector, Topology, TopologyContext, Tuple } from "heron-bin";

const WORDS = ["tick", "tock", "tick", "ding", "tick", "tock"];

/** A word each millisecond, about: by a timer event, which in a test comes in virtual time. */
class WordSpout extends BaseRichSpout {
  #next = 0;
  #collector?: SpoutOutputCollector;

  constructor(readonly count: number) {
    super();
  }
  override open(_: ConfigMap, context: TopologyContext, collector: SpoutOutputCollector): void {
    this.#collector = collector;
    context.registerTimer("word", 1, () => this.#emitWord());
  }
  #emitWord(): void {
    if (this.#next === this.count) return this.#collector?.end();
    this.#collector?.emit([WORDS[this.#next++ % WORDS.length]]);
  }
  nextTuple(): void {} // The timer has it all.
  override declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["word"]);
  }
}

/** Counts by word in slots of the window; a tick drops the oldest slot and begins a new one. */
class RollingCountBolt extends BaseBasicBolt {
  readonly #slots: Map<string, number>[] = [new Map()];

  execute(tuple: Tuple, collector: BasicOutputCollector): void {
    if (isTick(tuple)) return this.#moveOn(collector);
    const slot = this.#slots[0];
    const word = tuple.getString(0);
    slot?.set(word, (slot.get(word) ?? 0) + 1);
  }
  #moveOn(collector: BasicOutputCollector): void {
    const counts = new Map<string, number>();
    for (const [word, count] of this.#slots.flatMap((slot) => [...slot])) {
      counts.set(word, (counts.get(word) ?? 0) + count);
    }
    collector.emit([counts]);
    this.#slots.unshift(new Map());
    this.#slots.length = Math.min(this.#slots.length, 3);
  }
  // What came since the last tick.
  override finish(collector: BasicOutputCollector): void {
    this.#moveOn(collector);
  }
  override declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["counts"]);
  }
}

class PrintBolt extends BaseBasicBolt {
  execute(tuple: Tuple): void {
    const counts = tuple.getValue(0);
    if (!(counts instanceof Map)) return;
    const sorted = [...counts].toSorted(([, one], [, other]) => other - one);
    console.log(sorted.map(([word, count]) => `${word} ${count}`).join(", ") || "no words");
  }
}

/** The topology: words → rolling → print. */
export default function rollingCount([words = "600"]: readonly string[]): Topology {
  const builder = new TopologyBuilder("rolling-count");
  builder.setSpout("words", new WordSpout(Number(words)));
  builder.setBolt("rolling", new RollingCountBolt()).globalGrouping("words")
    .setTickTupleFrequencyMs(100);
  builder.setBolt("print", new PrintBolt()).globalGrouping("rolling");
  return builder.createTopology();
}
