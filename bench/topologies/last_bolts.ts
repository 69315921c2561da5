/** Last bolts: they count what they handle, and some do a little more with it. */

import type { ConfigMap, IBolt, NumericKeyedState, OutputCollector } from "heron-bin";
import type { TopologyContext, Tuple } from "heron-bin";
import type { BenchArguments } from "./arguments.ts";
import { ThreadProfile } from "./thread_profile.ts";
import { TupleCount } from "./tuple_count.ts";

abstract class LastBolt implements IBolt {
  readonly #args: BenchArguments;
  readonly #isAcked: boolean;
  readonly #count = new TupleCount();
  readonly #profile = new ThreadProfile();
  #collector: OutputCollector | undefined;

  constructor(args: BenchArguments) {
    this.#args = args;
    this.#isAcked = args.isAcked;
  }

  prepare(_config: ConfigMap, context: TopologyContext, collector: OutputCollector): void {
    this.#collector = collector;
    this.#count.start(this.#args.number("tell-ms", 100));
    this.#profile.start(this.#args, context);
  }

  abstract execute(tuple: Tuple): void;

  cleanup(): void {
    this.#profile.stop();
    this.#count.stop();
  }

  protected done(tuple: Tuple): void {
    this.#count.tuples++;
    if (this.#isAcked) this.#collector?.ack(tuple);
  }
}

/** Does nothing with a tuple. */
export class NullBolt extends LastBolt {
  execute(tuple: Tuple): void {
    this.done(tuple);
  }
}

/** Counts each word in a plain `Map`. */
class MapCountBolt extends LastBolt {
  readonly #words = new Map<string, number>();

  execute(tuple: Tuple): void {
    const word = tuple.getString(0);
    this.#words.set(word, (this.#words.get(word) ?? 0) + 1);
    this.done(tuple);
  }
}

/** Counts each word in a keyed state, where keys are bytes. */
class KeyedCountBolt extends LastBolt {
  #words: NumericKeyedState<number> | undefined;

  override prepare(config: ConfigMap, context: TopologyContext, collector: OutputCollector): void {
    this.#words = context.keyedState("words", { value: "int32" });
    super.prepare(config, context, collector);
  }

  execute(tuple: Tuple): void {
    this.#words?.add(tuple, 1);
    this.done(tuple);
  }
}

/** A bolt that counts each word, by the argument `state` in a `map` or in a `keyed` state. */
export function createCountBolt(args: BenchArguments): IBolt {
  return args.text("state", "map") === "keyed" ? new KeyedCountBolt(args) : new MapCountBolt(args);
}
