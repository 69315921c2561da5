/** Two bolts in a circle; the first emits `gain` tuples for each it takes, the spout a hundred at the start. */

import { TopologyBuilder } from "heron-bin";
import type { BasicOutputCollector, SpoutOutputCollector, Topology, Tuple } from "heron-bin";

const TUPLES = 100;

export default function cycle([gain = "1"]: readonly string[]): Topology {
  let collector: SpoutOutputCollector;
  let sent = 0;
  const pass = (copies: number) => ({
    execute(tuple: Tuple, out: BasicOutputCollector) {
      for (let copy = 0; copy < copies; copy++) out.emit([tuple.getValue(0)]);
    },
    declareOutputFields: (declarer: { declare(fields: string[]): void }) =>
      declarer.declare(["number"]),
  });
  const builder = new TopologyBuilder("cycle");
  builder.setSpout("source", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple() {
      if (sent < TUPLES) collector.emit([sent++]);
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  });
  builder.setBasicBolt("there", pass(Number(gain))).shuffleGrouping("source")
    .shuffleGrouping("back");
  builder.setBasicBolt("back", pass(1)).shuffleGrouping("there");
  return builder.createTopology({ "instance.receive.bytes": 65536, "cycle.stall.ms": 2000 });
}
