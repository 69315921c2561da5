/** A topology that ends as its argument says: by itself, never, or by what its user code does wrong. */

import { existsSync } from "node:fs";
import { Config, TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology } from "heron-bin";

/** Never settles: who waits for it has not ended when its timer comes, however few tuples are left. */
let untilTimer: Promise<void> | undefined;

/** What the bolt does at its tenth tuple, by the argument. */
const FAULTS: Readonly<Record<string, () => void | Promise<void>>> = {
  throws() {
    throw new Error("thrown on purpose"); // line of throws
  },
  async rejects() {
    await Promise.resolve();
    throw new Error("thrown on purpose"); // line of rejects
  },
  unhandled() {
    void Promise.reject(new Error("thrown on purpose")); // line of unhandled
  },
  timer() {
    untilTimer = new Promise(() => {});
    setTimeout(() => {
      throw new Error("thrown on purpose"); // line of timer
    }, 1);
  },
  exit() {
    process.exit(3); // line of exit
  },
  child() {
    Bun.spawn(["sleep", "600"]);
    console.log("child started");
  },
  // Keeps the thread for ever: neither a drain nor a stop gets through to it.
  stuck() {
    console.log("stuck");
    for (;;);
  },
};

/** "paced": goes on until there is the file "enough", so that something can be killed meanwhile. */
function pause(mode: string): Promise<void> | undefined {
  return mode === "paced" ? new Promise((resolve) => setTimeout(resolve, 2)) : undefined;
}

function fail(wanted: boolean): void {
  if (wanted) throw new Error("thrown on purpose"); // line of finish, open, once
}

export default function ends([mode = "bounded"]: readonly string[]): Topology {
  const isEndless = ["endless", "child", "stuck"].includes(mode);
  const count = mode === "paced" ? 1_000 : 10_000;
  let collector: SpoutOutputCollector;
  let sent = 0;
  let received = 0;
  const builder = new TopologyBuilder("ends");
  builder.setSpout("numbers", {
    open(_config, _context, given) {
      fail(mode === "open" || mode === "loops");
      collector = given;
    },
    nextTuple() {
      const isOver = mode === "paced" ? sent >= count && existsSync("enough") : sent === count;
      if (!isEndless && isOver) return collector.end();
      collector.emit([sent++]);
      return pause(mode);
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  });
  builder.setBasicBolt("middle", {
    execute(tuple, out) {
      fail(mode === "once" && tuple.getNumber(0) === 5_000);
      out.emit([tuple.getNumber(0)]);
      return ++received === 10 ? FAULTS[mode]?.() : undefined;
    },
    finish: () => untilTimer,
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  }, 2).fieldsGrouping("numbers", ["number"]);
  builder.setBasicBolt("last", {
    execute() {
      if (++received === 100) console.log("going");
    },
    finish() {
      fail(mode === "finish");
      console.log(`received ${received}`);
    },
    cleanup() {
      fail(mode === "cleanup");
    },
  }).globalGrouping("middle");
  const config = new Config();
  if (mode === "loops") config.put("task.crashes.max", 1_000);
  return builder.createTopology(config);
}
