/**
 * Many tasks in many containers: `CONTAINERS TASKS TUPLES`. A quarter of the tasks are spouts, half
 * pass on by key, a quarter counts; once the file "go" is there each spout emits its tuples, and ends.
 */

import { existsSync } from "node:fs";
import { TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology, Tuple } from "heron-bin";

export default function manyTasks(
  [containers = "6", tasks = "60", tuples = "1000"]: readonly string[],
): Topology {
  const quarter = Math.floor(Number(tasks) / 4);
  let collector: SpoutOutputCollector;
  let hasBegun = false;
  let sent = 0;
  let received = 0;
  const builder = new TopologyBuilder("many-tasks");
  builder.setSpout("numbers", {
    open(_config, _context, given) {
      collector = given;
    },
    async nextTuple() {
      hasBegun ||= existsSync("go");
      // With all spouts asked each millisecond there would be no idling.
      if (!hasBegun) return await Bun.sleep(500);
      if (sent === Number(tuples)) collector.end();
      else collector.emit([sent++]);
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  }, quarter);
  builder.setBasicBolt("middle", {
    execute: (tuple: Tuple, out) => void out.emit([tuple.getNumber(0)]),
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  }, Number(tasks) - 2 * quarter).fieldsGrouping("numbers", ["number"]);
  builder.setBasicBolt("last", {
    execute: () => void received++,
    finish: () => console.log(`received ${received}`),
  }, quarter).shuffleGrouping("middle");
  return builder.createTopology({ "topology.stmgrs": Number(containers) });
}
