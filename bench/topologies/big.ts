/** Tuples of many bytes, 10 MB by default → a bolt that counts those that came whole. */

import { type IBolt, type Topology, TopologyBuilder, type Tuple } from "heron-bin";
import { BenchArguments } from "./arguments.ts";
import { createSpout } from "./full_speed_spout.ts";
import { bytesSource } from "./sources.ts";
import { TupleCount } from "./tuple_count.ts";

function createCheckBolt(length: number): IBolt {
  const count = new TupleCount();
  return {
    prepare: () => count.start(),
    execute(tuple: Tuple) {
      const found = tuple.getBinary(0);
      if (found.length !== length || found[0] !== 7 || found[length - 1] !== 7) {
        throw new Error(`Check a tuple: found ${found.length} bytes, expected ${length}`);
      }
      count.tuples++;
    },
    cleanup: () => count.stop(),
  };
}

/** The topology: spout → bolt. */
export default function big(given: readonly string[]): Topology {
  const args = new BenchArguments(given);
  const length = args.number("bytes", 10_000_000);
  const builder = new TopologyBuilder("big");
  builder.setSpout("spout", createSpout(bytesSource(length), args));
  builder.setBolt("bolt", createCheckBolt(length)).shuffleGrouping("spout");
  return builder.createTopology(args.config());
}
