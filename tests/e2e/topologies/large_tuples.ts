/**
 * Tuples larger than a batch: `COUNT BYTES [MODE [PAUSE]]` from a spout through a bolt that passes them on to all
 * three tasks of the last, which print what they got: number and hash. What fails comes again.
 */

import { TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology, Tuple } from "heron-bin";
import { contentHash, largeContent } from "../../support/large_content.ts";

export default function largeTuples(
  [count = "1", size = "1000", mode = "ATMOST_ONCE", pauseMs = "0"]: readonly string[],
): Topology {
  let collector: SpoutOutputCollector;
  let next = 0;
  let acked = 0;
  const failed: number[] = [];
  const builder = new TopologyBuilder("large-tuples");
  builder.setSpout("source", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple() {
      const number = failed.shift() ?? (next < Number(count) ? next++ : undefined);
      if (number === undefined) return collector.end();
      const { text, bytes } = largeContent(number, Number(size));
      collector.emit([number, text, bytes], number);
    },
    ack() {
      if (++acked === Number(count)) console.log(`acked ${acked}`);
    },
    fail(messageId, reason) {
      console.log(`${reason} ${messageId}`);
      failed.push(Number(messageId));
    },
    declareOutputFields: (declarer) => declarer.declare(["number", "text", "bytes"]),
  });
  builder.setBasicBolt("pass", {
    execute(tuple: Tuple, out) {
      out.emit(tuple.getValues());
    },
    declareOutputFields: (declarer) => declarer.declare(["number", "text", "bytes"]),
  }, 2).shuffleGrouping("source");
  builder.setBasicBolt("last", {
    async execute(tuple: Tuple) {
      const [number, text, bytes] = tuple.getValues();
      const isSound = typeof text === "string" && bytes instanceof Uint8Array;
      console.log(`got ${number} ${isSound ? contentHash({ text, bytes }) : "damaged"}`);
      if (pauseMs !== "0") await Bun.sleep(Number(pauseMs));
    },
  }, 3).allGrouping("pass");
  return builder.createTopology({
    "topology.reliability.mode": mode,
    "metrics.export.interval.ms": 200,
  });
}
