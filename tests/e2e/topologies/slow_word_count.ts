/** Counts words with bolts slower than the spout and budgets of a few batches, so that credit stops the source. */

import { readFileSync } from "node:fs";
import { TopologyBuilder } from "heron-bin";
import type { BasicOutputCollector, SpoutOutputCollector, Topology, Tuple } from "heron-bin";

function spinMicroseconds(microseconds: number): void {
  const end = performance.now() + microseconds / 1000;
  while (performance.now() < end);
}

export default function slowWordCount([file = ""]: readonly string[]): Topology {
  let lines: string[] = [];
  let at = 0;
  let collector: SpoutOutputCollector;
  const counts = new Map<string, number>();
  const builder = new TopologyBuilder("slow-word-count");
  builder.setSpout("lines", {
    open(_config, _context, given) {
      collector = given;
      lines = readFileSync(file, "latin1").split("\n");
    },
    nextTuple() {
      const line = lines[at++];
      if (line === undefined) collector.end();
      else collector.emit([line]);
    },
    declareOutputFields: (declarer) => declarer.declare(["line"]),
  });
  builder.setBasicBolt("split", {
    async execute(tuple: Tuple, out: BasicOutputCollector) {
      for (const word of tuple.getString(0).match(/[A-Za-z]+/g) ?? []) {
        await out.ready();
        out.emit([word.toLowerCase()]);
      }
    },
    declareOutputFields: (declarer) => declarer.declare(["word"]),
  }, 2).shuffleGrouping("lines");
  builder.setBasicBolt("count", {
    execute(tuple: Tuple) {
      spinMicroseconds(20);
      const word = tuple.getString(0);
      counts.set(word, (counts.get(word) ?? 0) + 1);
    },
    finish() {
      for (const [word, count] of counts) console.log(`${word}\t${count}`);
    },
  }, 3).fieldsGrouping("split", ["word"]);
  return builder.createTopology({
    "instance.receive.bytes": 65536,
    "channel.initial.credit.bytes": 4096,
  });
}
