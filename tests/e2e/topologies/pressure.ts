/**
 * A fast spout against a bolt that stands still: it begins when the file "go" is there; in the
 * midst of it the first of the bolt's tasks keeps its thread until there is the file "relief". With
 * "stop" all of its process is stopped meanwhile, by whoever runs this.
 */

import { existsSync } from "node:fs";
import { TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology, Tuple } from "heron-bin";

/** Tuples of a task after which all code is compiled, and what a process leaks shows. */
const FLOWING = 30_000;

export default function pressure(
  [tuples = "1000", paddingBytes = "1000", mode = "flow"]: readonly string[],
): Topology {
  const padding = "x".repeat(Number(paddingBytes));
  let collector: SpoutOutputCollector;
  let hasBegun = false;
  let sent = 0;
  let index = -1;
  let received = 0;
  const builder = new TopologyBuilder("pressure");
  builder.setSpout("numbers", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple() {
      hasBegun ||= existsSync("go");
      if (!hasBegun) return;
      if (sent < Number(tuples)) return void collector.emit([sent++, padding]);
      console.log(`sent ${sent}`);
      collector.end();
    },
    declareOutputFields: (declarer) => declarer.declare(["number", "padding"]),
  });
  builder.setBasicBolt("middle", {
    prepare(_config, context) {
      index = context.getThisTaskIndex();
    },
    execute(tuple: Tuple, out) {
      if (++received === FLOWING) {
        console.log("flows");
        // Not asleep in the event loop: the thread itself stands still.
        while (index === 0 && mode !== "flow" && !existsSync("relief")) Bun.sleepSync(20);
      }
      out.emit([tuple.getNumber(0)]);
    },
    finish() {
      console.log(`received ${received}`);
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  }, 2).fieldsGrouping("numbers", ["number"]);
  builder.setBasicBolt("last", {
    execute() {
      received++;
    },
    finish() {
      console.log(`received ${received}`);
    },
  }).globalGrouping("middle");
  return builder.createTopology({
    "instance.receive.bytes": 1024 * 1024,
    "emit.overshoot.bytes": 64 * 1024,
    // None travels in parts: no memory is allowed for such.
    "topology.tuple.max.bytes": 32 * 1024,
    "metrics.export.interval.ms": 200,
    "spout.wait.ms": 20,
    // A process that is stopped for longer than this is lost.
    "net.silence.ms": 60_000,
  });
}
