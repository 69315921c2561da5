/**
 * A topology whose tasks tell of themselves: debug emits, reported errors, a hook, an environment,
 * metrics while a bolt is idle. `TUPLES END`; after so many tuples it ends if END is "end" and throws if it is "throw".
 */

import { Config, CountMetric, TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology } from "heron-bin";

/** Set before user code is loaded. */
const GREETING = process.env["GREETING"];

export default function lookedOn([tuples = "3", end = "end"]: readonly string[]): Topology {
  const builder = new TopologyBuilder("looked-on");
  let collector: SpoutOutputCollector;
  let emitted = 0;
  let endAtMs = 0;
  builder.addTaskHook(() => ({
    cleanup: () => console.log("hook cleaned up"),
    spoutAck: ({ messageId }) => console.log(`hook heard of ${messageId}`),
  }));
  builder.setSpout("numbers", {
    open(_config, _context, given) {
      collector = given;
      // By then each process reaches its metrics manager: of one that ends before that, no metrics are left.
      endAtMs = performance.now() + 2000;
    },
    nextTuple() {
      if (emitted < Number(tuples)) collector.emit("odd", [++emitted, "text"], `id ${emitted}`);
      else if (end === "throw") throw new RangeError("no more numbers");
      else if (end === "end" && performance.now() > endAtMs) collector.end();
    },
    declareOutputFields: (declarer) => declarer.declareStream("odd", ["number", "text"]),
  }).setDebug(true);
  builder.setBasicBolt("reporter", {
    prepare(_config, context) {
      context.registerMetric("beats", { getValueAndReset: () => 1 }, 0.2);
      context.registerMetric("seen", new CountMetric(), 1).incrBy(5);
      console.log(`greeting ${GREETING} in ${context.getRawTopology().name}`);
    },
    execute: (tuple, output) => output.reportError(new TypeError(`bad ${tuple.getString(1)}`)),
  }).shuffleGrouping("numbers", "odd");
  return builder.createTopology(new Config().setEnvironment({ GREETING: "hello" }));
}
