/**
 * A spout that is faster than the tasks near it: `TUPLES [MODE]`. "wrong": instead it emits by a
 * custom grouping that chooses a task which is not there.
 */

import { type CustomStreamGrouping, TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology } from "heron-bin";

class Nowhere implements CustomStreamGrouping {
  prepare(): void {}
  chooseTasks(): readonly number[] {
    return [4711];
  }
}

export default function localOrShuffle([tuples = "400", mode = ""]: readonly string[]): Topology {
  const padding = "x".repeat(1000);
  let collector: SpoutOutputCollector;
  let sent = 0;
  let [place, received] = ["", 0];
  const builder = new TopologyBuilder("local-or-shuffle");
  builder.setSpout("fast", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple() {
      if (sent++ >= Number(tuples)) collector.end();
      else collector.emit([padding], sent);
    },
    declareOutputFields: (declarer) => declarer.declare(["padding"]),
  });
  const slow = builder.setBasicBolt("slow", {
    prepare(_config, context) {
      place = `slow[${context.getThisTaskIndex()}]`;
    },
    execute() {
      received++;
      Bun.sleepSync(5);
    },
    finish() {
      console.log(`${place} got ${received}`);
    },
  }, 4);
  if (mode === "wrong") slow.customGrouping("fast", new Nowhere());
  else slow.localOrShuffleGrouping("fast");
  return builder.createTopology({
    "instance.receive.bytes": 64 * 1024,
    "topology.reliability.mode": "ATLEAST_ONCE",
  });
}
