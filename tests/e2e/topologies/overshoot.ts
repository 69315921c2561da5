/**
 * A spout whose one call emits so many tuples of so many bytes: `TUPLES BYTES [MODE]`. "ready": it
 * waits for credit between them; "acked": each is followed, and ten may be open before a call.
 */

import { TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology } from "heron-bin";

export default function overshoot(
  [tuples = "1000", bytes = "1000", mode = ""]: readonly string[],
): Topology {
  const padding = "x".repeat(Number(bytes));
  let collector: SpoutOutputCollector;
  let received = 0;
  const builder = new TopologyBuilder("overshoot");
  builder.setSpout("burst", {
    open(_config, _context, given) {
      collector = given;
    },
    async nextTuple() {
      for (let sent = 0; sent < Number(tuples); sent++) {
        if (mode === "ready") await collector.ready();
        if (mode === "acked") collector.emit([sent, padding], sent);
        else collector.emit([sent, padding]);
      }
      collector.end();
    },
    declareOutputFields: (declarer) => declarer.declare(["number", "padding"]),
  });
  builder.setBasicBolt("slow", {
    execute() {
      if (++received % 100 === 0) Bun.sleepSync(1);
    },
    finish() {
      console.log(`received ${received}`);
    },
  }).shuffleGrouping("burst");
  return builder.createTopology({
    "instance.receive.bytes": 1024 * 1024,
    "emit.overshoot.bytes": 64 * 1024,
    "topology.reliability.mode": mode === "acked" ? "ATLEAST_ONCE" : "ATMOST_ONCE",
    "topology.max.spout.pending": 10,
  });
}
