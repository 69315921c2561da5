/**
 * The collectors by which user code emits, acks and reports. Interfaces
 * only; the executor implements those of spouts and rich bolts. Their type parameter is the
 * `outputs` of the component: with it the compiler checks streams, numbers and types of values.
 */

import type { Outputs, StreamFields, StreamId, StreamValues } from "./stream_types.ts";
import type { Tuple } from "./tuple.ts";

/** The tuple or tuples that an emitted one is derived from. */
export type Anchors = Tuple | readonly Tuple[];

/** What all collectors share. */
export interface ICollector {
  /**
   * Resolves when what was emitted has room to leave; await it in loops that emit much, so that
   * memory stays bounded.
   */
  ready(): Promise<void>;
  /** Reports an error of user code to the metrics, without ending the task. */
  reportError(error: unknown): void;
}

/** The collector of a spout. */
export interface SpoutOutputCollector<O extends Outputs = StreamFields> extends ICollector {
  /** Emits to the stream `streamId`. */
  emit<Id extends StreamId<O>>(
    streamId: Id,
    values: StreamValues<O, Id>,
    messageId?: unknown,
  ): readonly number[];
  /**
   * Emits to the stream `default`; with a `messageId` the tuple is tracked and comes back by `ack` or `fail`.
   * @returns the tasks it was sent to
   */
  emit(values: StreamValues<O>, messageId?: unknown): readonly number[];
  /**
   * Emits to the stream `streamId`, to one task of a bolt that subscribes by direct grouping. Each bolt
   * that subscribes to it by another grouping gets its own copy as by `emit`; by custom grouping none.
   * @returns the tasks it was sent to
   */
  emitDirect<Id extends StreamId<O>>(
    taskId: number,
    streamId: Id,
    values: StreamValues<O, Id>,
    messageId?: unknown,
  ): readonly number[];
  /** Emits to the stream `default`, to one task of a bolt that subscribes by direct grouping. */
  emitDirect(taskId: number, values: StreamValues<O>, messageId?: unknown): readonly number[];
  /**
   * Says that this task has no more input: `nextTuple` is not called again, and once all
   * tuples are done each bolt's `finish` runs and the topology ends.
   */
  end(): void;
}

/** The collector of a rich bolt. */
export interface OutputCollector<O extends Outputs = StreamFields> extends ICollector {
  /** Emits to the stream `streamId`, anchored to nothing. */
  emit<Id extends StreamId<O>>(streamId: Id, values: StreamValues<O, Id>): readonly number[];
  /** Emits to the stream `streamId`, anchored to `anchors`. */
  emit<Id extends StreamId<O>>(
    streamId: Id,
    anchors: Anchors,
    values: StreamValues<O, Id>,
  ): readonly number[];
  /**
   * Emits to the stream `default`, anchored to nothing.
   * @returns the tasks it was sent to
   */
  emit(values: StreamValues<O>): readonly number[];
  /** Emits to the stream `default`, anchored to `anchors`. */
  emit(anchors: Anchors, values: StreamValues<O>): readonly number[];
  /**
   * Emits to the stream `streamId`, to one task of a bolt that subscribes by direct grouping. Each bolt
   * that subscribes to it by another grouping gets its own copy as by `emit`; by custom grouping none.
   * @returns the tasks it was sent to
   */
  emitDirect<Id extends StreamId<O>>(
    taskId: number,
    streamId: Id,
    values: StreamValues<O, Id>,
  ): readonly number[];
  /** Emits to one task on the stream `streamId`, anchored to `anchors`. */
  emitDirect<Id extends StreamId<O>>(
    taskId: number,
    streamId: Id,
    anchors: Anchors,
    values: StreamValues<O, Id>,
  ): readonly number[];
  /** Emits to the stream `default`, to one task of a bolt that subscribes by direct grouping. */
  emitDirect(taskId: number, values: StreamValues<O>): readonly number[];
  /** Emits to one task, anchored to `anchors`. */
  emitDirect(taskId: number, anchors: Anchors, values: StreamValues<O>): readonly number[];
  /** Says that `tuple` was handled; each tuple is to be acked or failed once. */
  ack(tuple: Tuple): void;
  /** Says that `tuple` could not be handled: its root fails at once. */
  fail(tuple: Tuple): void;
  /** Starts the message time-out of the tuple's roots anew. */
  resetTimeout(tuple: Tuple): void;
}

/** The collector of a basic bolt: all it emits is anchored to the tuple being executed. */
export interface BasicOutputCollector<O extends Outputs = StreamFields> extends ICollector {
  /** Emits to the stream `streamId`. */
  emit<Id extends StreamId<O>>(streamId: Id, values: StreamValues<O, Id>): readonly number[];
  /**
   * Emits to the stream `default`.
   * @returns the tasks it was sent to
   */
  emit(values: StreamValues<O>): readonly number[];
  /**
   * Emits to the stream `streamId`, to one task of a bolt that subscribes by direct grouping. Each bolt
   * that subscribes to it by another grouping gets its own copy as by `emit`; by custom grouping none.
   * @returns the tasks it was sent to
   */
  emitDirect<Id extends StreamId<O>>(
    taskId: number,
    streamId: Id,
    values: StreamValues<O, Id>,
  ): readonly number[];
  /** Emits to the stream `default`, to one task of a bolt that subscribes by direct grouping. */
  emitDirect(taskId: number, values: StreamValues<O>): readonly number[];
}
