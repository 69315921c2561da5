/**
 * Reads one group of an answer of the topology master by metric, streams put together. Heron counts what a bolt
 * takes twice, by stream and by component and stream: the first is read. Pure.
 */

import type { MetricGroup } from "../../base/gen/heron_bin/packet_pb.ts";

interface Value {
  readonly count: number;
  readonly sum: number;
  readonly perSecond: number;
}

/** The metrics of one group. */
export class MetricValues {
  readonly #byMetric = new Map<string, { value: Value; stream: string }[]>();

  /** Those of `group`, whose names are numbers of `names`. */
  constructor(names: readonly string[], group: MetricGroup) {
    for (const [at, number] of group.names.entries()) {
      const name = names[number] ?? "";
      const value = {
        count: group.counts[at] ?? 0,
        sum: group.sums[at] ?? 0,
        perSecond: group.perSecond[at] ?? 0,
      };
      const slash = name.indexOf("/", 1);
      const metric = slash < 0 ? name : name.slice(0, slash);
      const stream = slash < 0 ? "" : name.slice(slash + 1);
      this.#byMetric.getOrInsertComputed(metric, () => []).push({ value, stream });
    }
  }

  /** What a count grows by in a second, all streams together; undefined: there is none. */
  perSecond(metric: string): number | undefined {
    return this.#sum(metric, ({ perSecond }) => perSecond);
  }

  /** What a count has come to, or the last values together. */
  sum(metric: string): number | undefined {
    return this.#sum(metric, ({ sum }) => sum);
  }

  /**
   * The mean of a metric of streams, each as much as `countMetric` of it grows; undefined where nothing was
   * counted: then its last values are old.
   */
  mean(metric: string, countMetric: string): number | undefined {
    let [sum, weights] = [0, 0];
    for (const { value, stream } of this.#byMetric.get(metric) ?? []) {
      const weight = this.part(countMetric, stream)?.perSecond ?? 0;
      if (stream.includes("/") || value.count === 0) continue;
      sum += weight * value.sum / value.count;
      weights += weight;
    }
    return weights > 0 ? sum / weights : undefined;
  }

  /** The metrics whose name is `metric/…`: what comes behind, and its growth in a second. */
  *parts(metric: string): Iterable<readonly [part: string, perSecond: number]> {
    for (const { stream, value } of this.#byMetric.get(metric) ?? []) {
      yield [stream, value.perSecond];
    }
  }

  /** One metric below a name with a "/": `__process/__mem_used_bytes`. */
  part(metric: string, part: string): Value | undefined {
    return this.#byMetric.get(metric)?.find(({ stream }) => stream === part)?.value;
  }

  #sum(metric: string, read: (value: Value) => number): number | undefined {
    let sum: number | undefined;
    for (const { value, stream } of this.#byMetric.get(metric) ?? []) {
      if (!stream.includes("/")) sum = (sum ?? 0) + read(value);
    }
    return sum;
  }
}
