/** A fast spout and a bolt that blocks its thread for a while at its first tuple. */

import { TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology, Tuple } from "heron-bin";

export default function blockedBolt(
  [tuples = "1000", blockMs = "1000"]: readonly string[],
): Topology {
  const padding = "x".repeat(500);
  let collector: SpoutOutputCollector;
  let sent = 0;
  let received = 0;
  const builder = new TopologyBuilder("blocked-bolt");
  builder.setSpout("numbers", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple() {
      if (sent === Number(tuples)) return collector.end();
      collector.emit([sent++, padding]);
    },
    declareOutputFields: (declarer) => declarer.declare(["number", "padding"]),
  });
  builder.setBasicBolt("blocked", {
    execute(tuple: Tuple) {
      if (received++ === 0) {
        console.log("blocked");
        const end = performance.now() + Number(blockMs);
        while (performance.now() < end);
        console.log("relieved");
      }
      tuple.getNumber(0);
    },
    finish() {
      console.log(`received ${received}`);
    },
  }).shuffleGrouping("numbers");
  return builder.createTopology({ "instance.receive.bytes": 1048576 });
}
