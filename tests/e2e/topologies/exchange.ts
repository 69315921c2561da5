/** Ways of tuples that the other topologies do not take: direct and global grouping, an async bolt, a late flood. */

import { TopologyBuilder } from "heron-bin";
import type { BasicOutputCollector, SpoutOutputCollector, Topology, Tuple } from "heron-bin";

/** How many tuples `finish` of "late" emits. */
const LATE = 100_000;

export default function exchange([tuples = "1000"]: readonly string[]): Topology {
  let collector: SpoutOutputCollector;
  let addressees: readonly number[] = [];
  let self = 0;
  let sent = 0;
  let received = 0;
  let wrong = 0;
  let running = 0;
  const builder = new TopologyBuilder("exchange");
  builder.setSpout("numbers", {
    open(_config, context, given) {
      collector = given;
      addressees = context.getComponentTasks("direct");
    },
    nextTuple() {
      if (sent === Number(tuples)) return collector.end();
      const addressee = addressees[sent % addressees.length] ?? 0;
      collector.emitDirect(addressee, "addressed", [sent, addressee]);
      collector.emit([sent++]);
    },
    declareOutputFields(declarer) {
      declarer.declare(["number"]);
      declarer.declareStream("addressed", true, ["number", "addressee"]);
    },
  });
  builder.setBasicBolt("direct", {
    prepare(_config, context) {
      self = context.getThisTaskId();
    },
    execute(tuple: Tuple) {
      received++;
      if (tuple.getNumber(1) !== self) wrong++;
    },
    finish() {
      console.log(`received ${received}, wrong ${wrong}`);
    },
  }, 2).directGrouping("numbers", "addressed");
  builder.setBasicBolt("global", {
    execute() {
      received++;
    },
    finish() {
      console.log(`received ${received}`);
    },
  }, 2).globalGrouping("numbers");
  builder.setBasicBolt("async", {
    async execute(tuple: Tuple) {
      // One call at a time, in order, however long a call takes.
      if (running++ > 0 || tuple.getNumber(0) !== received) wrong++;
      if (received++ % 1000 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      else await null;
      running--;
    },
    finish() {
      console.log(`received ${received}, wrong ${wrong}`);
    },
  }).shuffleGrouping("numbers");
  builder.setBasicBolt("late", {
    execute() {
      received++;
    },
    async finish(out: BasicOutputCollector) {
      for (let number = 0; number < LATE; number++) {
        await out.ready();
        out.emit([number]);
      }
      console.log(`received ${received}`);
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  }).shuffleGrouping("numbers");
  builder.setBasicBolt("tail", {
    execute(tuple: Tuple) {
      if (tuple.getNumber(0) !== received++) wrong++;
    },
    finish() {
      console.log(`received ${received}, wrong ${wrong}`);
    },
  }).shuffleGrouping("late");
  return builder.createTopology({ "instance.receive.bytes": 65_536 });
}
