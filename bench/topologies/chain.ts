/** One string of 10 characters, again and again → identity → a bolt that counts it. */

import { type Topology, TopologyBuilder } from "heron-bin";
import { BenchArguments } from "./arguments.ts";
import { createSpout } from "./full_speed_spout.ts";
import { NullBolt } from "./last_bolts.ts";
import { IdentityBolt } from "./middle_bolts.ts";
import { constantSource } from "./sources.ts";

/** The topology: spout → identity → bolt. */
export default function chain(given: readonly string[]): Topology {
  const args = new BenchArguments(given);
  const builder = new TopologyBuilder("chain");
  builder.setSpout("spout", createSpout(constantSource, args));
  builder.setBolt("identity", new IdentityBolt(args, ["value"])).shuffleGrouping("spout");
  builder.setBolt("bolt", new NullBolt(args)).shuffleGrouping("identity");
  return builder.createTopology(args.config());
}
