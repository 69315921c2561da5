/** One spout to eight tasks by all grouping: each copy is a tuple of its own, in order. */

import { TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology, Tuple } from "heron-bin";

export default function fanOut([tuples = "1000"]: readonly string[]): Topology {
  let collector: SpoutOutputCollector;
  let sent = 0;
  let received = 0;
  let disordered = 0;
  const builder = new TopologyBuilder("fan-out");
  builder.setSpout("numbers", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple() {
      if (sent === Number(tuples)) return collector.end();
      collector.emit([sent++]);
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  });
  builder.setBasicBolt("copies", {
    execute(tuple: Tuple) {
      if (tuple.getNumber(0) !== received++) disordered++;
    },
    finish() {
      console.log(`received ${received}, disordered ${disordered}`);
    },
  }, 8).allGrouping("numbers");
  return builder.createTopology();
}
