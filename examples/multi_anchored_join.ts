/**
 * Orders and payments meet by their number. A parcel is anchored to both: where it fails, both spouts
 * emit again and it is made anew; when it is acked, both are done.
 * heron-bin run examples/multi_anchored_join.ts [ORDERS]
 */

import { BaseBasicBolt, BaseRichBolt, BaseRichSpout, Config, FailedException } from "heron-bin";
import { type ConfigMap, Fields, type OutputCollector, TopologyBuilder } from "heron-bin";
import type { SpoutOutputCollector, Topology, TopologyContext, Tuple } from "heron-bin";

const ID = new Fields("id").of<[number]>();

class HalfSpout extends BaseRichSpout {
  override readonly outputs = ID;
  #next = 1;
  #collector?: SpoutOutputCollector<typeof ID>;
  constructor(readonly kind: string, readonly count: number) {
    super();
  }
  override open(_: ConfigMap, _c: TopologyContext, given: SpoutOutputCollector<typeof ID>): void {
    this.#collector = given;
  }
  nextTuple(): void {
    if (this.#next > this.count) return this.#collector?.end();
    this.#collector?.emit([this.#next], this.#next++);
  }
  override fail(id: number): void {
    console.log(`${this.kind} ${id} once more`);
    this.#collector?.emit([id], id);
  }
}

class JoinBolt extends BaseRichBolt {
  override readonly outputs = ID;
  /** Halves that wait for the other, not acked: one that waits too long times out and comes again. */
  readonly #waiting = new Map<number, Tuple<typeof ID>>();
  #collector?: OutputCollector<typeof ID>;

  override prepare(_: ConfigMap, _c: TopologyContext, given: OutputCollector<typeof ID>): void {
    this.#collector = given;
  }
  execute(half: Tuple<typeof ID>): void {
    const id = half.getValueByField("id");
    const other = this.#waiting.get(id);
    // A half that comes again takes its own place.
    if (other === undefined || other.getSourceComponent() === half.getSourceComponent()) {
      return void this.#waiting.set(id, half);
    }
    this.#waiting.delete(id);
    this.#collector?.emit([half, other], [id]);
    for (const one of [half, other]) this.#collector?.ack(one);
  }
}

class ShipBolt extends BaseBasicBolt {
  readonly #tries = new Map<number, number>();
  execute(parcel: Tuple<typeof ID>): void {
    const id = parcel.getValueByField("id");
    const tries = (this.#tries.get(id) ?? 0) + 1;
    this.#tries.set(id, tries);
    // Fails the parcel, and with it both halves.
    if (id % 10 === 0 && tries === 1) throw new FailedException(`Ship ${id}: the van is full`);
  }
  override finish(): void {
    const again = [...this.#tries.values()].filter((tries) => tries > 1).length;
    console.log(`${this.#tries.size} parcels shipped, ${again} of them at the second try`);
  }
}

/** The topology: orders and payments → join → ship. */
export default function multiAnchoredJoin([orders = "100"]: readonly string[]): Topology {
  const builder = new TopologyBuilder("multi-anchored-join");
  const order = builder.setSpout("orders", new HalfSpout("order", Number(orders)));
  const payment = builder.setSpout("payments", new HalfSpout("payment", Number(orders)));
  const join = builder.setBolt("join", new JoinBolt(), 2)
    .fieldsGrouping(order, ["id"]).fieldsGrouping(payment, ["id"]);
  builder.setBolt("ship", new ShipBolt()).globalGrouping(join);
  return builder.createTopology(new Config().setTopologyReliabilityMode("ATLEAST_ONCE"));
}
