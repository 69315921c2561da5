/**
 * One spout, and a bolt of three tasks by each grouping. Each task says how many tuples it got:
 * heron-bin run --containers 2 examples/every_grouping.ts [TUPLES]
 */

import { BaseBasicBolt, BaseRichSpout, TopologyBuilder, type Tuple } from "heron-bin";
import type { BasicOutputCollector, CustomStreamGrouping, SpoutOutputCollector } from "heron-bin";
import type { ConfigMap, OutputFieldsDeclarer, Topology, TopologyContext } from "heron-bin";

const WORDS = ["the", "the", "the", "the", "quick", "brown", "fox", "jumps", "over", "dog"];

class WordSpout extends BaseRichSpout {
  #next = 0;
  #collector?: SpoutOutputCollector;
  #direct: readonly number[] = [];

  constructor(readonly tuples: number) {
    super();
  }
  override open(_: ConfigMap, context: TopologyContext, collector: SpoutOutputCollector): void {
    this.#collector = collector;
    this.#direct = context.getComponentTasks("direct");
  }
  nextTuple(): void {
    if (this.#next >= this.tuples) return this.#collector?.end();
    const word = WORDS[this.#next++ % WORDS.length];
    // A copy for each bolt that reads the stream. What emit returns are the tasks they go to.
    this.#collector?.emit([word, this.#next]);
    // By direct grouping the source names the task; its id comes from the context.
    this.#collector?.emitDirect(this.#direct[this.#next % 2] ?? 0, "named", [word]);
  }
  override declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["word", "number"]);
    declarer.declareStream("named", true, ["word"]);
  }
}

/** Sends even numbers to the first and the last task, odd ones to nobody. */
class EvenToEnds implements CustomStreamGrouping {
  #ends: readonly number[] = [];

  prepare(_: TopologyContext, _component: string, _stream: string, tasks: readonly number[]): void {
    this.#ends = [tasks[0] ?? 0, tasks[tasks.length - 1] ?? 0];
  }
  chooseTasks([, number]: readonly unknown[]): readonly number[] {
    return Number(number) % 2 === 0 ? this.#ends : [];
  }
}

class CountBolt extends BaseBasicBolt {
  #label = "";
  #count = 0;

  override prepare(_: ConfigMap, context: TopologyContext): void {
    this.#label = `${context.getThisComponentId()}[${context.getThisTaskIndex()}]`;
  }
  execute(_tuple: Tuple): void {
    this.#count++;
  }
  override finish(_collector: BasicOutputCollector): void {
    console.log(`${this.#label} got ${this.#count}`);
  }
}

export default function everyGrouping([tuples = "1000"]: readonly string[]): Topology {
  const builder = new TopologyBuilder("every-grouping");
  builder.setSpout("words", new WordSpout(Number(tuples)));
  const bolt = (name: string) => builder.setBolt(name, new CountBolt(), 3);
  bolt("shuffle").shuffleGrouping("words");
  bolt("none").noneGrouping("words");
  bolt("local").localOrShuffleGrouping("words");
  bolt("fields").fieldsGrouping("words", ["word"]);
  bolt("partial").partialKeyGrouping("words", ["word"]);
  bolt("all").allGrouping("words");
  bolt("global").globalGrouping("words");
  bolt("custom").customGrouping("words", new EvenToEnds());
  bolt("direct").directGrouping("words", "named");
  return builder.createTopology();
}
