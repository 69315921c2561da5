/**
 * Spouts that emit again what failed, and a bolt that treats tuples as the first argument says;
 * the others are how many each spout has, or `secs=TIMEOUT`. Whoever fails, acks or ends says so.
 */

import {
  Config,
  type IBolt,
  type OutputCollector,
  type SpoutOutputCollector,
  type Topology,
  TopologyBuilder,
  type Tuple,
} from "heron-bin";

/** Longer than a loaded machine lets a process stand: what a bolt acks is never late. */
const TIMEOUT_SECS = 4;
const RESET_MS = 250;
const ODD = 3;

/** What the bolt does with a tuple that it sees for the first time; false: nothing special. */
type Treatment = (tuple: Tuple, collector: OutputCollector) => boolean;

const TREATMENTS: Readonly<Record<string, Treatment>> = {
  fails(tuple, collector) {
    const isFailed = tuple.getNumber(0) % 7 === 0;
    if (isFailed) collector.fail(tuple);
    return isFailed;
  },
  forgets: (tuple) => tuple.getNumber(0) === ODD,
  // Three time-outs long, with the time-out begun anew again and again.
  resets(tuple, collector) {
    if (tuple.getNumber(0) !== ODD) return false;
    let left = 3 * TIMEOUT_SECS * 1000 / RESET_MS;
    const timer = setInterval(() => {
      if (left-- > 0) return collector.resetTimeout(tuple);
      clearInterval(timer);
      collector.ack(tuple);
    }, RESET_MS);
    return true;
  },
};

class Bolt implements IBolt {
  readonly #treat: Treatment | undefined;
  readonly #isBatching: boolean;
  readonly #seen = new Set<string>();
  #held: Tuple[] = [];
  #received = 0;
  #collector: OutputCollector | undefined;

  constructor(mode: string) {
    this.#treat = TREATMENTS[mode];
    this.#isBatching = mode === "batches";
  }

  prepare(_config: unknown, _context: unknown, collector: OutputCollector): void {
    this.#collector = collector;
  }

  execute(tuple: Tuple): void {
    const collector = this.#collector;
    if (collector === undefined) return;
    this.#received++;
    const name = `${tuple.getSourceComponent()}/${tuple.getNumber(0)}`;
    const isFirst = !this.#seen.has(name);
    this.#seen.add(name);
    if (this.#isBatching) this.#held.push(tuple);
    else if (!isFirst || this.#treat?.(tuple, collector) !== true) collector.ack(tuple);
  }

  flush(): void {
    if (!this.#isBatching) return;
    console.log(`flush of ${this.#held.length}`);
    for (const tuple of this.#held) this.#collector?.ack(tuple);
    this.#held = [];
  }

  finish(): void {
    console.log(`received ${this.#received}, distinct ${this.#seen.size}`);
  }
}

export default function acks([mode = "", ...rest]: readonly string[]): Topology {
  const builder = new TopologyBuilder("acks");
  const counts = rest.filter((one) => !one.startsWith("secs=")).map(Number);
  const given = rest.find((one) => one.startsWith("secs="))?.slice("secs=".length);
  const bolt = builder.setBolt("bolt", new Bolt(mode));
  for (const [index, number] of counts.entries()) {
    const name = `spout${index}`;
    let next = 0;
    let acked = 0;
    let collector: SpoutOutputCollector;
    builder.setSpout(name, {
      open: (_config, _context, given) => void (collector = given),
      nextTuple() {
        if (next === number) return collector.end();
        collector.emit([next], next++);
      },
      ack() {
        if (++acked >= number) console.log(`acked ${acked}`);
      },
      fail(messageId, reason) {
        console.log(`${messageId} ${reason}`);
        collector.emit([messageId], messageId);
      },
      declareOutputFields: (declarer) => declarer.declare(["number"]),
    });
    bolt.shuffleGrouping(name);
  }
  const secs = Number(given ?? (mode === "batches" ? 16 : TIMEOUT_SECS));
  const config = new Config().setTopologyReliabilityMode("ATLEAST_ONCE");
  return builder.createTopology(config.setMessageTimeoutSecs(secs));
}
