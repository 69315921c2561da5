/** User code that prints: many lines on both streams, one huge line, and an end without a line end. */

import { TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology } from "heron-bin";

export default function printer([lines = "10"]: readonly string[]): Topology {
  let collector: SpoutOutputCollector;
  const builder = new TopologyBuilder("printer");
  builder.setSpout("start", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple() {
      collector.emit(["now"]);
      collector.end();
    },
    declareOutputFields: (declarer) => declarer.declare(["when"]),
  });
  builder.setBasicBolt("lines", {
    execute() {
      for (let index = 0; index < Number(lines); index++) {
        console.log(`line ${index} ö`);
        if (index % 100 === 0) console.error(`error ${index}`);
      }
    },
  }, 2).allGrouping("start");
  builder.setBasicBolt("long", {
    execute() {
      console.log(Array.from({ length: 125_000 }, (_, index) => `${10_000_000 + index}`).join(""));
    },
    cleanup() {
      process.stdout.write("no line end");
    },
  }).shuffleGrouping("start");
  return builder.createTopology();
}
