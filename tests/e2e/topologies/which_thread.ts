/** A spout and a bolt that tell whether their user code runs in the main thread of its process. */

import { TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology } from "heron-bin";

export default function whichThread(): Topology {
  let collector: SpoutOutputCollector;
  const builder = new TopologyBuilder("which-thread");
  builder.setSpout("spout", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple() {
      collector.emit([Bun.isMainThread]);
      collector.end();
    },
    declareOutputFields: (declarer) => declarer.declare(["main"]),
  });
  builder.setBasicBolt("bolt", {
    execute(tuple) {
      console.log(`spout in main thread: ${tuple.getValue(0)}`);
      console.log(`bolt in main thread: ${Bun.isMainThread}`);
    },
  }).shuffleGrouping("spout");
  return builder.createTopology();
}
