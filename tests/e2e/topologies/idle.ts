/** A spout that has nothing to emit, and a bolt that waits for it. */

import { TopologyBuilder } from "heron-bin";
import type { Topology } from "heron-bin";

export default function idle(): Topology {
  const builder = new TopologyBuilder("idle");
  builder.setSpout("silent", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["nothing"]),
  });
  builder.setBasicBolt("bored", { execute() {} }).shuffleGrouping("silent");
  return builder.createTopology();
}
