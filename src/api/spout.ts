/**
 * Spouts: the sources of a topology. When and how often their methods are
 * called is the executor's.
 */

import type { SpoutOutputCollector } from "./collector.ts";
import type { IComponent } from "./component.ts";
import type { Config } from "./config.ts";
import type { MaybePromise } from "./maybe_promise.ts";
import type { TopologyContext } from "./context.ts";
import type { ConfigMap } from "./definition.ts";
import type { FailReason } from "./hook_infos.ts";
import type { OutputFieldsDeclarer } from "./output_fields_declarer.ts";
import type { Outputs } from "./stream_types.ts";

/**
 * A source of tuples. One call runs at a time; each may be async.
 *
 * @example
 * ```ts
 * import type { ISpout, OutputFieldsDeclarer, SpoutOutputCollector } from "heron-bin";
 * import type { ConfigMap, TopologyContext } from "heron-bin";
 *
 * class Numbers implements ISpout {
 *   #collector?: SpoutOutputCollector;
 *   #next = 0;
 *
 *   open(_config: ConfigMap, _context: TopologyContext, collector: SpoutOutputCollector): void {
 *     this.#collector = collector;
 *   }
 *   nextTuple(): void {
 *     if (this.#next === 100) this.#collector?.end();
 *     else this.#collector?.emit([this.#next++]);
 *   }
 *   declareOutputFields(declarer: OutputFieldsDeclarer): void {
 *     declarer.declare(["number"]);
 *   }
 * }
 * ```
 */
export interface ISpout extends IComponent {
  /** Called once, before all else. `config` is the topology's with the component's own on top. */
  open?(
    config: ConfigMap,
    context: TopologyContext,
    collector: SpoutOutputCollector,
  ): MaybePromise<void>;
  /** Emits what is at hand, or nothing: then it is called again after a short wait. */
  nextTuple(): MaybePromise<void>;
  /** The tuple emitted with `messageId`, and all that came of it, was handled. */
  ack?(messageId: unknown): MaybePromise<void>;
  /** The tuple emitted with `messageId` was not handled for `reason`. */
  fail?(messageId: unknown, reason: FailReason): MaybePromise<void>;
  /** Called when the topology starts to run (again). */
  activate?(): MaybePromise<void>;
  /** Called when the topology is paused: `nextTuple` is not called until `activate`. */
  deactivate?(): MaybePromise<void>;
  /** Called at an orderly end only. */
  close?(): MaybePromise<void>;
}

/**
 * `ISpout` as a base class, for those who know it from Storm.
 *
 * @example
 * ```ts
 * import { BaseRichSpout, type OutputFieldsDeclarer } from "heron-bin";
 *
 * class Silent extends BaseRichSpout {
 *   nextTuple(): void {}
 *   override declareOutputFields(declarer: OutputFieldsDeclarer): void {
 *     declarer.declare(["nothing"]);
 *   }
 * }
 * ```
 */
export abstract class BaseRichSpout implements ISpout {
  /** The streams this spout emits to, in place of `declareOutputFields`. */
  declare readonly outputs?: Outputs;
  /** Called once, before all else. */
  open?(
    config: ConfigMap,
    context: TopologyContext,
    collector: SpoutOutputCollector,
  ): MaybePromise<void>;
  /** Emits what is at hand, or nothing. */
  abstract nextTuple(): MaybePromise<void>;
  /** A new physical plan came to the running task. */
  update?(context: TopologyContext): MaybePromise<void>;
  /** Declares the streams this spout emits to. */
  declareOutputFields?(declarer: OutputFieldsDeclarer): void;
  /** Configuration of this component. */
  getComponentConfiguration?(): ConfigMap | Config;
  /** The tuple emitted with `messageId` was handled. */
  ack?(messageId: unknown): MaybePromise<void>;
  /** The tuple emitted with `messageId` was not handled for `reason`. */
  fail?(messageId: unknown, reason: FailReason): MaybePromise<void>;
  /** Called when the topology starts to run (again). */
  activate?(): MaybePromise<void>;
  /** Called when the topology is paused. */
  deactivate?(): MaybePromise<void>;
  /** Called at an orderly end only. */
  close?(): MaybePromise<void>;
}
