/**
 * What spouts and bolts have in common: they declare the streams they emit
 * to and may bring configuration of their own. Both are asked once, when the topology is built.
 */

import type { ConfigMap } from "./definition.ts";
import type { OutputFieldsDeclarer } from "./output_fields_declarer.ts";

/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** The part that spouts and bolts share. */
export interface IComponent {
  /** Declares the streams this component emits to; called once, when the topology is built. */
  declareOutputFields?(declarer: OutputFieldsDeclarer): void;
  /** Configuration of this component; what is added at the declarer wins over it. */
  getComponentConfiguration?(): ConfigMap;
}

/** Whether user code returned a promise; awaiting only then keeps synchronous code fast. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
