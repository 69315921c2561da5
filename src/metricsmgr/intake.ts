/**
 * What the sources of a container have told, without sockets: who they are,
 * the last value of each metric, and what counts have come to over the source's
 * life. Bounded in sources and names; what is over is counted and still passed on.
 */

import type { MetricPublisher } from "../base/gen/heron/metrics_pb.ts";
import { HeronError } from "../base/mod.ts";
import { aggregationOf } from "../metrics/mod.ts";
import { createRecord, type MetricRecord, sourceOf } from "./metric_record.ts";

/** Limits of an intake. */
export interface IntakeLimits {
  /** Sources that are remembered. @default 10000 */
  readonly sourcesMax: number;
  /** Names that are remembered of each source. @default 4096 */
  readonly namesMax: number;
  /** The longest name that is remembered, in characters. @default 512 */
  readonly nameLengthMax: number;
}

const DEFAULTS: IntakeLimits = Object.freeze({
  sourcesMax: 10_000,
  namesMax: 4096,
  nameLengthMax: 512,
});

/** A metric as it is remembered. */
interface Remembered {
  /** The last value, as it came. */
  last: string;
  /** What a count has come to; undefined for what is none. */
  sum: number | undefined;
  readonly isCount: boolean;
}

/** A process that publishes, or did: all lives of it, one after the other. */
export class MetricSource {
  /** `host:port/component/instance`. */
  readonly id: string;
  readonly publisher: MetricPublisher;
  readonly #metrics: Map<string, Remembered>;
  isPresent = true;

  /** A source that goes on where `before` was, or has told nothing yet. */
  constructor(publisher: MetricPublisher, before?: MetricSource) {
    this.id = sourceOf(publisher);
    this.publisher = publisher;
    this.#metrics = new Map(before === undefined ? [] : before.#metrics.entries().map(copyOf));
  }

  /** The metrics it is remembered with. */
  get names(): Iterable<string> {
    return this.#metrics.keys();
  }

  /** How many metrics it is remembered with. */
  get size(): number {
    return this.#metrics.size;
  }

  /** The last value of a metric, as it came. */
  last(name: string): string | undefined {
    return this.#metrics.get(name)?.last;
  }

  /** What a count has come to over the source's life. */
  sum(name: string): number | undefined {
    return this.#metrics.get(name)?.sum;
  }

  /** The value that says how a metric stands: what a count has come to, or the last one. */
  state(name: string): number | undefined {
    const metric = this.#metrics.get(name);
    return metric === undefined || metric.isCount ? metric?.sum : Number(metric.last);
  }

  /** Remembers a value; false when there is no room for another name. */
  remember(name: string, value: string, limits: IntakeLimits): boolean {
    let metric = this.#metrics.get(name);
    if (metric === undefined) {
      if (this.#metrics.size >= limits.namesMax || name.length > limits.nameLengthMax) return false;
      metric = { last: value, sum: undefined, isCount: aggregationOf(name) === "sum" };
      this.#metrics.set(name, metric);
    }
    metric.last = value;
    if (!metric.isCount) return true;
    const number = Number(value);
    if (Number.isFinite(number)) metric.sum = (metric.sum ?? 0) + number;
    return true;
  }
}

/** What an intake has taken since its start. */
export interface IntakeFigures {
  readonly records: number;
  readonly metrics: number;
  readonly exceptions: number;
  /** Values that were passed on but not remembered, for want of room. */
  readonly unremembered: number;
}

/** The intake of one metrics manager. */
export class Intake {
  readonly #limits: IntakeLimits;
  readonly #sources = new Map<string, MetricSource>();
  /** The same by what they have in all their lives: of a daemon each life has another port. */
  readonly #byPlace = new Map<string, MetricSource>();
  readonly #figures = { records: 0, metrics: 0, exceptions: 0, unremembered: 0 };

  /** An intake without sources. */
  constructor(limits: Partial<IntakeLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
  }

  /** The sources by id: those that are here and those that have left. */
  get sources(): ReadonlyMap<string, MetricSource> {
    return this.#sources;
  }

  /** What came since the start. */
  get figures(): IntakeFigures {
    return this.#figures;
  }

  /**
   * A source says who it is; one that was here before goes on where it was, also at another port.
   * @throws HeronError `protocol` when there are too many sources
   */
  register(publisher: MetricPublisher): MetricSource {
    const known = this.#sources.get(sourceOf(publisher));
    if (known !== undefined) {
      known.isPresent = true;
      return known;
    }
    const place = placeOf(publisher);
    const before = this.#byPlace.get(place);
    if (before !== undefined) this.#sources.delete(before.id);
    if (this.#sources.size >= this.#limits.sourcesMax) this.#forgetOne();
    const source = new MetricSource(publisher, before);
    this.#sources.set(source.id, source);
    this.#byPlace.set(place, source);
    return source;
  }

  /** A source is no longer connected; what it told is kept while there is room. */
  leave(source: MetricSource): void {
    source.isPresent = false;
  }

  /** A source publishes; returns what sinks get of it. */
  publish(
    source: MetricSource,
    message: Pick<MetricRecord, "metrics" | "exceptions">,
    timestampMs: number,
  ): MetricRecord {
    const figures = this.#figures;
    figures.records++;
    figures.metrics += message.metrics.length;
    figures.exceptions += message.exceptions.length;
    for (const { name, value } of message.metrics) {
      if (!source.remember(name, value, this.#limits)) figures.unremembered++;
    }
    return createRecord(source.id, message, timestampMs);
  }

  /** Forgets the source that was first of those that have left. */
  #forgetOne(): void {
    for (const [id, source] of this.#sources) {
      if (source.isPresent) continue;
      this.#sources.delete(id);
      this.#byPlace.delete(placeOf(source.publisher));
      return;
    }
    throw new HeronError(
      "protocol",
      `Register a metric source: found ${this.#sources.size} of them, expected fewer`,
    );
  }
}

function copyOf([name, metric]: [string, Remembered]): [string, Remembered] {
  return [name, { ...metric }];
}

/** As the topology master knows it. */
function placeOf({ componentName, instanceId }: MetricPublisher): string {
  return `${componentName}/${instanceId}`;
}
