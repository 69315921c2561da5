/** Word count: random words → fields grouping → counts. */

import { type Topology, TopologyBuilder } from "heron-bin";
import { BenchArguments } from "./arguments.ts";
import { createSpout } from "./full_speed_spout.ts";
import { createCountBolt } from "./last_bolts.ts";
import { wordSource } from "./sources.ts";

/** The topology: spout → bolt. */
export default function wordCount(given: readonly string[]): Topology {
  const args = new BenchArguments(given);
  const builder = new TopologyBuilder("word-count");
  builder.setSpout("spout", createSpout(wordSource, args));
  builder.setBolt("bolt", createCountBolt(args)).fieldsGrouping("spout", ["value"]);
  return builder.createTopology(args.config());
}
