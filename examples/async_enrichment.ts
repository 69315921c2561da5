/**
 * Orders are completed with the names of their customers, each from a lookup that takes a while:
 * up to 50 lookups are under way at once in each task, so that none waits for another.
 * heron-bin run examples/async_enrichment.ts [ORDERS]
 */

import { BaseBasicBolt, BaseRichSpout, Config, TopologyBuilder } from "heron-bin";
import type { BasicOutputCollector, ConfigMap, OutputFieldsDeclarer } from "heron-bin";
import type { SpoutOutputCollector, Topology, TopologyContext, Tuple } from "heron-bin";

class OrderSpout extends BaseRichSpout {
  #next = 1;
  #collector?: SpoutOutputCollector;

  constructor(readonly count: number) {
    super();
  }
  override open(_: ConfigMap, _context: TopologyContext, collector: SpoutOutputCollector): void {
    this.#collector = collector;
  }
  nextTuple(): void {
    if (this.#next > this.count) return this.#collector?.end();
    this.#collector?.emit([this.#next, this.#next % 7], this.#next++);
  }
  override declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["order", "customer"]);
  }
}

const NAMES = ["Ada", "Bela", "Cleo", "Dana", "Emil", "Fay", "Gus"];

/** Stands for a service that answers after 20 ms; here you would `await fetch(…)`. */
async function lookUp(customer: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return NAMES[customer] ?? "nobody";
}

class EnrichBolt extends BaseBasicBolt {
  #open = 0;
  #most = 0;

  // Each tuple is acked when its promise resolves; emits are anchored to the call's own tuple.
  async execute(tuple: Tuple, collector: BasicOutputCollector): Promise<void> {
    this.#most = Math.max(this.#most, ++this.#open);
    const name = await lookUp(tuple.getInteger(1));
    collector.emit([tuple.getInteger(0), name]);
    this.#open--;
  }
  // Called when all lookups have ended.
  override finish(): void {
    console.log(`lookups under way at once: ${this.#most}, at the end: ${this.#open}`);
  }
  override declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["order", "name"]);
  }
}

class CountBolt extends BaseBasicBolt {
  readonly #orders = new Map<string, number>();

  execute(tuple: Tuple): void {
    const name = tuple.getString(1);
    this.#orders.set(name, (this.#orders.get(name) ?? 0) + 1);
  }
  override finish(): void {
    for (const [name, count] of [...this.#orders].sort()) console.log(`${name}: ${count} orders`);
  }
}

/** The topology: orders → enrich → count. */
export default function asyncEnrichment([orders = "700"]: readonly string[]): Topology {
  const builder = new TopologyBuilder("async-enrichment");
  builder.setSpout("orders", new OrderSpout(Number(orders)));
  builder.setBolt("enrich", new EnrichBolt()).shuffleGrouping("orders").setMaxConcurrency(50);
  builder.setBolt("count", new CountBolt()).globalGrouping("enrich");
  return builder.createTopology(new Config().setTopologyReliabilityMode("ATLEAST_ONCE"));
}
