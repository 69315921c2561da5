/** A spout that has nothing to emit → a bolt that waits for it. */

import { type Topology, TopologyBuilder } from "heron-bin";
import { BenchArguments } from "./arguments.ts";

/** The topology: spout → bolt. */
export default function idle(given: readonly string[]): Topology {
  const args = new BenchArguments(given);
  const builder = new TopologyBuilder("idle");
  builder.setSpout("spout", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["nothing"]),
  });
  builder.setBasicBolt("bolt", { execute() {} }).shuffleGrouping("spout");
  return builder.createTopology(args.config());
}
