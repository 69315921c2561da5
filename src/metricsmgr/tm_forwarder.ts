/**
 * What a metrics manager tells the topology master, without sockets: of each source that
 * has published since the last time the values that changed, names as numbers. Counts are told as what
 * they have come to, so a packet that is lost costs nothing; exceptions wait, a few of them.
 */

import type { Clock } from "../base/mod.ts";
import { type ForwardInit, ForwardPackets } from "./forward_packets.ts";
import type { Intake, MetricSource } from "./intake.ts";
import type { ExceptionRecord, MetricRecord } from "./metric_record.ts";

/** Names of the system that pass; those of users all pass. They are those of Heron's sink for the topology master. */
const SYSTEM_NAMES: readonly string[] = Object.freeze([
  "__emit-count",
  "__execute-count",
  "__execute-time-ns",
  "__ack-count",
  "__fail-count",
  "__timeout-count",
  "__dropped-count",
  "__execute-latency",
  "__process-latency",
  "__complete-latency",
  "__fail-latency",
  "__pending-acked-count",
  "__executor-in-stream-queue-bytes",
  "__credit-",
  "__time-spent-back-pressure",
  "__time_spent_back_pressure_by_compid",
  "__server/__time_spent_back_pressure",
  "__process/",
  "__jvm-uptime-secs",
  "__jvm-process-cpu-load",
  "__jvm-memory-used-mb",
  "__jvm-memory-mb-total",
  "__jvm-memory-heap-mb-used",
]);

/** A slow task is told of; all others, one name each, are not. */
const SLOW_TASK_PREFIX = "__time_spent_back_pressure_by_compid/";

/** Limits of a forwarder. */
export interface ForwarderLimits {
  /** Names that are told, those of the system included. @default 4096 */
  readonly namesMax: number;
  /** Of these, names of users. @default 3072 */
  readonly userNamesMax: number;
  /** Of these, names of users of one component. @default 1024 */
  readonly componentNamesMax: number;
  /** Exceptions that wait. @default 256 */
  readonly exceptionsMax: number;
  /** Longest packet, in bytes. @default 256 KiB */
  readonly bytesMax: number;
}

const DEFAULTS: ForwarderLimits = Object.freeze({
  namesMax: 4096,
  userNamesMax: 3072,
  componentNamesMax: 1024,
  exceptionsMax: 256,
  bytesMax: 256 * 1024,
});

/** What was told of a metric of a source: the number of its name, and its value. */
interface Told {
  readonly number: number;
  value: number;
}

/** A metric of a source that was not told before. */
interface First {
  readonly source: MetricSource;
  readonly name: string;
  readonly value: number | undefined;
}

/** A metric that the topology master is not told. */
const NOT_TOLD: Told = Object.freeze({ number: -1, value: NaN });

/** What is told to one topology master after the other. */
export class TmForwarder {
  readonly #intake: Intake;
  readonly #clock: Clock;
  readonly #limits: ForwarderLimits;
  /** Exceptions to be told, by the source that has published. */
  readonly #news = new Map<string, ExceptionRecord[]>();
  /** When a source has published last. */
  readonly #heardMs = new Map<string, number>();
  readonly #numbers = new Map<string, number>();
  /** Names of users that are told, by component. */
  readonly #userNames = new Map<string, number>();
  /** What was told on this connection, by source and name. */
  readonly #told = new Map<string, Map<string, Told>>();
  #exceptions = 0;
  #leftOut = 0;

  /** Tells what `intake` knows, dated by `clock`. */
  constructor(intake: Intake, clock: Clock, limits: Partial<ForwarderLimits> = {}) {
    this.#intake = intake;
    this.#clock = clock;
    const complete = { ...DEFAULTS, ...limits };
    this.#limits = { ...complete, bytesMax: Math.min(complete.bytesMax, DEFAULTS.bytesMax) };
  }

