/**
 * Orders are charged and booked, each at least once: what the bank refuses fails, and the spout
 * emits it again until it is booked. Ends when all are:
 * heron-bin run examples/acked_orders.ts [ORDERS]
 */

import { BaseBasicBolt, BaseRichBolt, BaseRichSpout, Config, TopologyBuilder } from "heron-bin";
import type { ConfigMap, FailReason, OutputCollector, OutputFieldsDeclarer } from "heron-bin";
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
    // Orders that are still under way keep the topology from ending.
    if (this.#next > this.count) return this.#collector?.end();
    // The second argument is the message id; without it nobody would tell how the order fared.
    this.#collector?.emit([this.#next], this.#next++);
  }
  // Emitting again is up to the spout. (`ack` is where one over a queue would commit.)
  override fail(order: unknown, reason: FailReason): void {
    console.log(`order ${order} ${reason}, once more`);
    this.#collector?.emit([order], order);
  }
  override declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["order"]);
  }
}

/** Asks a bank that refuses every fifth order at first. */
class ChargeBolt extends BaseRichBolt {
  readonly #refused = new Set<number>();
  #collector?: OutputCollector;

  override prepare(_: ConfigMap, _context: TopologyContext, collector: OutputCollector): void {
    this.#collector = collector;
  }
  execute(tuple: Tuple): void {
    const order = tuple.getInteger(0);
    if (order % 5 === 0 && !this.#refused.has(order)) {
      this.#refused.add(order);
      return this.#collector?.fail(tuple);
    }
    // Anchored to its input: the order is done when this tuple is acked as well.
    this.#collector?.emit(tuple, [order]);
    this.#collector?.ack(tuple);
  }
  override declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["order"]);
  }
}

/** A basic bolt acks by itself. It books by order, since an order may come more than once. */
class BookBolt extends BaseBasicBolt {
  readonly #orders = new Set<number>();

  execute(tuple: Tuple): void {
    this.#orders.add(tuple.getInteger(0));
  }
  override finish(): void {
    console.log(`${this.#orders.size} orders booked, the last is ${Math.max(...this.#orders)}`);
  }
}

/** The topology: orders → charge → book. */
export default function ackedOrders([orders = "100"]: readonly string[]): Topology {
  const builder = new TopologyBuilder("acked-orders");
  builder.setSpout("orders", new OrderSpout(Number(orders)));
  // By order, so that the task which refused it sees it again.
  builder.setBolt("charge", new ChargeBolt(), 2).fieldsGrouping("orders", ["order"]);
  builder.setBolt("book", new BookBolt()).globalGrouping("charge");
  return builder.createTopology(new Config().setTopologyReliabilityMode("ATLEAST_ONCE"));
}
