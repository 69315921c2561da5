/**
 * Tasks that print a number a line without an end: `FOLDER`, where a file `flood-TASK` makes one print as
 * many lines at once as fill its log file more than once.
 */

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TopologyBuilder } from "heron-bin";
import type { Topology } from "heron-bin";

const FLOOD_LINES = 20_000;
const FILLING = "x".repeat(1000);

export default function talking([folder = ""]: readonly string[]): Topology {
  const builder = new TopologyBuilder("talking");
  builder.setSpout("talk", createSpout(folder), 2);
  builder.setBasicBolt("hear", { execute() {} }).shuffleGrouping("talk");
  return builder.createTopology();
}

function createSpout(folder: string) {
  let trigger = "";
  let next = 0;
  return {
    open(_config: unknown, context: { getThisTaskId(): number }): void {
      trigger = join(folder, `flood-${context.getThisTaskId()}`);
      console.log(`begin ${process.pid}`);
    },
    async nextTuple(): Promise<void> {
      console.log(`${next++}`);
      if (existsSync(trigger)) {
        rmSync(trigger);
        for (let left = FLOOD_LINES; left > 0; left--) console.log(`${next++} ${FILLING}`);
      }
      await Bun.sleep(20);
    },
    declareOutputFields: (declarer: { declare(fields: string[]): void }) =>
      declarer.declare(["nothing"]),
  };
}
