/**
 * Counts words at least once in 16 tasks: `NAME FILE GO`, a name, of the file a tuple a line, and a
 * file before which the input does not end.
 */

import { existsSync, readFileSync } from "node:fs";
import { Config, type Topology, TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, TopologyContext } from "heron-bin";

const SPOUTS = 2;

export default function wideWordCount(
  [name = "", file = "", go = ""]: readonly string[],
): Topology {
  const builder = new TopologyBuilder(name);
  builder.setSpout("lines", createSpout(file, go), SPOUTS);
  builder.setBasicBolt("split", {
    execute(tuple, out) {
      for (const word of tuple.getString(0).split(" ")) out.emit([word]);
    },
    declareOutputFields: (declarer) => declarer.declare(["word"]),
  }, 6).shuffleGrouping("lines");
  const counts = new Map<string, number>();
  builder.setBasicBolt("count", {
    execute(tuple) {
      const word = tuple.getString(0);
      counts.set(word, (counts.get(word) ?? 0) + 1);
    },
    finish() {
      for (const [word, count] of counts) console.log(`${word}\t${count}`);
    },
  }, 8).fieldsGrouping("split", ["word"]);
  return builder.createTopology({ [Config.TOPOLOGY_RELIABILITY_MODE]: "ATLEAST_ONCE" });
}

/** Each task has the lines of its number. */
function createSpout(file: string, go: string) {
  let collector: SpoutOutputCollector;
  let lines: readonly string[] = [];
  let next = 0;
  let acked = 0;
  const failed: number[] = [];
  return {
    open(_config: unknown, context: TopologyContext, given: SpoutOutputCollector): void {
      collector = given;
      const own = context.getThisTaskIndex();
      lines = readFileSync(file, "utf8").split("\n").filter((_, at) => at % SPOUTS === own);
    },
    async nextTuple(): Promise<void> {
      const number = failed.shift() ?? next++;
      const line = lines[number];
      if (line !== undefined) {
        collector.emit([line], number);
        return;
      }
      if (acked === lines.length && existsSync(go)) return collector.end();
      await Bun.sleep(20);
    },
    ack: () => void acked++,
    fail: (id: unknown) => void failed.push(Number(id)),
    declareOutputFields: (declarer: { declare(fields: string[]): void }) =>
      declarer.declare(["line"]),
  };
}
