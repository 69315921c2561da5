/**
 * Two fast spouts against what stands in their way, by the mode: a bolt that is slow ("slow"), one
 * key that all tuples have ("hot"), a bolt that emits a thousand tuples for each ("amplify"), or
 * nothing but what is done to the processes ("flow"). Begins when the file "go" is there; whoever
 * is slow is so after a while, until there is the file "relief". With "flow" the bolts wait in the
 * midst of it for the file "stopped": whoever is to be stopped is, before they go on.
 */

import { existsSync } from "node:fs";
import { TopologyBuilder } from "heron-bin";
import type { ConfigMap, SpoutOutputCollector, Topology, Tuple } from "heron-bin";

/** Tuples for each tuple of the spouts where they are made more. */
const GAIN = 1000;
/** A slow bolt looks so often for its relief. */
const LOOK_EVERY = 100;

/** Takes its time with tuples, from some number of them on, until relief comes. */
class Slowness {
  readonly #fromTuple: number;
  readonly #everyTuples: number;
  #isRelieved = false;

  constructor(fromTuple: number, everyTuples: number) {
    this.#fromTuple = fromTuple;
    this.#everyTuples = everyTuples;
  }

  /** The `received`th tuple came. */
  spend(received: number): void {
    if (received === this.#fromTuple) console.log("flows");
    if (this.#isRelieved || received < this.#fromTuple) return;
    if (received % LOOK_EVERY === 0) this.#isRelieved = existsSync("relief");
    if (received % this.#everyTuples === 0) Bun.sleepSync(1);
  }
}

export default function stress(
  [mode = "flow", tuples = "1000", pause = "true"]: readonly string[],
): Topology {
  const isAmplified = mode === "amplify";
  const padding = "x".repeat(isAmplified ? 20_000 : 1000);
  const flowing = Math.floor(Number(tuples) / 4);
  const middleSlow = new Slowness(flowing, mode === "slow" || mode === "hot" ? 1 : Infinity);
  const lastSlow = new Slowness(flowing * GAIN, isAmplified ? 50 : Infinity);
  let collector: SpoutOutputCollector;
  let hasBegun = false;
  let sent = 0;
  let received = 0;
  const builder = new TopologyBuilder("stress");
  builder.setSpout("numbers", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple() {
      hasBegun ||= existsSync("go");
      if (!hasBegun) return;
      if (sent < Number(tuples)) {
        const key = mode === "hot" ? 0 : sent;
        sent++;
        return void collector.emit([key, padding]);
      }
      console.log(`sent ${sent}`);
      collector.end();
    },
    declareOutputFields: (declarer) => declarer.declare(["key", "padding"]),
  }, 2);
  builder.setBasicBolt("middle", {
    execute(tuple: Tuple, out) {
      middleSlow.spend(++received);
      while (mode === "flow" && received === flowing && !existsSync("stopped")) Bun.sleepSync(1);
      for (let copy = isAmplified ? GAIN : 1; copy > 0; copy--) out.emit([tuple.getNumber(0)]);
    },
    finish() {
      console.log(`received ${received}`);
    },
    declareOutputFields: (declarer) => declarer.declare(["key"]),
  }, 2).fieldsGrouping("numbers", ["key"]);
  builder.setBasicBolt("last", {
    execute() {
      lastSlow.spend(++received);
    },
    finish() {
      console.log(`received ${received}`);
    },
  }).globalGrouping("middle");
  const config: ConfigMap = {
    "instance.receive.bytes": 1024 * 1024,
    "emit.overshoot.bytes": 64 * 1024,
    "metrics.export.interval.ms": 100,
    "spout.wait.ms": 20,
    "topology.backpressure.spout.pause": pause,
    // A process that is stopped for longer than this is lost.
    "net.silence.ms": 60_000,
  };
  return builder.createTopology(config);
}
