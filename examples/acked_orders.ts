/**
 * Orders are charged and booked, each at least once: what the bank refuses fails, and the spout
 * emits it again until it is booked. Ends when all are:
 * heron-bin run examples/acked_orders.ts [ORDERS]
 */

import { BaseBasicBolt, BaseRichBolt, BaseRichSpout, Config, Fields } from "heron-bin";
import { type ConfigMap, type FailReason, type OutputCollector, TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology, TopologyContext, Tuple } from "heron-bin";

const ORDER = new Fields("order").of<[number]>();

class OrderSpout extends BaseRichSpout {
  override readonly outputs = ORDER;
  #next = 1;
  #collector?: SpoutOutputCollector<typeof ORDER>;
  constructor(readonly count: number) {
    super();
  }
  override open(_: ConfigMap, _c: TopologyContext, given: SpoutOutputCollector<typeof ORDER>) {
    this.#collector = given;
  }
  nextTuple(): void {
    // Orders that are still under way keep the topology from ending.
    if (this.#next > this.count) return this.#collector?.end();
    // The second argument is the message id; without it nobody would tell how the order fared.
    this.#collector?.emit([this.#next], this.#next++);
  }
  // Emitting again is up to the spout. (`ack` is where one over a queue would commit.)
  override fail(order: number, reason: FailReason): void {
    console.log(`order ${order} ${reason}, once more`);
    this.#collector?.emit([order], order);
  }
}

/** Asks a bank that refuses every fifth order at first. */
class ChargeBolt extends BaseRichBolt {
  override readonly outputs = ORDER;
  readonly #refused = new Set<number>();
  #collector?: OutputCollector<typeof ORDER>;

  override prepare(_: ConfigMap, _c: TopologyContext, given: OutputCollector<typeof ORDER>) {
    this.#collector = given;
  }
  execute(tuple: Tuple<typeof ORDER>): void {
    const order = tuple.getValueByField("order");
    if (order % 5 === 0 && !this.#refused.has(order)) {
      this.#refused.add(order);
      return this.#collector?.fail(tuple);
    }
    // Anchored to its input: the order is done when this tuple is acked as well.
    this.#collector?.emit(tuple, [order]);
    this.#collector?.ack(tuple);
  }
}

/** A basic bolt acks by itself. It books by order, since an order may come more than once. */
class BookBolt extends BaseBasicBolt {
  readonly #orders = new Set<number>();
  execute(tuple: Tuple<typeof ORDER>): void {
    this.#orders.add(tuple.getValueByField("order"));
  }
  override finish(): void {
    console.log(`${this.#orders.size} orders booked, the last is ${Math.max(...this.#orders)}`);
  }
}

/** The topology: orders → charge → book. */
export default function ackedOrders([orders = "100"]: readonly string[]): Topology {
  // Told the components by type, the builder checks ids and fields as plain strings.
  const builder = new TopologyBuilder<{ orders: OrderSpout; charge: ChargeBolt; book: BookBolt }>(
    "acked-orders",
  );
  builder.setSpout("orders", new OrderSpout(Number(orders)));
  // By order, so that the task which refused it sees it again.
  builder.setBolt("charge", new ChargeBolt(), 2).fieldsGrouping("orders", ["order"]);
  builder.setBolt("book", new BookBolt()).globalGrouping("charge");
  return builder.createTopology(new Config().setTopologyReliabilityMode("ATLEAST_ONCE"));
}
