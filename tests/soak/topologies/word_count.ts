/**
 * Word count at full speed: spouts emit random words until there is the file "stop", and each
 * task leaves what it counted. `FOLDER SEED MODE SPOUTS BOLTS`.
 */

import { Config, type ReliabilityMode, type Topology, TopologyBuilder } from "heron-bin";
import { CountBolt } from "../count_bolt.ts";
import { WordSpout } from "../word_spout.ts";

export default function wordCount(
  [folder = "", seed = "1", mode = "", spouts = "2", bolts = "2"]: readonly string[],
): Topology {
  const reliability: ReliabilityMode = mode === "ATLEAST_ONCE" ? mode : "ATMOST_ONCE";
  const isFollowed = reliability === "ATLEAST_ONCE";
  const builder = new TopologyBuilder("soak");
  const spout = new WordSpout({ folder, seed: Number(seed), isFollowed });
  builder.setSpout("words", spout, Number(spouts));
  builder.setBasicBolt("count", new CountBolt(folder), Number(bolts))
    .fieldsGrouping("words", ["word"]);
  return builder.createTopology(new Config().setTopologyReliabilityMode(reliability));
}
