/**
 * A spout that emits as fast as it may: one value a tuple, `perCall` tuples a call. Where each is
 * followed, the value is the message id too, and one that failed is emitted again.
 */

import type { ConfigMap, ISpout, OutputFieldsDeclarer } from "heron-bin";
import type { SpoutOutputCollector, TopologyContext } from "heron-bin";
import type { BenchArguments } from "./arguments.ts";
import { ThreadProfile } from "./thread_profile.ts";
import { wallMs } from "./wall_clock.ts";

/** Where values come from: makes, in the task that runs it, a function that draws one. */
export type Source = () => () => unknown;

/** Tuples that a call makes up for at most, when a paced spout is late. */
const LATE_MAX = 256;

/** A spout of one field, `value`; with the argument `rate`, of so many tuples a second and task. */
export function createSpout(source: Source, args: BenchArguments): ISpout {
  return args.number("rate", 0) > 0
    ? new PacedSpout(source, args)
    : new FullSpeedSpout(source, args);
}

abstract class ValueSpout implements ISpout {
  readonly #source: Source;
  readonly #args: BenchArguments;
  readonly #isAcked: boolean;
  readonly #profile = new ThreadProfile();
  #draw: () => unknown = () => undefined;
  #collector: SpoutOutputCollector | undefined;
  readonly #again: unknown[] = [];

  constructor(source: Source, args: BenchArguments) {
    this.#source = source;
    this.#args = args;
    this.#isAcked = args.isAcked;
  }

  open(_config: ConfigMap, context: TopologyContext, collector: SpoutOutputCollector): void {
    this.#draw = this.#source();
    this.#collector = collector;
    this.#profile.start(this.#args, context);
  }

  close(): void {
    this.#profile.stop();
  }

  abstract nextTuple(): void;

  fail(value: unknown): void {
    this.#again.push(value);
  }

  declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["value"]);
  }

  protected emitOne(): void {
    if (!this.#isAcked) {
      this.#collector?.emit([this.#draw()]);
      return;
    }
    const value = this.#again.length > 0 ? this.#again.pop() : this.#draw();
    this.#collector?.emit([value], value);
  }
}

class FullSpeedSpout extends ValueSpout {
  readonly #perCall: number;

  constructor(source: Source, args: BenchArguments) {
    super(source, args);
    this.#perCall = args.number("per-call", 1);
  }

  nextTuple(): void {
    for (let left = this.#perCall; left > 0; left--) this.emitOne();
  }
}

/** What it could not emit in time it does not make up for without end. */
class PacedSpout extends ValueSpout {
  readonly #periodMs: number;
  #dueMs = 0;

  constructor(source: Source, args: BenchArguments) {
    super(source, args);
    this.#periodMs = 1000 / args.number("rate", 0);
  }

  nextTuple(): void {
    const nowMs = wallMs();
    if (this.#dueMs < nowMs - 1000) this.#dueMs = nowMs;
    for (let left = LATE_MAX; left > 0 && this.#dueMs <= nowMs; left--) {
      this.emitOne();
      this.#dueMs += this.#periodMs;
    }
  }
}
