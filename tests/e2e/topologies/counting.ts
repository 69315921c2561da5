/**
 * Numbers without an end, followed, and what spouts are told: `FOLDER`, which keeps for each spout task the
 * number that all before are acked of, and gets one line a number from the bolt.
 */

import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Config, TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology } from "heron-bin";

export default function counting([folder = ""]: readonly string[]): Topology {
  const builder = new TopologyBuilder("counting");
  builder.setSpout("numbers", createSpout(folder), 2);
  builder.setBasicBolt("sink", {
    execute(tuple) {
      const [task, number] = [tuple.getNumber(0), tuple.getNumber(1)];
      appendFileSync(join(folder, `seen-${task}`), `${number}\n`);
    },
  }, 2).fieldsGrouping("numbers", ["task"]);
  return builder.createTopology({
    [Config.TOPOLOGY_RELIABILITY_MODE]: "ATLEAST_ONCE",
    [Config.TOPOLOGY_STMGRS]: 2,
  });
}

function createSpout(folder: string) {
  let collector: SpoutOutputCollector;
  let task = 0;
  let position = 0;
  let next = 0;
  const done = new Set<number>();
  const failed: number[] = [];
  const file = (): string => join(folder, `position-${task}`);
  return {
    open(
      _config: unknown,
      context: { getThisTaskId(): number },
      given: SpoutOutputCollector,
    ): void {
      collector = given;
      task = context.getThisTaskId();
      position = next = existsSync(file()) ? Number(readFileSync(file(), "utf8")) : 0;
      console.log("open");
    },
    activate: () => console.log("activate"),
    deactivate: () => console.log("deactivate"),
    async nextTuple(): Promise<void> {
      const number = failed.shift() ?? next++;
      collector.emit([task, number], number);
      await Bun.sleep(5);
    },
    ack(id: unknown): void {
      done.add(Number(id));
      while (done.delete(position)) position++;
      // Whole or not at all, also when the process is killed.
      writeFileSync(`${file()}.new`, String(position));
      renameSync(`${file()}.new`, file());
    },
    fail: (id: unknown) => void failed.push(Number(id)),
    declareOutputFields: (declarer: { declare(fields: string[]): void }) =>
      declarer.declare(["task", "number"]),
  };
}
