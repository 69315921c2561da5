/** Ways of tuples that the other topologies do not take: direct and global grouping, an async bolt, a late flood. */

import { TopologyBuilder } from "heron-bin";
import type { IBasicBolt, ISpout, SpoutOutputCollector, Topology } from "heron-bin";

/** How many tuples `finish` of "late" emits. */
const LATE_TUPLES = 100_000;

// Each instance is a process of its own, so one set of counters serves whichever task it is.
let self = 0;
let received = 0;
let running = 0;
let wrong = 0;

function report(): void {
  console.log(`received ${received}, wrong ${wrong}`);
}

function createSpout(tuples: number): ISpout {
  let collector: SpoutOutputCollector;
  let addressees: readonly number[] = [];
  let sent = 0;
  return {
    open(_config, context, given) {
      collector = given;
      addressees = context.getComponentTasks("direct");
    },
    nextTuple() {
      if (sent === tuples) return collector.end();
      const addressee = addressees[sent % addressees.length] ?? 0;
      collector.emitDirect(addressee, "addressed", [sent, addressee]);
      collector.emit([sent++]);
    },
    declareOutputFields(declarer) {
      declarer.declare(["number"]);
      declarer.declareStream("addressed", true, ["number", "addressee"]);
    },
  };
}

const DIRECT: IBasicBolt = {
  prepare(_config, context) {
    self = context.getThisTaskId();
  },
  execute(tuple) {
    received++;
    if (tuple.getNumber(1) !== self) wrong++;
  },
  finish: report,
};

/** One call at a time, in order, however long a call takes. */
const ASYNC: IBasicBolt = {
  async execute(tuple) {
    if (running++ > 0 || tuple.getNumber(0) !== received) wrong++;
    if (received++ % 1000 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    else await null;
    running--;
  },
  finish: report,
};

const LATE: IBasicBolt = {
  execute() {
    received++;
  },
  async finish(out) {
    for (let number = 0; number < LATE_TUPLES; number++) {
      await out.ready();
      out.emit([number]);
    }
    report();
  },
  declareOutputFields: (declarer) => declarer.declare(["number"]),
};

const IN_ORDER: IBasicBolt = {
  execute(tuple) {
    if (tuple.getNumber(0) !== received++) wrong++;
  },
  finish: report,
};

export default function exchange([tuples = "1000"]: readonly string[]): Topology {
  const builder = new TopologyBuilder("exchange");
  builder.setSpout("numbers", createSpout(Number(tuples)));
  builder.setBasicBolt("direct", DIRECT, 2).directGrouping("numbers", "addressed");
  builder.setBasicBolt("global", IN_ORDER, 2).globalGrouping("numbers");
  builder.setBasicBolt("async", ASYNC).shuffleGrouping("numbers");
  builder.setBasicBolt("late", LATE).shuffleGrouping("numbers");
  builder.setBasicBolt("tail", IN_ORDER).shuffleGrouping("late");
  return builder.createTopology({ "instance.receive.bytes": 65_536 });
}
