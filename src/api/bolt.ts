/**
 * Bolts: what handles tuples. A rich bolt acks by itself; a basic one is acked
 * after each call, by the wrapper in basic_bolt_executor.ts.
 */

import type { BasicOutputCollector, OutputCollector } from "./collector.ts";
import type { IComponent } from "./component.ts";
import type { Config } from "./config.ts";
import type { MaybePromise } from "./maybe_promise.ts";
import type { TopologyContext } from "./context.ts";
import type { ConfigMap } from "./definition.ts";
import type { OutputFieldsDeclarer } from "./output_fields_declarer.ts";
import type { Outputs } from "./stream_types.ts";
import type { Tuple } from "./tuple.ts";

/**
 * A bolt that anchors and acks by itself. One call runs at a time; each may be async.
 *
 * @example
 * ```ts
 * import type { ConfigMap, IBolt, OutputCollector, TopologyContext, Tuple } from "heron-bin";
 *
 * class Printer implements IBolt {
 *   #collector?: OutputCollector;
 *
 *   prepare(_config: ConfigMap, _context: TopologyContext, collector: OutputCollector): void {
 *     this.#collector = collector;
 *   }
 *   execute(tuple: Tuple): void {
 *     console.log(tuple.getString(0));
 *     this.#collector?.ack(tuple);
 *   }
 * }
 * ```
 */
export interface IBolt extends IComponent {
  /** Called once, before all else. `config` is the topology's with the component's own on top. */
  prepare?(
    config: ConfigMap,
    context: TopologyContext,
    collector: OutputCollector,
  ): MaybePromise<void>;
  /** Handles one tuple: emits what comes of it and acks it, now or later. */
  execute(tuple: Tuple): MaybePromise<void>;
  /** All input so far has come: emits and acks what is held back. May be called several times. */
  flush?(): MaybePromise<void>;
  /** All input has ended: emits the rest. Called once; what it emits is not replayed. */
  finish?(): MaybePromise<void>;
  /** Called at an orderly end only. */
  cleanup?(): MaybePromise<void>;
}

/**
 * A bolt whose emits are anchored to its input, which is acked when `execute` returns (or its
 * promise resolves) and failed when it throws a `FailedException`. Other exceptions end the task.
 *
 * @example
 * ```ts
 * import type { BasicOutputCollector, IBasicBolt, OutputFieldsDeclarer, Tuple } from "heron-bin";
 *
 * class Exclaim implements IBasicBolt {
 *   execute(tuple: Tuple, collector: BasicOutputCollector): void {
 *     collector.emit([tuple.getString(0) + "!"]);
 *   }
 *   declareOutputFields(declarer: OutputFieldsDeclarer): void {
 *     declarer.declare(["word"]);
 *   }
 * }
 * ```
 */
export interface IBasicBolt extends IComponent {
  /** Called once, before all else. `config` is the topology's with the component's own on top. */
  prepare?(config: ConfigMap, context: TopologyContext): MaybePromise<void>;
  /** Handles one tuple. `collector` is good for this tuple only. */
  execute(tuple: Tuple, collector: BasicOutputCollector): MaybePromise<void>;
  /** All input has ended: emits the rest. Called once; what it emits is not replayed. */
  finish?(collector: BasicOutputCollector): MaybePromise<void>;
  /** Called at an orderly end only. */
  cleanup?(): MaybePromise<void>;
}

/**
 * `IBolt` as a base class, for those who know it from Storm.
 *
 * @example
 * ```ts
 * import { BaseRichBolt, type OutputCollector, type Tuple } from "heron-bin";
 * import type { ConfigMap, TopologyContext } from "heron-bin";
 *
 * class Sink extends BaseRichBolt {
 *   #collector?: OutputCollector;
 *
 *   override prepare(_: ConfigMap, _context: TopologyContext, collector: OutputCollector): void {
 *     this.#collector = collector;
 *   }
 *   execute(tuple: Tuple): void {
 *     this.#collector?.ack(tuple);
 *   }
 * }
 * ```
 */
export abstract class BaseRichBolt implements IBolt {
  /** The streams this bolt emits to, in place of `declareOutputFields`. */
  declare readonly outputs?: Outputs;
  /** Called once, before all else. */
  prepare?(
    config: ConfigMap,
    context: TopologyContext,
    collector: OutputCollector,
  ): MaybePromise<void>;
  /** Handles one tuple. */
  abstract execute(tuple: Tuple): MaybePromise<void>;
  /** All input so far has come. */
  flush?(): MaybePromise<void>;
  /** All input has ended. */
  finish?(): MaybePromise<void>;
  /** Called at an orderly end only. */
  cleanup?(): MaybePromise<void>;
  /** A new physical plan came to the running task. */
  update?(context: TopologyContext): MaybePromise<void>;
  /** Declares the streams this bolt emits to. */
  declareOutputFields?(declarer: OutputFieldsDeclarer): void;
  /** Configuration of this component. */
  getComponentConfiguration?(): ConfigMap | Config;
}

// A registered symbol, so that another copy of this module makes the same brand.
const BASIC_BOLT_BRAND: unique symbol = Symbol.for("heron-bin.basic_bolt");

/**
 * `IBasicBolt` as a base class; `setBolt` knows it by its brand.
 *
 * @example
 * ```ts
 * import { BaseBasicBolt, type Tuple } from "heron-bin";
 *
 * class Print extends BaseBasicBolt {
 *   execute(tuple: Tuple): void {
 *     console.log(tuple.getString(0));
 *   }
 * }
 * ```
 */
export abstract class BaseBasicBolt implements IBasicBolt {
  /** Marks basic bolts across copies of the API. */
  readonly [BASIC_BOLT_BRAND]: true = true;
  /** The streams this bolt emits to, in place of `declareOutputFields`. */
  declare readonly outputs?: Outputs;
  /** Called once, before all else. */
  prepare?(config: ConfigMap, context: TopologyContext): MaybePromise<void>;
  /** Handles one tuple. */
  abstract execute(tuple: Tuple, collector: BasicOutputCollector): MaybePromise<void>;
  /** All input has ended. */
  finish?(collector: BasicOutputCollector): MaybePromise<void>;
  /** Called at an orderly end only. */
  cleanup?(): MaybePromise<void>;
  /** A new physical plan came to the running task. */
  update?(context: TopologyContext): MaybePromise<void>;
  /** Declares the streams this bolt emits to. */
  declareOutputFields?(declarer: OutputFieldsDeclarer): void;
  /** Configuration of this component. */
  getComponentConfiguration?(): ConfigMap | Config;
}

/** Whether `bolt` carries the brand of `BaseBasicBolt`. */
export function isBasicBolt(bolt: unknown): bolt is BaseBasicBolt {
  return typeof bolt === "object" && bolt !== null && BASIC_BOLT_BRAND in bolt;
}
