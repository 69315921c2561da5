/** A topology that fails at the fifth tuple of each life, and takes its time to end. */

import { TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology } from "heron-bin";

const END_MS = 3000;

export default function faulty(): Topology {
  let collector: SpoutOutputCollector;
  let sent = 0;
  let seen = 0;
  const builder = new TopologyBuilder("faulty");
  builder.setSpout("numbers", {
    open(_config, _context, given) {
      collector = given;
    },
    async nextTuple() {
      collector.emit([sent++]);
      await new Promise((resolve) => setTimeout(resolve, 100));
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  });
  builder.setBasicBolt("middle", {
    execute() {
      if (++seen === 5) throw new Error("thrown on purpose");
    },
    async finish() {
      await new Promise((resolve) => setTimeout(resolve, END_MS));
    },
  }).shuffleGrouping("numbers");
  return builder.createTopology();
}
