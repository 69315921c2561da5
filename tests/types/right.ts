/**
 * Programs that the compiler takes: components that say their streams by type
 * and some that do not, in the builder's styles. Compiled, never run.
 */

import { BaseBasicBolt, BaseRichBolt, BaseRichSpout, Fields, isTick } from "heron-bin";
import { type IBolt, type ISpout, type Topology, TopologyBuilder, type Tuple } from "heron-bin";
import { type BasicOutputCollector, Config, type ConfigMap, tupleText } from "heron-bin";
import { TupleUtils, Values } from "heron-bin";
import type { OutputCollector, OutputFieldsDeclarer, SpoutOutputCollector } from "heron-bin";
import type { TopologyContext } from "heron-bin";

export const lines = new Fields("line", "number").of<[string, number]>();
export const words = new Fields("word").of<[string]>();
export const counts = new Fields("word", "count").of<[word: string, count: number | bigint]>();
const splitStreams = { default: words, counted: counts };

/** A spout of one stream. */
export class Lines extends BaseRichSpout {
  override readonly outputs = lines;
  #collector?: SpoutOutputCollector<typeof lines>;

  override open(
    _config: ConfigMap,
    _context: TopologyContext,
    collector: SpoutOutputCollector<typeof lines>,
  ): void {
    this.#collector = collector;
  }
  nextTuple(): void {
    this.#collector?.emit(["a b", 1]);
    this.#collector?.emit(["a b", 1], { any: "id" });
    this.#collector?.emit("default", ["a b", 1], 7);
    this.#collector?.emitDirect(3, ["a b", 1]);
  }
}

/** A basic bolt of two streams. */
export class Split extends BaseBasicBolt {
  override readonly outputs = splitStreams;

  execute(
    tuple: Tuple<typeof lines>,
    collector: BasicOutputCollector<typeof splitStreams>,
  ): void {
    const line: string = tuple.getValueByField("line");
    const number: number = tuple.getValue(1);
    const [first, second]: readonly [string, number] = tuple.getValues();
    for (const word of line.split(" ")) collector.emit([word]);
    collector.emit("counted", [first, number + second]);
    collector.emitDirect(3, "counted", [first, 1n]);
    // All that takes any tuple takes one of known fields.
    const any: Tuple = tuple;
    if (!isTick(tuple)) console.log(tupleText(any), any.getValueByField("anything"));
  }
}

/** A rich bolt. */
export class Count extends BaseRichBolt {
  override readonly outputs = counts;
  #collector?: OutputCollector<typeof counts>;

  override prepare(
    _config: ConfigMap,
    _context: TopologyContext,
    collector: OutputCollector<typeof counts>,
  ): void {
    this.#collector = collector;
  }
  execute(tuple: Tuple<typeof words>): void {
    this.#collector?.emit(tuple, [tuple.getString(0), 3]);
    this.#collector?.emit("default", [tuple], [tuple.getStringByField("word"), 3n]);
    this.#collector?.ack(tuple);
  }
}

/** A bolt that takes the tuples of several streams. */
export class Either extends BaseBasicBolt {
  execute(tuple: Tuple<typeof words | typeof counts>): void {
    const word: string = tuple.getValueByField("word");
    console.log(word);
  }
}

/** The source is what the builder returned for it. */
export function byHandle(): Topology {
  const builder = new TopologyBuilder("by-handle");
  const spout = builder.setSpout("lines", new Lines()).setDebug(true);
  const split = builder.setBolt("split", new Split(), 2).shuffleGrouping(spout);
  const count = builder.setBolt("count", new Count())
    .fieldsGrouping(split, ["word"])
    .fieldsGrouping(split, words)
    .setTickTupleFrequency(1);
  builder.setBolt("either", new Either())
    .globalGrouping(split)
    .allGrouping(split, "counted")
    .fieldsGrouping(count, "default", ["count", "word"]);
  return builder.createTopology();
}

/** The builder is told the components by type: ids are checked as strings. */
export function byType(untyped: IBolt): Topology {
  const builder = new TopologyBuilder<
    { lines: Lines; split: Split; count: Count; either: Either; untyped: IBolt }
  >("by-type");
  builder.setSpout("lines", new Lines());
  builder.setBolt("split", new Split(), 2).shuffleGrouping("lines");
  builder.setBolt("count", new Count()).fieldsGrouping("split", ["word"]);
  builder.setBolt("either", new Either()).directGrouping("split", "counted").noneGrouping("split");
  builder.setBolt("untyped", untyped)
    .fieldsGrouping("split", "counted", ["count"])
    .fieldsGrouping("untyped", ["anything"]);
  return builder.createTopology();
}

