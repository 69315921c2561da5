/**
 * Two chains that do not meet, at least once. The tasks of the first end while the second goes
 * on, until the working folder has a file `go`; with `finish` the first bolt's end waits for one too.
 */

import { existsSync } from "node:fs";
import { Config, type SpoutOutputCollector, type Topology, TopologyBuilder } from "heron-bin";

const SHORT = 50;

export default function earlyEnd([mode = ""]: readonly string[]): Topology {
  const builder = new TopologyBuilder("early-end");
  for (const name of ["short", "long"] as const) {
    let next = 0;
    let received = 0;
    let collector: SpoutOutputCollector;
    builder.setSpout(`${name}-spout`, {
      open(_config, _context, given) {
        console.log("opened");
        collector = given;
      },
      nextTuple() {
        const isDone = name === "short" ? next === SHORT : existsSync("go");
        if (isDone) return collector.end();
        collector.emit([next], next++);
      },
      fail: (messageId) => void collector.emit([messageId], messageId),
      declareOutputFields: (declarer) => declarer.declare(["number"]),
    });
    builder.setBasicBolt(`${name}-bolt`, {
      prepare: () => console.log("prepared"),
      execute: () => void received++,
      async finish() {
        console.log(`finishing after ${received}`);
        while (name === "short" && mode === "finish" && !existsSync("go")) await Bun.sleep(10);
        console.log("finished");
      },
    }).shuffleGrouping(`${name}-spout`);
  }
  return builder.createTopology(new Config().setTopologyReliabilityMode("ATLEAST_ONCE"));
}
