/**
 * A constant rate → identity → end, each tuple with the time at which it was due. The end tells a
 * histogram each second of how late tuples came, so a spout that was held up counts too.
 */

import type { ConfigMap, IBolt, ISpout, OutputCollector, OutputFieldsDeclarer } from "heron-bin";
import type { SpoutOutputCollector, TopologyContext, Tuple } from "heron-bin";
import { type Topology, TopologyBuilder } from "heron-bin";
import { Histogram } from "../histogram.ts";
import { formatLatencies } from "../line_formats.ts";
import { BenchArguments } from "./arguments.ts";
import { TupleCount } from "./tuple_count.ts";
import { IdentityBolt } from "./middle_bolts.ts";
import { wallMs } from "./wall_clock.ts";

/** How often the histogram is told, in milliseconds. */
const TELL_MS = 500;
/** The longest that a call of the spout blocks, in milliseconds. */
const BLOCK_MS_MAX = 50;
/** Behind by more than this, in milliseconds, a schedule begins anew: a start is no latency. */
const RESTART_MS = 5000;

/** How the spout waits for the next tuple: asleep, looking at the clock, or by turns of the event loop. */
type Waiting = "sleep" | "spin" | "turns";

class ScheduledSpout implements ISpout {
  readonly #periodMs: number;
  readonly #isAcked: boolean;
  readonly #waiting: Waiting;
  readonly #never = new Int32Array(new SharedArrayBuffer(4));
  #collector: SpoutOutputCollector | undefined;
  #dueMs = 0;

  constructor(args: BenchArguments) {
    this.#periodMs = 1000 / args.number("rate", 10_000);
    this.#isAcked = args.isAcked;
    const waiting = args.text("wait", "sleep");
    this.#waiting = waiting === "spin" || waiting === "turns" ? waiting : "sleep";
  }

  open(_config: ConfigMap, _context: TopologyContext, collector: SpoutOutputCollector): void {
    this.#collector = collector;
    this.#dueMs = wallMs();
  }

  /** All that is due is emitted; a promise ends the call's turn, so that it leaves at once. */
  async nextTuple(): Promise<void> {
    const startMs = wallMs();
    if (startMs - this.#dueMs > RESTART_MS) this.#dueMs = startMs;
    let nowMs = startMs;
    while (nowMs < this.#dueMs && nowMs - startMs < BLOCK_MS_MAX) {
      await this.#waitUntil(this.#dueMs, nowMs);
      nowMs = wallMs();
    }
    for (; this.#dueMs <= nowMs; this.#dueMs += this.#periodMs) this.#emit(this.#dueMs);
    await nextTurn();
  }

  #waitUntil(dueMs: number, nowMs: number): void | Promise<void> {
    if (this.#waiting === "sleep") Atomics.wait(this.#never, 0, 0, dueMs - nowMs);
    else if (this.#waiting === "turns") return nextTurn();
    else while (wallMs() < dueMs);
  }

  #emit(dueMs: number): void {
    if (this.#isAcked) this.#collector?.emit([dueMs], dueMs);
    else this.#collector?.emit([dueMs]);
  }

  /** It is late by then, and counts so. */
  fail(dueMs: unknown): void {
    this.#collector?.emit([dueMs], dueMs);
  }

  declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["due"]);
  }
}

class EndBolt implements IBolt {
  readonly #isAcked: boolean;
  readonly #count = new TupleCount();
  readonly #latencies = new Histogram();
  #collector: OutputCollector | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #toldMs = 0;

  constructor(args: BenchArguments) {
    this.#isAcked = args.isAcked;
  }

  prepare(_config: ConfigMap, _context: TopologyContext, collector: OutputCollector): void {
    this.#collector = collector;
    this.#toldMs = wallMs();
    this.#count.start();
    this.#timer = setInterval(() => this.#tell(), TELL_MS);
  }

  execute(tuple: Tuple): void {
    this.#latencies.add((wallMs() - tuple.getNumber(0)) * 1000);
    this.#count.tuples++;
    if (this.#isAcked) this.#collector?.ack(tuple);
  }

  #tell(): void {
    const toMs = wallMs();
    const buckets = this.#latencies.take();
    console.log(formatLatencies({ fromMs: this.#toldMs, toMs, buckets }));
    this.#toldMs = toMs;
  }

  cleanup(): void {
    clearInterval(this.#timer);
    this.#count.stop();
  }
}

/** Resolves in the next turn of the event loop. */
function nextTurn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(resolve);
  return promise;
}

/** The topology: spout → identity → end. */
export default function latency(given: readonly string[]): Topology {
  const args = new BenchArguments(given);
  const builder = new TopologyBuilder("latency");
  builder.setSpout("spout", new ScheduledSpout(args));
  builder.setBolt("identity", new IdentityBolt(args, ["due"])).shuffleGrouping("spout");
  builder.setBolt("bolt", new EndBolt(args)).shuffleGrouping("identity");
  return builder.createTopology(args.config());
}
