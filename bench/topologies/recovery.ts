/**
 * A steady rate, followed until acked → identity → bolt. Both bolts tell of each tuple when the
 * spout emitted it and when they handled it: that is where processes are killed.
 */

import type { ConfigMap, IBolt, ISpout, OutputCollector, OutputFieldsDeclarer } from "heron-bin";
import type { SpoutOutputCollector, TopologyContext, Tuple } from "heron-bin";
import { type Topology, TopologyBuilder } from "heron-bin";
import { formatTrace, type TracedTuple } from "../line_formats.ts";
import { BenchArguments } from "./arguments.ts";
import { wallMs } from "./wall_clock.ts";

const TELL_MS = 50;
/** Tuples that a line tells of; those behind are of no interest, a task works again at its first. */
const TOLD_MAX = 1000;

/** Emits at a steady rate, and what failed again at once. */
class SteadySpout implements ISpout {
  readonly #periodMs: number;
  #collector: SpoutOutputCollector | undefined;
  #dueMs = 0;
  #lastId = 0;

  constructor(rate: number) {
    this.#periodMs = 1000 / rate;
  }

  open(_config: ConfigMap, _context: TopologyContext, collector: SpoutOutputCollector): void {
    this.#collector = collector;
    this.#dueMs = wallMs();
  }

  nextTuple(): void {
    const nowMs = wallMs();
    if (nowMs < this.#dueMs) return;
    // While it was not called nothing came.
    this.#dueMs = Math.max(this.#dueMs + this.#periodMs, nowMs - this.#periodMs);
    this.#collector?.emit([nowMs], ++this.#lastId);
  }

  fail(id: unknown): void {
    this.#collector?.emit([wallMs()], id);
  }

  declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["sent"]);
  }
}

class TracingBolt implements IBolt {
  readonly #lifeMs = performance.timeOrigin;
  readonly #isLast: boolean;
  #tuples: TracedTuple[] = [];
  #collector: OutputCollector | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(isLast: boolean) {
    this.#isLast = isLast;
  }

  prepare(_config: ConfigMap, _context: TopologyContext, collector: OutputCollector): void {
    this.#collector = collector;
    this.#timer = setInterval(() => this.#tell(), TELL_MS);
  }

  execute(tuple: Tuple): void {
    const sentMs = tuple.getNumber(0);
    if (this.#tuples.length < TOLD_MAX) this.#tuples.push({ sentMs, handledMs: wallMs() });
    if (!this.#isLast) this.#collector?.emit(tuple, [sentMs]);
    this.#collector?.ack(tuple);
  }

  #tell(): void {
    const tuples = this.#tuples;
    this.#tuples = [];
    if (tuples.length > 0) console.log(formatTrace({ lifeMs: this.#lifeMs, tuples }));
  }

  cleanup(): void {
    clearInterval(this.#timer);
  }

  declareOutputFields(declarer: OutputFieldsDeclarer): void {
    if (!this.#isLast) declarer.declare(["sent"]);
  }
}

/** The topology: spout → identity → bolt. */
export default function recovery(given: readonly string[]): Topology {
  const args = new BenchArguments(given);
  const builder = new TopologyBuilder("recovery");
  builder.setSpout("spout", new SteadySpout(args.number("rate", 1000)));
  builder.setBolt("identity", new TracingBolt(false)).shuffleGrouping("spout");
  builder.setBolt("bolt", new TracingBolt(true)).shuffleGrouping("identity");
  return builder.createTopology(args.config());
}
