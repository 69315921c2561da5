/**
 * Turns a basic bolt into a rich one: what it emits is anchored to the tuple
 * being executed, which is acked after the call (or its promise) and failed on a `FailedException`.
 */

import { assertDefined, HeronError } from "../base/mod.ts";
import type { IBasicBolt, IBolt } from "./bolt.ts";
import type { BasicOutputCollector, OutputCollector } from "./collector.ts";
import { isPromiseLike, type MaybePromise } from "./maybe_promise.ts";
import type { TopologyContext } from "./context.ts";
import type { Config } from "./config.ts";
import type { ConfigMap } from "./definition.ts";
import { failureKind } from "./failed_exception.ts";
import type { OutputFieldsDeclarer } from "./output_fields_declarer.ts";
import type { ISpout } from "./spout.ts";
import type { Tuple } from "./tuple.ts";

/** A basic bolt as a rich one. */
export class BasicBoltExecutor implements IBolt {
  readonly #bolt: IBasicBolt;
  #collector: OutputCollector | undefined;

  constructor(bolt: IBasicBolt) {
    this.#bolt = bolt;
  }

  prepare(
    config: ConfigMap,
    context: TopologyContext,
    collector: OutputCollector,
  ): MaybePromise<void> {
    this.#collector = collector;
    return this.#bolt.prepare?.(config, context);
  }

  execute(tuple: Tuple): MaybePromise<void> {
    const output = this.#output();
    // One collector a call: a late emit of one call must not be anchored to the tuple of another.
    const collector = new AnchoredCollector(output, tuple);
    let pending: MaybePromise<void>;
    try {
      pending = this.#bolt.execute(tuple, collector);
    } catch (thrown) {
      return settleFailed(output, collector, thrown);
    }
    if (isPromiseLike(pending)) return settleLater(output, collector, pending);
    collector.close();
    output.ack(tuple);
  }

  finish(): MaybePromise<void> {
    return this.#bolt.finish?.(new AnchoredCollector(this.#output(), undefined));
  }

  update(context: TopologyContext): MaybePromise<void> {
    return this.#bolt.update?.(context);
  }

  cleanup(): MaybePromise<void> {
    return this.#bolt.cleanup?.();
  }

  declareOutputFields(declarer: OutputFieldsDeclarer): void {
    return this.#bolt.declareOutputFields?.(declarer);
  }

  getComponentConfiguration(): ConfigMap | Config {
    return this.#bolt.getComponentConfiguration?.() ?? {};
  }

  /** The bolt of the user. */
  get bolt(): IBasicBolt {
    return this.#bolt;
  }

  #output(): OutputCollector {
    return assertDefined(this.#collector, "the collector that prepare gives");
  }
}

async function settleLater(
  output: OutputCollector,
  collector: AnchoredCollector,
  pending: PromiseLike<unknown>,
): Promise<void> {
  try {
    await pending;
  } catch (thrown) {
    return settleFailed(output, collector, thrown);
  }
  output.ack(collector.close());
}

function settleFailed(
  output: OutputCollector,
  collector: AnchoredCollector,
  thrown: unknown,
): void {
  const tuple = collector.close();
  const kind = failureKind(thrown);
  if (kind === "fatal") throw thrown;
  if (kind === "reported") output.reportError(thrown);
  output.fail(tuple);
}

/** The collector of one call; `anchor` is undefined in `finish`. */
class AnchoredCollector implements BasicOutputCollector {
  readonly #output: OutputCollector;
  readonly #anchor: Tuple | undefined;
  #open = true;

  constructor(output: OutputCollector, anchor: Tuple | undefined) {
    this.#output = output;
    this.#anchor = anchor;
  }

  emit(values: readonly unknown[]): readonly number[];
  emit(streamId: string, values: readonly unknown[]): readonly number[];
  emit(first: string | readonly unknown[], second?: readonly unknown[]): readonly number[] {
    this.#assertOpen();
    const anchor = this.#anchor;
    if (typeof first !== "string") {
      return anchor === undefined ? this.#output.emit(first) : this.#output.emit(anchor, first);
    }
    const values = valuesOf(first, second);
    if (anchor === undefined) return this.#output.emit(first, values);
    return this.#output.emit(first, anchor, values);
  }

  emitDirect(taskId: number, values: readonly unknown[]): readonly number[];
  emitDirect(taskId: number, streamId: string, values: readonly unknown[]): readonly number[];
  emitDirect(
    taskId: number,
    first: string | readonly unknown[],
    second?: readonly unknown[],
  ): readonly number[] {
    this.#assertOpen();
    const anchor = this.#anchor;
    if (typeof first !== "string") {
      if (anchor === undefined) return this.#output.emitDirect(taskId, first);
      return this.#output.emitDirect(taskId, anchor, first);
    }
    const values = valuesOf(first, second);
    if (anchor === undefined) return this.#output.emitDirect(taskId, first, values);
    return this.#output.emitDirect(taskId, first, anchor, values);
  }

  ready(): Promise<void> {
    return this.#output.ready();
  }

  reportError(error: unknown): void {
    this.#output.reportError(error);
  }

  /** Refuses emits from now on and gives back the call's tuple. */
  close(): Tuple {
    this.#open = false;
    return assertDefined(this.#anchor, "the tuple of the call");
  }

  #assertOpen(): void {
    if (this.#open) return;
    throw new HeronError(
      "collector_closed",
      "Emit from a basic bolt: its tuple is already acked or failed, expected emits before " +
        "execute returns or its promise resolves",
    );
  }
}

function valuesOf(streamId: string, values: readonly unknown[] | undefined): readonly unknown[] {
  if (values !== undefined) return values;
  throw new TypeError(`Emit to stream "${streamId}": no values, expected a list after the stream`);
}

/** The object that the user gave for a component. */
export function userObjectOf(component: ISpout | IBolt): object {
  return component instanceof BasicBoltExecutor ? component.bolt : component;
}
