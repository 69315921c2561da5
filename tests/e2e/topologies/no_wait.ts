/** A spout that never waits and has nothing to emit until a timer of its own has run. */

import { TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology } from "heron-bin";

const AFTER_MS = 20;

export default function noWait(): Topology {
  let collector: SpoutOutputCollector;
  let isDue = false;
  const builder = new TopologyBuilder("no-wait");
  builder.setSpout("spout", {
    open(_config, _context, given) {
      collector = given;
      setTimeout(() => {
        isDue = true;
      }, AFTER_MS);
    },
    nextTuple() {
      if (isDue) collector.end();
    },
    declareOutputFields: (declarer) => declarer.declare(["nothing"]),
  });
  return builder.createTopology({ "spout.wait.ms": 0, "spout.wait.max.ms": 0 });
}
