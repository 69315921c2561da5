/**
 * Programs that the compiler refuses. Behind each mark of an expected error
 * stands what the message must say, part by part; types_test.ts looks for it.
 */

import { BaseBasicBolt, BaseRichBolt, BaseRichSpout, Fields, type IBolt } from "heron-bin";
import type { ConfigMap, SpoutOutputCollector, TopologyContext } from "heron-bin";
import { type BasicOutputCollector, type OutputCollector, TopologyBuilder } from "heron-bin";
import type { Tuple } from "heron-bin";
import { Count, type counts, Either, Lines, type lines, Split, words } from "./right.ts";

export function handles(bolt: IBolt): void {
  const builder = new TopologyBuilder("wrong");
  const spout = builder.setSpout("lines", new Lines());
  const split = builder.setBolt("split", new Split());
  // @ts-expect-error "wrod" | "word"
  builder.setBolt("count", new Count()).fieldsGrouping(split, ["wrod"]);
  // @ts-expect-error "wrod" | "word"
  builder.setBolt("untyped", bolt).fieldsGrouping(split, "counted", ["wrod"]);
  // @ts-expect-error "count" | "word"
  builder.setBolt("untyped", bolt).fieldsGrouping(split, counts);
  // @ts-expect-error "cuonted"
  builder.setBolt("count", new Count()).shuffleGrouping(split, "cuonted");
  // @ts-expect-error execute() of the bolt takes other fields | "line" | "word"
  builder.setBolt("count", new Count()).shuffleGrouping(spout);
  // @ts-expect-error execute() of the bolt takes other fields
  builder.setBolt("count", new Count()).fieldsGrouping(split, "counted", ["word"]);
  // @ts-expect-error execute() of the bolt takes other fields
  builder.setBolt("either", new Either()).allGrouping(spout);
}

export function ids(bolt: IBolt): void {
  const builder = new TopologyBuilder<
    { lines: Lines; split: Split; count: Count; untyped: IBolt }
  >("wrong");
  // @ts-expect-error "wrod" | "word"
  builder.setBolt("count", new Count()).fieldsGrouping("split", ["wrod"]);
  // @ts-expect-error "spilt"
  builder.setBolt("count", new Count()).fieldsGrouping("spilt", ["word"]);
  // @ts-expect-error "spilt"
  builder.setBolt("count", new Count()).shuffleGrouping("spilt");
  // @ts-expect-error "cuonted"
  builder.setBolt("count", new Count()).shuffleGrouping("split", "cuonted");
  // @ts-expect-error "cuont" | "count"
  builder.setBolt("untyped", bolt).fieldsGrouping("split", "counted", ["cuont"]);
  // @ts-expect-error execute() of the bolt takes other fields
  builder.setBolt("count", new Count()).shuffleGrouping("lines");
  // @ts-expect-error "cuont" | "count"
  builder.setBolt("cuont", new Count());
  // @ts-expect-error Count | Split
  builder.setBolt("split", new Count());
  // @ts-expect-error "sentences" | "lines"
  builder.setSpout("sentences", new Lines());
}

export function emits(
  spout: SpoutOutputCollector<typeof lines>,
  basic: BasicOutputCollector<Split["outputs"]>,
): void {
  // @ts-expect-error requires 2
  spout.emit(["a"]);
  // @ts-expect-error requires 2
  spout.emit(["a"], "id");
  // @ts-expect-error 'number' is not assignable to type 'string'
  spout.emit([1, 1], "id");
  // @ts-expect-error No overload
  spout.emit("odd", ["a", 1]);
  // @ts-expect-error "odd" | "default"
  spout.emit("odd", ["a", 1], "id");
  // @ts-expect-error 'string' is not assignable to type 'number'
  spout.emitDirect(3, ["a", "b"]);
  // @ts-expect-error 2 element(s)
  basic.emit(["a", 1]);
  // @ts-expect-error requires 2
  basic.emit("counted", ["a"]);
  // @ts-expect-error "cuonted" | counted: Fields
  basic.emit("cuonted", ["a", 1]);
}

export function anchoredEmits(rich: OutputCollector<typeof counts>, tuple: Tuple): void {
  // @ts-expect-error requires 2
  rich.emit(tuple, ["a"]);
  // @ts-expect-error 'string' is not assignable to type 'number | bigint'
  rich.emit(tuple, ["a", "b"]);
}

