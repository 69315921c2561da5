/**
 * Another topology of these tests with so many threads an instance: `THREADS NAME ARGS…`, where
 * threads are 1, 2 or "mixed": every other component has one.
 */

import type { Topology, TopologyFactory } from "heron-bin";
import ackedWordCount from "./acked_word_count.ts";
import ownMetrics from "../../../examples/own_metrics.ts";
import acks from "./acks.ts";
import blockedBolt from "./blocked_bolt.ts";
import cycle from "./cycle.ts";
import earlyEnd from "./early_end.ts";
import ends from "./ends.ts";
import exchange from "./exchange.ts";
import fanOut from "./fan_out.ts";
import idle from "./idle.ts";
import largeTuples from "./large_tuples.ts";
import lookedOn from "./looked_on.ts";
import overshoot from "./overshoot.ts";
import pressure from "./pressure.ts";
import slowWordCount from "./slow_word_count.ts";
import whichThread from "./which_thread.ts";

const TOPOLOGIES: Readonly<Record<string, TopologyFactory>> = {
  acked_word_count: ackedWordCount,
  acks,
  blocked_bolt: blockedBolt,
  cycle,
  early_end: earlyEnd,
  ends,
  exchange,
  fan_out: fanOut,
  idle,
  large_tuples: largeTuples,
  looked_on: lookedOn,
  overshoot,
  own_metrics: ownMetrics,
  pressure,
  slow_word_count: slowWordCount,
  which_thread: whichThread,
};

export default async function threads(
  [count = "1", name = "", ...args]: readonly string[],
): Promise<Topology> {
  const factory = TOPOLOGIES[name];
  if (factory === undefined) throw new RangeError(`Find topology "${name}": not in the table`);
  const topology = await factory(args);
  const { definition } = topology;
  const { config, components } = definition;
  if (count !== "mixed") {
    return { ...topology, definition: { ...definition, config: withThreads(config, count) } };
  }
  const mixed = components.map((one, index) => ({
    ...one,
    config: withThreads(one.config, index % 2 === 0 ? "1" : "2"),
  }));
  return { ...topology, definition: { ...definition, components: mixed } };
}

function withThreads<Map>(config: Map, threads: string): Map {
  return { ...config, "instance.threads": threads };
}
