/**
 * Counts words at least once, with a bolt that takes its time: `FILE MILLISECONDS SECONDS`, of
 * the file a tuple a line, milliseconds a word, seconds until a line that is not done has failed.
 */

import { readFileSync } from "node:fs";
import { Config, type Topology, TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Tuple } from "heron-bin";

export default function ackedWordCount(
  [file = "", ms = "0", secs = "30"]: readonly string[],
): Topology {
  let lines: string[] = [];
  let next = 0;
  let acked = 0;
  /** What failed waits for a call, so that no more is under way than may be. */
  const failed: number[] = [];
  let collector: SpoutOutputCollector;
  const counts = new Map<string, number>();
  const builder = new TopologyBuilder("acked-word-count");
  builder.setSpout("lines", {
    open(_config, _context, given) {
      collector = given;
      lines = readFileSync(file, "latin1").split("\n").filter((line) => line !== "");
    },
    nextTuple() {
      if (acked === lines.length) return collector.end();
      const number = failed.shift() ?? next++;
      const line = lines[number];
      if (line !== undefined) collector.emit([line], number);
    },
    ack() {
      if (++acked === lines.length) console.log(`acked\t${acked}`);
    },
    fail(messageId, reason) {
      console.log(`${reason}\t${messageId}`);
      failed.push(Number(messageId));
    },
    declareOutputFields: (declarer) => declarer.declare(["line"]),
  });
  builder.setBasicBolt("split", {
    execute(tuple, out) {
      for (const word of tuple.getString(0).match(/[A-Za-z]+/g) ?? []) {
        out.emit([word.toLowerCase()]);
      }
    },
    declareOutputFields: (declarer) => declarer.declare(["word"]),
  }, 2).shuffleGrouping("lines");
  builder.setBasicBolt("count", {
    async execute(tuple: Tuple) {
      if (ms !== "0") await Bun.sleep(Number(ms));
      const word = tuple.getString(0);
      counts.set(word, (counts.get(word) ?? 0) + 1);
    },
    finish() {
      for (const [word, count] of counts) console.log(`${word}\t${count}`);
    },
  }, 3).fieldsGrouping("split", ["word"]);
  const config = new Config().setTopologyReliabilityMode("ATLEAST_ONCE");
  return builder.createTopology(config.setMessageTimeoutSecs(Number(secs)));
}
