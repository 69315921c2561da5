/**
 * Metrics and a task hook of one's own: orders are counted, by country too, with their mean value
 * and how many wait. Values go to logs/metrics in the run's folder each bucket, and once more at the end:
 *
 * heron-bin run examples/own_metrics.ts [ORDERS]
 */

import {
  AssignableMetric,
  BaseBasicBolt,
  CountMetric,
  MeanReducer,
  MultiCountMetric,
} from "heron-bin";
import { TopologyBuilder } from "heron-bin";
import type { BoltExecuteInfo, ConfigMap, ISpout, ITaskHook, ReducedMetric } from "heron-bin";
import type { MeanReducerState, SpoutOutputCollector, Topology } from "heron-bin";
import type { TopologyContext, Tuple } from "heron-bin";

const COUNTRIES = ["de", "fr", "fr", "at"] as const;
const BUCKET_SECONDS = 1;

function createOrderSpout(count: number): ISpout {
  const waiting = new AssignableMetric(count);
  let collector: SpoutOutputCollector;
  let order = 0;
  return {
    open(_config, context, given) {
      collector = given;
      context.registerMetric("orders-waiting", waiting, BUCKET_SECONDS);
    },
    nextTuple() {
      if (order === count) return collector.end();
      collector.emit([COUNTRIES[order % COUNTRIES.length], order % 100]);
      order++;
      waiting.setValue(count - order);
    },
    declareOutputFields: (declarer) => declarer.declare(["country", "euros"]),
  };
}

class Accounting extends BaseBasicBolt {
  readonly #orders = new CountMetric();
  readonly #byCountry = new MultiCountMetric();
  #euros?: ReducedMetric<number, MeanReducerState, number | undefined>;

  override prepare(_config: ConfigMap, context: TopologyContext): void {
    context.registerMetric("orders", this.#orders, BUCKET_SECONDS);
    context.registerMetric("orders-of", this.#byCountry, BUCKET_SECONDS);
    this.#euros = context.registerMetric("euros", new MeanReducer(), BUCKET_SECONDS);
  }

  execute(tuple: Tuple): void {
    this.#orders.incr();
    this.#byCountry.scope(tuple.getStringByField("country")).incr();
    this.#euros?.update(tuple.getNumber(1));
  }
}

/** Remembers the slowest call of its task. */
class SlowestCall implements ITaskHook {
  #slowestMs = 0;

  prepare(_config: ConfigMap, context: TopologyContext): void {
    context.registerMetric("slowest-call-ms", { getValueAndReset: () => this.#slowestMs }, 1);
  }
  boltExecute({ executeLatencyMs }: BoltExecuteInfo): void {
    this.#slowestMs = Math.max(this.#slowestMs, executeLatencyMs);
  }
}

/** The topology: orders → accounting; each task has a hook. */
export default function ownMetrics([orders = "10000"]: readonly string[]): Topology {
  const builder = new TopologyBuilder("own-metrics").addTaskHook(() => new SlowestCall());
  builder.setSpout("orders", createOrderSpout(Number(orders)));
  builder.setBolt("accounting", new Accounting(), 2).shuffleGrouping("orders");
  return builder.createTopology();
}
