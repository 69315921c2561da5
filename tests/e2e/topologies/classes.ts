/** Instances of own classes through two streams, by fields beside them. */

import { BaseBasicBolt, Config, TopologyBuilder } from "heron-bin";
import type { BasicOutputCollector, SpoutOutputCollector, Topology, Tuple } from "heron-bin";

class Money {
  constructor(readonly cents: number) {}
  plus(other: Money): Money {
    return new Money(this.cents + other.cents);
  }
}

class Owner {
  constructor(readonly name: string) {}
}

/** Adds up by owner, and passes each sum on. */
class SumBolt extends BaseBasicBolt {
  readonly #sums = new Map<string, Money>();

  execute(tuple: Tuple, collector: BasicOutputCollector): void {
    const prices = tuple.getValue(1);
    if (!(prices instanceof Map)) throw new TypeError("no map");
    for (const [owner, price] of prices) {
      if (!(owner instanceof Owner) || !(price instanceof Money)) throw new TypeError("no class");
      const sum = (this.#sums.get(owner.name) ?? new Money(0)).plus(price);
      this.#sums.set(owner.name, sum);
      collector.emit([[owner, { sum }]]);
    }
  }
  override declareOutputFields(declarer: { declare(fields: string[]): void }): void {
    declarer.declare(["sum"]);
  }
}

export default function classes([registers = "yes", threads = "2"]: readonly string[]): Topology {
  let collector: SpoutOutputCollector;
  let sent = 0;
  const builder = new TopologyBuilder("classes");
  builder.setSpout("prices", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple() {
      if (sent === 1000) return collector.end();
      const owner = `o${sent++ % 3}`;
      collector.emit([owner, new Map([[new Owner(owner), new Money(sent)]])]);
    },
    declareOutputFields: (declarer) => declarer.declare(["owner", "prices"]),
  });
  builder.setBolt("sum", new SumBolt(), 2).fieldsGrouping("prices", ["owner"]);
  const last = new Map<string, string>();
  builder.setBasicBolt("last", {
    execute(tuple) {
      const [owner, { sum }] = Object(tuple.getValue(0));
      if (owner instanceof Owner && sum instanceof Money) last.set(owner.name, `${sum.cents}`);
    },
    finish() {
      for (const [name, cents] of last) console.log(`${name} ${cents}`);
    },
  }).globalGrouping("sum");
  const config = new Config({ "instance.threads": Number(threads) });
  if (registers === "yes") {
    config.registerSerialization(Money, {
      name: "money",
      serialize: ({ cents }) => cents,
      deserialize: (cents) => new Money(Number(cents)),
    }).registerSerialization(Owner, {
      name: "owner",
      serialize: ({ name }) => new TextEncoder().encode(name),
      deserialize: (bytes) => {
        return new Owner(bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : "?");
      },
    });
  }
  return builder.createTopology(config);
}
