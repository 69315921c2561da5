/** What a test says of the topology that it runs. */

import type { Config, ConfigMap } from "../api/mod.ts";

/** A tuple of a mocked spout, and how it is emitted. */
export interface MockEmit {
  /** In the order of the stream's fields. */
  readonly values: readonly unknown[];
  /** @default "default" */
  readonly stream?: string;
  /**
   * What `acked` and `failed` call it.
   * @default its place among the spout's tuples, from 0, if the topology follows tuples
   */
  readonly messageId?: unknown;
  /** Which task of the spout emits it, from 0. @default each in turn */
  readonly taskIndex?: number;
}

/** A tuple of a mocked spout: its values on the stream `default`, or more. */
export type MockTuple = readonly unknown[] | MockEmit;

/** How a topology is run in a test. */
export interface TestTopologyOptions {
  /** The order of what happens at the same time. The same seed gives the same run. @default 1, or `heron-bin test --seed` */
  readonly seed?: number;
  /** What a topology function is called with. @default [] */
  readonly args?: readonly string[];
  /** On top of the topology's own configuration; checked as that is. */
  readonly config?: Config | ConfigMap;
  /** Worker containers, in place of `topology.stmgrs`. */
  readonly containers?: number;
  /**
   * Spouts, by name, in whose place the test emits: these tuples first, then what `emit` is given. Each
   * is emitted once: what fails is in `failed` and not emitted again.
   */
  readonly mockSpouts?: Readonly<Record<string, readonly MockTuple[]>>;
  /**
   * How long one call of user code may take in real time, in ms, when it waits for a timer or a
   * request. Virtual time stands still meanwhile; longer, and the test fails. 0: virtual time goes on,
   * which suits calls that wait for other tuples or for ticks. @default 4000
   */
  readonly realTimeLimitMs?: number;
}

/** How far a test lets virtual time go. */
export interface RunLimit {
  /** Virtual time after which to give up, in ms. @default 600000 */
  readonly limitMs?: number;
}
