/** Prints the variables of each task, a JSON object on a line, and rests. */

import { type Topology, TopologyBuilder } from "heron-bin";

export default function place(): Topology {
  const builder = new TopologyBuilder("place");
  builder.setSpout("looker", {
    open: () => console.log(JSON.stringify(process.env)),
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["nothing"]),
  }, 2);
  builder.setBasicBolt("sink", { execute() {} }).shuffleGrouping("looker");
  return builder.createTopology({ "topology.stmgrs": 2 });
}