/** Nothing is known by type: any ids, streams and fields. */
export function untyped(spout: ISpout, bolt: IBolt, ids: readonly string[]): Topology {
  const builder = new TopologyBuilder("untyped");
  builder.setSpout("spout", spout);
  const handle = builder.setBolt("bolt", bolt).shuffleGrouping("spout", "any");
  for (const id of ids) handle.fieldsGrouping(id, "any", new Fields("what", "ever"));
  // A bolt that says what it takes may subscribe to a source that says nothing.
  builder.setBolt("typed", new Count()).fieldsGrouping("bolt", ["word"]).shuffleGrouping(
    handle,
    "any",
  );
  builder.setBolt("plain", {
    prepare: (_config, _context, collector) => void collector.emit("any", new Values(1, "a")),
    execute: (tuple: Tuple) => console.log(tuple.getValue(0), tuple.getStringByField("what")),
    declareOutputFields: (declarer) => declarer.declareStream("any", ["a", "b"]),
  });
  return builder.createTopology();
}

/** Of an object in place the collector is typed by its `outputs`, with nothing said. */
export function inPlace(): Topology {
  const builder = new TopologyBuilder("in-place");
  const spout = builder.setSpout("lines", {
    outputs: lines,
    open: (_config, _context, collector) => {
      collector.emit(["a b", 1], "id");
      collector.emitDirect(3, "default", ["a b", 1]);
    },
    nextTuple() {},
  });
  const split = builder.setBolt("split", {
    outputs: splitStreams,
    prepare: (_config, _context, collector) => {
      collector.emit(["a"]);
      collector.emit("counted", ["a", 1]);
    },
    execute: (tuple) => console.log(tuple.getValue(0)),
  }).shuffleGrouping(spout);
  builder.setBasicBolt("count", {
    outputs: counts,
    execute: (tuple, collector) => void collector.emit([tuple.getString(0), 1n]),
    finish: (collector) => void collector.emit("default", ["end", 0]),
  }).fieldsGrouping(split, ["word"]);
  // Names without types: arity alone is checked, and any collector will do.
  builder.setSpout("named", {
    outputs: new Fields("a", "b"),
    open: (_config, _context, collector) => void collector.emit([1, "x"]),
    nextTuple() {},
  });
  return builder.createTopology();
}

/** Says which streams it has and not what is in them. */
export class Named extends BaseBasicBolt {
  override readonly outputs = new Fields("word");
  execute(tuple: Tuple, collector: BasicOutputCollector): void {
    collector.emit([tuple.getValue(0)]);
  }
}

/** Emits to one of its streams only, which it says. */
export class Half extends BaseBasicBolt {
  override readonly outputs = splitStreams;
  execute(tuple: Tuple, collector: BasicOutputCollector<typeof words>): void {
    collector.emit([tuple.getString(0)]);
  }
}

/** Never emits. */
export class Silent extends BaseRichSpout {
  override readonly outputs = lines;
  nextTuple(): void {}
}

/** Declares more streams than it says by type. */
export class Both extends BaseBasicBolt {
  override readonly outputs = words;
  override declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declareStream("more", ["a", "b"]);
  }
  execute(_tuple: Tuple, collector: BasicOutputCollector): void {
    collector.emit("more", [1, 2]);
  }
}

/** What the builder takes of them. */
export function given(spout: BaseRichSpout, basic: BaseBasicBolt, rich: BaseRichBolt): void {
  const builder = new TopologyBuilder("given");
  builder.setSpout("silent", new Silent());
  builder.setSpout("spout", spout);
  for (const bolt of [new Named(), new Half(), new Both()]) builder.setBolt("bolt", bolt);
  builder.setBolt("basic", basic);
  builder.setBolt("rich", rich, 2);
}

/** Says its ticks as authors of Storm topologies do. */
export class Ticking extends BaseRichBolt {
  execute(): void {}
  override getComponentConfiguration(): Config {
    const config = new Config().put("own", 1);
    return TupleUtils.putTickFrequencyIntoComponentConfig(config, 5).setDebug(true);
  }
}

/** The same by a plain map. */
export class TickingByMap extends BaseBasicBolt {
  execute(): void {}
  override getComponentConfiguration(): ConfigMap {
    return TupleUtils.putTickFrequencyIntoComponentConfig({ own: 1 }, 5);
  }
}

/** Streams that `outputs` does not list: of the error policy, and declared besides. */
export function besides(): Topology {
  const builder = new TopologyBuilder("besides");
  const spout = builder.setSpout("lines", new Lines());
  const split = builder.setBolt("split", new Split()).shuffleGrouping(spout)
    .setErrorPolicy({ then: "dead_letter" });
  const both = builder.setBolt("both", new Both()).shuffleGrouping(spout);
  builder.setBolt("named", new Named()).shuffleGrouping(split, "__dead_letter")
    .fieldsGrouping(split, "__dead_letter", ["component", "task"])
    .fieldsGrouping(both, "more", ["a"]).fieldsGrouping(both, ["word"]).allGrouping(both, "more");
  return builder.createTopology();
}

/** The same in a builder that is told the components by type. */
export function besidesByType(): Topology {
  const builder = new TopologyBuilder<{ lines: Lines; both: Both; named: Named }>("besides");
  builder.setSpout("lines", new Lines());
  builder.setBolt("both", new Both()).shuffleGrouping("lines");
  builder.setBolt("named", new Named()).shuffleGrouping("both", "more")
    .fieldsGrouping("both", "more", ["a"]).fieldsGrouping("both", ["word"])
    .shuffleGrouping("both", "__dead_letter");
  return builder.createTopology();
}
