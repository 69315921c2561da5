/** A gentle rate → a bolt that tells when its first tuple came. */

import { type Topology, TopologyBuilder } from "heron-bin";
import { formatFirst } from "../line_formats.ts";
import { BenchArguments } from "./arguments.ts";
import { createSpout } from "./full_speed_spout.ts";
import { constantSource } from "./sources.ts";
import { wallMs } from "./wall_clock.ts";

/** The topology: spout → bolt. */
export default function start(given: readonly string[]): Topology {
  const args = new BenchArguments(["rate=100", ...given]);
  const builder = new TopologyBuilder("start");
  builder.setSpout("spout", createSpout(constantSource, args));
  let hasHandled = false;
  builder.setBasicBolt("bolt", {
    execute() {
      if (hasHandled) return;
      hasHandled = true;
      console.log(formatFirst(wallMs()));
    },
  }).shuffleGrouping("spout");
  return builder.createTopology(args.config());
}