  /** Values and exceptions that were not told, for want of room. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** A source has published; the intake has it already. */
  note({ source, exceptions }: MetricRecord): void {
    const news = this.#news.getOrInsertComputed(source, () => []);
    this.#heardMs.set(source, this.#clock.nowMs());
    const room = Math.max(0, this.#limits.exceptionsMax - this.#exceptions);
    const kept = exceptions.slice(0, room);
    this.#exceptions += kept.length;
    this.#leftOut += exceptions.length - kept.length;
    news.push(...kept);
  }

  /** Another connection: all that is known is news to the other side. */
  restart(): void {
    this.#numbers.clear();
    this.#userNames.clear();
    this.#told.clear();
    for (const id of this.#intake.sources.keys()) this.#news.getOrInsertComputed(id, () => []);
  }

  /** What is to be told now, in packets of bounded size. */
  take(): ForwardInit[] {
    for (const known of [this.#told, this.#heardMs]) {
      for (const id of known.keys()) if (!this.#intake.sources.has(id)) known.delete(id);
    }
    const nowMs = this.#clock.nowMs();
    const packets = new ForwardPackets(this.#limits.bytesMax, nowMs);
    for (const [id, exceptions] of this.#news) {
      const source = this.#intake.sources.get(id);
      if (source === undefined) continue;
      const { componentName: component, instanceId: instance } = source.publisher;
      const timeMs = this.#heardMs.get(id) ?? nowMs;
      if (!packets.begin({ component, instance, timeMs })) {
        this.#leftOut += source.size + exceptions.length;
        continue;
      }
      this.#tellValues(source, packets);
      for (const exception of exceptions) packets.exception(exception);
    }
    this.#news.clear();
    this.#exceptions = 0;
    return packets.take();
  }

  #tellValues(source: MetricSource, packets: ForwardPackets): void {
    const allTold = this.#told.getOrInsertComputed(source.id, () => new Map<string, Told>());
    for (const name of source.names) {
      const told = allTold.get(name);
      if (told === NOT_TOLD) continue;
      const value = source.state(name);
      if (told === undefined) this.#tellFirst({ source, name, value }, allTold, packets);
      else if (value !== undefined && value !== told.value && Number.isFinite(value)) {
        told.value = value;
        packets.value(told.number, value);
      }
    }
  }

  /** Tells a value that was not told on this connection. */
  #tellFirst(
    { source, name, value }: First,
    allTold: Map<string, Told>,
    packets: ForwardPackets,
  ): void {
    const { componentName } = source.publisher;
    if (!passes(name, componentName)) return void allTold.set(name, NOT_TOLD);
    if (value === undefined || !Number.isFinite(value)) return;
    const known = this.#numbers.get(name);
    if (known === undefined && value === 0 && name.startsWith(SLOW_TASK_PREFIX)) return;
    const number = known ?? this.#newNumber(name, componentName);
    if (number === undefined) {
      this.#leftOut++;
      return;
    }
    allTold.set(name, { number, value });
    packets.value(number, value, known === undefined ? name : undefined);
  }

  /** The number of a name that is told for the first time; those of users leave room for the system's. */
  #newNumber(name: string, component: string): number | undefined {
    const { namesMax, userNamesMax, componentNamesMax } = this.#limits;
    const number = this.#numbers.size;
    if (number >= namesMax) return undefined;
    if (isUsers(name, component)) {
      const own = this.#userNames.get(component) ?? 0;
      const all = this.#userNames.values().reduce((sum, count) => sum + count, 0);
      if (own >= componentNamesMax || all >= userNamesMax) return undefined;
      this.#userNames.set(component, own + 1);
    }
    this.#numbers.set(name, number);
    return number;
  }
}

/** Whether the topology master is told the metric: what a daemon calls its own is no user's. */
function passes(name: string, component: string): boolean {
  return isUsers(name, component) || SYSTEM_NAMES.some((prefix) => name.startsWith(prefix));
}

function isUsers(name: string, component: string): boolean {
  return !name.startsWith("__") && !component.startsWith("__");
}
