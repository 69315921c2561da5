/** Small topologies for tests of the test kit. */

import {
  BaseBasicBolt,
  type BasicOutputCollector,
  Config,
  type ConfigMap,
  type IBolt,
  type ISpout,
  isTick,
  type OutputCollector,
  type Topology,
  TopologyBuilder,
  type Tuple,
} from "../../src/api/mod.ts";
import { HeronError } from "../../src/base/mod.ts";

/** Splits text into words. */
export class Split extends BaseBasicBolt {
  execute(tuple: Tuple, collector: BasicOutputCollector): void {
    for (const word of tuple.getString(0).split(" ")) collector.emit([word]);
  }
  override declareOutputFields(declarer: { declare(fields: string[]): void }): void {
    declarer.declare(["word"]);
  }
}

/** Counts words; tells the counts at the end and at each tick. */
export class Count extends BaseBasicBolt {
  readonly #counts = new Map<string, number>();

  execute(tuple: Tuple, collector: BasicOutputCollector): void {
    if (isTick(tuple)) return this.finish(collector);
    const word = tuple.getString(0);
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
  }
  override finish(collector: BasicOutputCollector): void {
    for (const count of this.#counts) collector.emit(count);
  }
  override declareOutputFields(declarer: { declare(fields: string[]): void }): void {
    declarer.declare(["word", "count"]);
  }
}

/** A spout without input of its own. */
export function textSpout(): ISpout {
  return {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["text"]),
  };
}

/** text (2) → split (3) → count (2), in two containers. */
export function wordCount(): Topology {
  const builder = new TopologyBuilder("words");
  builder.setSpout("text", textSpout(), 2);
  builder.setBolt("split", new Split(), 3).shuffleGrouping("text");
  builder.setBolt("count", new Count(), 2).fieldsGrouping("split", ["word"]);
  return builder.createTopology({ [Config.TOPOLOGY_STMGRS]: 2 });
}

/** text → bolt, tuples followed. */
export function acked(bolt: () => IBolt, config: ConfigMap = {}): () => Topology {
  return () => {
    const builder = new TopologyBuilder("acked");
    builder.setSpout("text", textSpout());
    builder.setBolt("bolt", bolt()).shuffleGrouping("text");
    return builder.createTopology({
      [Config.TOPOLOGY_RELIABILITY_MODE]: "ATLEAST_ONCE",
      ...config,
    });
  };
}

/** A bolt whose `execute` is given. */
export function boltOf(
  execute: (tuple: Tuple, collector: OutputCollector) => void | Promise<void>,
): IBolt {
  let collector: OutputCollector;
  return {
    prepare: (_config, _context, given) => void (collector = given),
    execute: (tuple) => execute(tuple, collector),
    declareOutputFields: (declarer) => declarer.declare(["text"]),
  };
}

/** Six words. */
export const TEXT = ["to be or not to be"];

/** The error that `run` rejects with. */
export async function failureOf(run: Promise<unknown>): Promise<HeronError> {
  const thrown: unknown = await run.then(() => undefined, (error: unknown) => error);
  if (thrown instanceof HeronError) return thrown;
  throw new Error(`Expected a HeronError, found ${String(thrown)}`);
}