/** Reads what is not there. */
export class Reader extends BaseBasicBolt {
  execute(tuple: Tuple<typeof lines>): void {
    // @ts-expect-error "wrod" | "line" | "number"
    console.log(tuple.getValueByField("wrod"));
    // @ts-expect-error "wrod"
    console.log(tuple.getStringByField("wrod"));
    // @ts-expect-error "wrod"
    console.log(tuple.fieldIndex("wrod"));
    // @ts-expect-error 'number' is not assignable to type 'string'
    const number: string = tuple.getValueByField("number");
    // @ts-expect-error 'string' is not assignable to type 'number'
    const line: number = tuple.getValue(0);
    console.log(number, line);
  }
}

/** Declares what is no stream. */
export class Declarer extends BaseBasicBolt {
  // @ts-expect-error 'string[]' is not assignable
  override readonly outputs = ["word"];
  execute(): void {}
}

// @ts-expect-error allows only 1
export const tooMany = new Fields("a").of<[string, number]>();
// @ts-expect-error requires 2
export const tooFew = new Fields("a", "b").of<[string]>();
export const fields: readonly Fields[] = [words];

/** Its outputs have types, and its collector takes anything. */
export class Loose extends BaseBasicBolt {
  override readonly outputs = words;
  execute(_tuple: Tuple, collector: BasicOutputCollector): void {
    collector.emit([1, 2, 3]);
  }
}

/** Its collector is typed by what another declares. */
export class Strange extends BaseBasicBolt {
  override readonly outputs = words;
  execute(_tuple: Tuple, collector: BasicOutputCollector<typeof counts>): void {
    collector.emit(["a", 1]);
  }
}

/** The same of a spout, and of a stream that is not declared. */
export class StrangeSpout extends BaseRichSpout {
  override readonly outputs = words;
  override open(
    _config: ConfigMap,
    _context: TopologyContext,
    collector: SpoutOutputCollector<{ default: typeof words; late: typeof words }>,
  ): void {
    collector.emit("late", ["a"]);
  }
  nextTuple(): void {}
}

/** The same of a rich bolt. */
export class LooseRich extends BaseRichBolt {
  override readonly outputs = words;
  override prepare(_: ConfigMap, _context: TopologyContext, collector: OutputCollector): void {
    collector.emit([1]);
  }
  execute(): void {}
}

export function looseEmits(): void {
  const builder = new TopologyBuilder("loose");
  // @ts-expect-error "its collector is not typed by its outputs"
  builder.setBolt("loose", new Loose());
  // @ts-expect-error "its collector is not typed by its outputs"
  builder.setBasicBolt("loose", new Loose());
  // @ts-expect-error "its collector is typed by other outputs than it declares"
  builder.setBolt("strange", new Strange());
  // @ts-expect-error "its collector is typed by other outputs than it declares"
  builder.setSpout("strange", new StrangeSpout());
  // @ts-expect-error "its collector is not typed by its outputs"
  builder.setBolt("rich", new LooseRich());
  new TopologyBuilder<{ loose: Loose }>("by-type")
    // @ts-expect-error "its collector is not typed by its outputs"
    .setBolt("loose", new Loose());
}

export function emitsInPlace(): void {
  const builder = new TopologyBuilder("in-place");
  builder.setSpout("lines", {
    outputs: words,
    open: (_config, _context, collector) => {
      // @ts-expect-error 'number' is not assignable to type 'string'
      collector.emit([1]);
      // @ts-expect-error 2 element(s)
      collector.emit(["a", "b"]);
      // @ts-expect-error No overload matches | 'readonly [string]'
      collector.emit("late", ["a"]);
    },
    nextTuple() {},
  });
  builder.setBolt("rich", {
    outputs: { default: words, more: words },
    prepare: (_config, _context, collector) => {
      // @ts-expect-error No overload matches
      collector.emit("more", ["a", "b"]);
    },
    execute() {},
  });
  builder.setBasicBolt("basic", {
    outputs: words,
    // @ts-expect-error 'number' is not assignable to type 'string'
    execute: (_tuple, collector) => void collector.emit([1]),
    // @ts-expect-error requires 1
    finish: (collector) => void collector.emit([]),
  });
}
