/** Bolts in the middle: each emits what it gets, as it is or in parts, anchored where tuples are followed. */

import type { ConfigMap, IBolt, OutputCollector, OutputFieldsDeclarer } from "heron-bin";
import type { TopologyContext, Tuple } from "heron-bin";
import type { BenchArguments } from "./arguments.ts";
import { ThreadProfile } from "./thread_profile.ts";

abstract class PassingBolt implements IBolt {
  readonly #args: BenchArguments;
  readonly #isAcked: boolean;
  readonly #fields: readonly string[];
  readonly #profile = new ThreadProfile();
  #collector: OutputCollector | undefined;

  constructor(args: BenchArguments, fields: readonly string[]) {
    this.#args = args;
    this.#isAcked = args.isAcked;
    this.#fields = fields;
  }

  prepare(_config: ConfigMap, context: TopologyContext, collector: OutputCollector): void {
    this.#collector = collector;
    this.#profile.start(this.#args, context);
  }

  cleanup(): void {
    this.#profile.stop();
  }

  abstract execute(tuple: Tuple): void;

  declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare([...this.#fields]);
  }

  protected pass(tuple: Tuple, values: readonly unknown[]): void {
    if (this.#isAcked) this.#collector?.emit(tuple, values);
    else this.#collector?.emit(values);
  }

  protected done(tuple: Tuple): void {
    if (this.#isAcked) this.#collector?.ack(tuple);
  }
}

/** Emits the values it gets. */
export class IdentityBolt extends PassingBolt {
  execute(tuple: Tuple): void {
    this.pass(tuple, tuple.getValues());
    this.done(tuple);
  }
}

/** Emits each word of a sentence. */
export class SplitBolt extends PassingBolt {
  execute(tuple: Tuple): void {
    for (const word of tuple.getString(0).split(" ")) this.pass(tuple, [word]);
    this.done(tuple);
  }
}
