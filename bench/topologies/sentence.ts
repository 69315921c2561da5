/** 1,000 sentences of 10 words → split → fields grouping → counts; words are counted. */

import { type Topology, TopologyBuilder } from "heron-bin";
import { BenchArguments } from "./arguments.ts";
import { createSpout } from "./full_speed_spout.ts";
import { createCountBolt } from "./last_bolts.ts";
import { SplitBolt } from "./middle_bolts.ts";
import { sentenceSource } from "./sources.ts";

/** The topology: spout → split → bolt. */
export default function sentence(given: readonly string[]): Topology {
  const args = new BenchArguments(given);
  const builder = new TopologyBuilder("sentence");
  builder.setSpout("spout", createSpout(sentenceSource, args));
  builder.setBolt("split", new SplitBolt(args, ["word"])).shuffleGrouping("spout");
  builder.setBolt("bolt", createCountBolt(args)).fieldsGrouping("split", ["word"]);
  return builder.createTopology(args.config());
}
