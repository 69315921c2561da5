/**
 * What spouts and bolts have in common: they declare the streams they emit
 * to and may bring configuration of their own. Both are asked once, when the topology is built.
 */

import type { TopologyContext } from "./context.ts";
import type { Config } from "./config.ts";
import type { ConfigMap } from "./definition.ts";
import type { MaybePromise } from "./maybe_promise.ts";
import type { OutputFieldsDeclarer } from "./output_fields_declarer.ts";
import type { Outputs } from "./stream_types.ts";

/** A component that hears of new physical plans; Heron's `IUpdatable`. */
export interface IUpdatable {
  /**
   * Called between two other calls when a new physical plan came to the running task; not for the
   * plan it opened with. `context` tells of the new plan. May emit; what it throws ends the task.
   */
  update(context: TopologyContext): MaybePromise<void>;
}

/** The part that spouts and bolts share. */
export interface IComponent extends Partial<IUpdatable> {
  /**
   * The streams this component emits to: the fields of the stream `default`, or of each stream by its
   * id. What it says by types is checked by the compiler where others subscribe. It takes the place
   * of `declareOutputFields`; a component that has both declares the streams of both.
   *
   * @example
   * ```ts
   * import { BaseBasicBolt, type BasicOutputCollector, Fields, type Tuple } from "heron-bin";
   *
   * const lines = new Fields("line").of<[string]>();
   * const words = new Fields("word").of<[string]>();
   *
   * class Split extends BaseBasicBolt {
   *   override readonly outputs = words;
   *   execute(tuple: Tuple<typeof lines>, collector: BasicOutputCollector<typeof words>): void {
   *     for (const word of tuple.getValueByField("line").split(" ")) collector.emit([word]);
   *   }
   * }
   * ```
   */
  readonly outputs?: Outputs;
  /** Declares the streams this component emits to; called once, when the topology is built. */
  declareOutputFields?(declarer: OutputFieldsDeclarer): void;
  /** Configuration of this component; what is added at the declarer wins over it. */
  getComponentConfiguration?(): ConfigMap | Config;
}
