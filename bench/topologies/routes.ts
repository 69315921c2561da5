/**
 * Many tasks: `from` spouts → `to` bolts that count, by the grouping `all`, `fields` or `shuffle`,
 * at full speed or at the argument `rate`.
 */

import { type Topology, TopologyBuilder } from "heron-bin";
import { BenchArguments } from "./arguments.ts";
import { createSpout } from "./full_speed_spout.ts";
import { NullBolt } from "./last_bolts.ts";
import { wordSource } from "./sources.ts";

/** The topology: spouts → bolts. */
export default function routes(given: readonly string[]): Topology {
  const args = new BenchArguments(given);
  const builder = new TopologyBuilder("routes");
  builder.setSpout("spout", createSpout(wordSource, args), args.number("from", 1));
  const bolt = builder.setBolt("bolt", new NullBolt(args), args.number("to", 1));
  const grouping = args.text("grouping", "shuffle");
  if (grouping === "all") bolt.allGrouping("spout");
  else if (grouping === "fields") bolt.fieldsGrouping("spout", ["value"]);
  else bolt.shuffleGrouping("spout");
  return builder.createTopology(args.config());
}
