/** An endless topology at a gentle rate that tells of its progress, and when its first tuple came. */

import { TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology } from "heron-bin";

export default function ticker([tuples = "Infinity"]: readonly string[]): Topology {
  let collector: SpoutOutputCollector;
  let sent = 0;
  let seen = 0;
  const builder = new TopologyBuilder("ticker");
  builder.setSpout("numbers", {
    open(_config, _context, given) {
      collector = given;
    },
    async nextTuple() {
      if (sent === Number(tuples)) return collector.end();
      collector.emit([sent++]);
      await new Promise((resolve) => setTimeout(resolve, 2));
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  });
  builder.setBasicBolt("middle", {
    execute: (tuple, out) => void out.emit([tuple.getNumber(0)]),
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  }).shuffleGrouping("numbers");
  builder.setBasicBolt("last", {
    execute() {
      if (seen++ === 0) console.log(`first tuple at ${Date.now()}`);
      if (seen % 50 === 0) console.log(`seen ${seen}`);
    },
  }).shuffleGrouping("middle");
  return builder.createTopology();
}
