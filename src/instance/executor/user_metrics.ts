/**
 * The metrics that user code registers: their values are taken once a bucket,
 * between calls of user code, and handed on as text. Driven by the task's turns.
 */

import {
  CombinedMetric,
  globalCounts,
  HeronError,
  type ICombiner,
  type IMetric,
  type IReducer,
  isMetric,
  ReducedMetric,
} from "../../api/mod.ts";
import type { PostedMetric } from "../bridge.ts";

/** The shortest bucket, in seconds. */
const BUCKET_SECONDS_MIN = 0.1;
/** What timers can wait, in seconds. */
const BUCKET_SECONDS_MAX = Math.floor((2 ** 31 - 1) / 1000);
/** Names that begin so are those of heron-bin. */
const OWN_PREFIX = "__";
/** Heron's name and bucket of the counts that need no registration. */
const GLOBAL = { name: "__auto__", bucketSeconds: 60 } as const;

/** The metrics of one bucket size. */
interface Bucket {
  readonly periodMs: number;
  readonly metrics: Map<string, IMetric>;
  /** Undefined: it has not begun. */
  dueAtMs: number | undefined;
}

/** What `registerMetric` takes for a metric. */
export type Registrable = IMetric | IReducer<unknown, unknown, unknown> | ICombiner<unknown>;

/** The metrics of one task. */
export class UserMetrics {
  readonly #publish: (metrics: readonly PostedMetric[]) => void;
  readonly #requestTurn: () => void;
  readonly #buckets = new Map<number, Bucket>();
  readonly #names = new Set<string>();
  #dueAtMs: number | undefined;
  #hasGlobal = false;

  /** None yet. */
  constructor(publish: (metrics: readonly PostedMetric[]) => void, requestTurn: () => void) {
    this.#publish = publish;
    this.#requestTurn = requestTurn;
  }

  /** Registers a metric, or what makes one, and returns it; see `TopologyContext.registerMetric`. */
  register(name: string, given: Registrable, bucketSeconds: number): IMetric {
    const metric = metricOf(name, given);
    if (typeof name !== "string" || name === "" || name.startsWith(OWN_PREFIX)) {
      throw new HeronError(
        "user_code",
        `Register metric "${name}": found a name that is empty or begins with "${OWN_PREFIX}", ` +
          "expected one of its own",
      );
    }
    if (this.#names.has(name)) {
      throw new HeronError(
        "user_code",
        `Register metric "${name}": the task has one of that name, expected another name`,
      );
    }
    if (!(bucketSeconds >= BUCKET_SECONDS_MIN && bucketSeconds <= BUCKET_SECONDS_MAX)) {
      throw new RangeError(
        `Register metric "${name}": found a bucket of "${bucketSeconds}" s, ` +
          `expected at least ${BUCKET_SECONDS_MIN} s and at most ${BUCKET_SECONDS_MAX} s`,
      );
    }
    this.#add(name, metric, bucketSeconds);
    // The turn that follows says when the bucket ends.
    this.#requestTurn();
    return metric;
  }

  #add(name: string, metric: IMetric, bucketSeconds: number): void {
    const periodMs = bucketSeconds * 1000;
    const bucket = this.#buckets.getOrInsertComputed(periodMs, () => ({
      periodMs,
      metrics: new Map<string, IMetric>(),
      dueAtMs: undefined,
    }));
    bucket.metrics.set(name, metric);
    this.#names.add(name);
    if (bucket.dueAtMs === undefined) this.#dueAtMs = 0;
  }

  /** Publishes what is due; returns when to come again. @throws what a metric throws */
  tend(nowMs: number): number | undefined {
    if (!this.#hasGlobal) this.#addGlobal();
    if (this.#dueAtMs === undefined || nowMs < this.#dueAtMs) return this.#dueAtMs;
    let nextMs = Infinity;
    for (const bucket of this.#buckets.values()) {
      bucket.dueAtMs ??= nowMs + bucket.periodMs;
      if (nowMs >= bucket.dueAtMs) {
        this.#take([bucket]);
        // Buckets that were missed while user code ran are one.
        const missed = Math.floor((nowMs - bucket.dueAtMs) / bucket.periodMs);
        bucket.dueAtMs += (missed + 1) * bucket.periodMs;
      }
      nextMs = Math.min(nextMs, bucket.dueAtMs);
    }
    this.#dueAtMs = nextMs;
    return nextMs;
  }

  /** Publishes the values of the buckets under way: the task ends. @throws what a metric throws */
  end(): void {
    if (!this.#hasGlobal) this.#addGlobal();
    this.#take([...this.#buckets.values()]);
  }

  #addGlobal(): void {
    const counts = globalCounts();
    if (counts === undefined) return;
    this.#hasGlobal = true;
    this.#add(GLOBAL.name, counts, GLOBAL.bucketSeconds);
  }

  #take(buckets: readonly Bucket[]): void {
    const values: PostedMetric[] = [];
    for (const { metrics } of buckets) {
      for (const [name, metric] of metrics) addValues(values, name, metric.getValueAndReset());
    }
    if (values.length === 0) return;
    // Heron's, in each batch of user metrics.
    values.push({ name: "__collector-collection-count", value: "1" });
    this.#publish(values);
  }
}

function metricOf(name: string, given: unknown): IMetric {
  if (isMetric(given)) return given;
  if (isReducer(given)) return new ReducedMetric(given);
  if (isCombiner(given)) return new CombinedMetric(given);
  throw new TypeError(
    `Register metric "${name}": found ${given === null ? "null" : typeof given}, ` +
      "expected a metric with getValueAndReset, a reducer or a combiner",
  );
}

// Told apart by a method that Heron's interfaces have.
function isReducer(given: unknown): given is IReducer<unknown, unknown, unknown> {
  return typeof given === "object" && given !== null && "extractResult" in given;
}

function isCombiner(given: unknown): given is ICombiner<unknown> {
  return typeof given === "object" && given !== null && "combine" in given;
}

/** Adds what a value is published as. */
function addValues(values: PostedMetric[], name: string, value: unknown): void {
  if (value === null || value === undefined) return;
  if (typeof value !== "object") {
    values.push({ name, value: String(value) });
    return;
  }
  const entries = value instanceof Map
    ? value
    : value instanceof Set
    ? [...value].entries()
    : Object.entries(value);
  for (const [key, part] of entries) {
    if (part === null || part === undefined) continue;
    values.push({ name: `${name}/${key}`, value: textOf(part) });
  }
}

function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
