/**
 * Readings are parsed and summed up. A parser that throws is called again twice; what it cannot
 * parse even then goes to the dead letters, with its error, and the rest goes on.
 * heron-bin run examples/dead_letters.ts [READINGS]
 */

import { BaseBasicBolt, BaseRichSpout, Config, TopologyBuilder } from "heron-bin";
import type { BasicOutputCollector, ConfigMap, OutputFieldsDeclarer } from "heron-bin";
import type { SpoutOutputCollector, Topology, TopologyContext, Tuple } from "heron-bin";

/** Every tenth reading is no JSON. */
class ReadingSpout extends BaseRichSpout {
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
    const text = this.#next % 10 === 0 ? `{"celsius": ` : `{"celsius": ${this.#next % 5}}`;
    this.#collector?.emit([text], this.#next++);
  }
  override declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["reading"]);
  }
}

class ParseBolt extends BaseBasicBolt {
  execute(tuple: Tuple, collector: BasicOutputCollector): void {
    const { celsius } = JSON.parse(tuple.getString(0));
    collector.emit([celsius]);
  }
  override declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["celsius"]);
  }
}

class MeanBolt extends BaseBasicBolt {
  #sum = 0;
  #count = 0;

  execute(tuple: Tuple): void {
    this.#sum += tuple.getNumber(0);
    this.#count++;
  }
  override finish(): void {
    console.log(`${this.#count} readings, on average ${(this.#sum / this.#count).toFixed(2)}`);
  }
}

/** Here you would store them, to look at them tomorrow. */
class DeadLetterBolt extends BaseBasicBolt {
  #count = 0;

  execute(letter: Tuple): void {
    if (this.#count++ > 0) return;
    const attempts = letter.getIntegerByField("attempts");
    console.log(`attempted ${attempts} times: ${letter.getValueByField("values")}`);
    console.log(`because of ${letter.getStringByField("error")}`);
  }
  override finish(): void {
    console.log(`${this.#count} dead letters`);
  }
}

/** The topology: readings → parse → mean, and what cannot be parsed → dead letters. */
export default function deadLetters([readings = "1000"]: readonly string[]): Topology {
  const builder = new TopologyBuilder("dead-letters");
  builder.setSpout("readings", new ReadingSpout(Number(readings)));
  builder.setBolt("parse", new ParseBolt()).shuffleGrouping("readings")
    .setErrorPolicy({ retries: 2, backoffMs: 1, then: "dead_letter" });
  builder.setBolt("mean", new MeanBolt()).globalGrouping("parse");
  builder.setBolt("dead", new DeadLetterBolt()).globalGrouping("parse", "__dead_letter");
  return builder.createTopology(new Config().setTopologyReliabilityMode("ATLEAST_ONCE"));
}
