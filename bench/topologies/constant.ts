/** One string of 10 characters, again and again → a bolt that counts it. */

import { type Topology, TopologyBuilder } from "heron-bin";
import { BenchArguments } from "./arguments.ts";
import { createSpout } from "./full_speed_spout.ts";
import { NullBolt } from "./last_bolts.ts";
import { constantSource } from "./sources.ts";

/** The topology: spout → bolt. */
export default function constant(given: readonly string[]): Topology {
  const args = new BenchArguments(given);
  const builder = new TopologyBuilder("constant");
  builder.setSpout("spout", createSpout(constantSource, args));
  builder.setBolt("bolt", new NullBolt(args)).shuffleGrouping("spout");
  return builder.createTopology(args.config());
}
