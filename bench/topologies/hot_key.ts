/** Word count in four bolts where nine of ten words are the same one. */

import { type Topology, TopologyBuilder } from "heron-bin";
import { BenchArguments } from "./arguments.ts";
import { createSpout } from "./full_speed_spout.ts";
import { createCountBolt } from "./last_bolts.ts";
import { hotWordSource } from "./sources.ts";

/** The topology: spout → bolts. */
export default function hotKey(given: readonly string[]): Topology {
  const args = new BenchArguments(given);
  const builder = new TopologyBuilder("hot-key");
  builder.setSpout("spout", createSpout(hotWordSource, args));
  builder.setBolt("bolt", createCountBolt(args), args.number("to", 4))
    .fieldsGrouping("spout", ["value"]);
  return builder.createTopology(args.config());
}
