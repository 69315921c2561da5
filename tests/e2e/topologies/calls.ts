/**
 * Numbers through a bolt with several calls open at once, of which some fail at first and some for
 * ever; tells what the spout heard and what came through.
 */

import { TopologyBuilder } from "heron-bin";
import type { OutputCollector, SpoutOutputCollector, Topology, Tuple } from "heron-bin";

/** Numbers that each attempt fails with. */
const HOPELESS = 50;
/** Numbers whose first attempt fails. */
const FLAKY = 7;

export default function calls(
  [mode = "ATLEAST_ONCE", threads = "2", tuples = "500", then = "dead_letter"]: readonly string[],
): Topology {
  const builder = new TopologyBuilder("calls");
  let source: SpoutOutputCollector;
  let sent = 0;
  let acked = 0;
  let failed = 0;
  builder.setSpout("numbers", {
    open(_config, _context, collector) {
      source = collector;
    },
    nextTuple() {
      if (sent === Number(tuples)) return source.end();
      source.emit([sent], sent++);
    },
    ack: () => void acked++,
    fail: () => void failed++,
    close: () => console.log(`heard ${acked} acks and ${failed} fails`),
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  });
  let output: OutputCollector;
  let beats = 0;
  let open = 0;
  let most = 0;
  const tried = new Set<number>();
  builder.setBolt("calls", {
    prepare(_config, context, collector) {
      output = collector;
      context.registerTimer("beat", 10, () => void beats++);
    },
    async execute(tuple: Tuple) {
      const number = tuple.getNumber(0);
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 1 + number % 5));
      open--;
      if (number % HOPELESS === 1) throw new Error(`never ${number}`);
      if (number % FLAKY === 3 && !tried.has(number)) {
        tried.add(number);
        throw new Error(`not yet ${number}`);
      }
      output.emit(tuple, [number]);
      output.ack(tuple);
    },
    finish: () => console.log(`most ${most} open ${open}, timer ran: ${beats > 0}`),
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  }).shuffleGrouping("numbers").setMaxConcurrency(10).setErrorPolicy({
    retries: 1,
    backoffMs: 5,
    ...(then === "skip" || then === "dead_letter" ? { then } : {}),
  });
  const seen = new Set<number>();
  builder.setBasicBolt("last", {
    execute: (tuple) => void seen.add(tuple.getNumber(0)),
    finish: () => console.log(`through ${seen.size}`),
  }).globalGrouping("calls");
  if (then === "dead_letter") {
    const letters: string[] = [];
    builder.setBasicBolt("letters", {
      execute: (tuple) => void letters.push(String(tuple.getValueByField("values"))),
      finish: () => console.log(`letters ${letters.sort((a, b) => Number(a) - Number(b))}`),
    }).globalGrouping("calls", "__dead_letter");
  }
  return builder.createTopology({
    "topology.reliability.mode": mode,
    "instance.threads": Number(threads),
  });
}
