/**
 * What a metrics manager tells the topology master, without sockets: of each source that
 * has published since the last time the values that changed, names as numbers. Counts are told as what
 * they have come to, so a packet that is lost costs nothing; exceptions wait, a few of them.
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ForwardMetricsSchema, SourceMetricsSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { aggregationOf } from "../metrics/mod.ts";
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

/** Limits of a forwarder. */
export interface ForwarderLimits {
  /** Names that are told. @default 4096 */
  readonly namesMax: number;
  /** Exceptions that wait. @default 256 */
  readonly exceptionsMax: number;
  /** Values in one packet, about. @default 20000 */
  readonly valuesMax: number;
}

const DEFAULTS: ForwarderLimits = Object.freeze({
  namesMax: 4096,
  exceptionsMax: 256,
  valuesMax: 20_000,
});

/** A packet for the topology master. */
export type ForwardInit = MessageInitShape<typeof ForwardMetricsSchema>;
type SourceInit = MessageInitShape<typeof SourceMetricsSchema>;

interface News {
  timeMs: number;
  readonly exceptions: ExceptionRecord[];
}

/** What is told to one topology master after the other. */
export class TmForwarder {
  readonly #intake: Intake;
  readonly #limits: ForwarderLimits;
  readonly #news = new Map<string, News>();
  readonly #numbers = new Map<string, number>();
  /** What was told on this connection, by source and number of the name. */
  readonly #told = new Map<string, Map<number, number>>();
  #exceptions = 0;
  #newNames: string[] = [];

  /** Tells what `intake` knows. */
  constructor(intake: Intake, limits: Partial<ForwarderLimits> = {}) {
    this.#intake = intake;
    this.#limits = { ...DEFAULTS, ...limits };
  }

  /** A source has published; the intake has it already. */
  note({ source, timestampMs, exceptions }: MetricRecord): void {
    const news = this.#news.getOrInsertComputed(source, () => ({ timeMs: 0, exceptions: [] }));
    news.timeMs = timestampMs;
    for (const exception of exceptions) {
      if (this.#exceptions >= this.#limits.exceptionsMax) return;
      this.#exceptions++;
      news.exceptions.push(exception);
    }
  }

  /** Another connection: all that is known is news to the other side. */
  restart(nowMs: number): void {
    this.#numbers.clear();
    this.#told.clear();
    this.#newNames = [];
    for (const id of this.#intake.sources.keys()) {
      this.#news.getOrInsertComputed(id, () => ({ timeMs: nowMs, exceptions: [] }));
    }
  }

  /** What is to be told now, in packets of bounded size. */
  take(): ForwardInit[] {
    const packets: ForwardInit[] = [];
    let sources: SourceInit[] = [];
    let values = 0;
    for (const id of this.#told.keys()) if (!this.#intake.sources.has(id)) this.#told.delete(id);
    for (const [id, news] of this.#news) {
      const source = this.#intake.sources.get(id);
      if (source === undefined) continue;
      const told = this.#tell(source, news);
      sources.push(told);
      values += told.values?.length ?? 0;
      if (values < this.#limits.valuesMax) continue;
      packets.push(this.#packet(sources));
      sources = [];
      values = 0;
    }
    if (sources.length > 0) packets.push(this.#packet(sources));
    this.#news.clear();
    this.#exceptions = 0;
    return packets;
  }

  #packet(sources: SourceInit[]): ForwardInit {
    const names = this.#newNames;
    this.#newNames = [];
    return { names, sources };
  }

  #tell(source: MetricSource, { timeMs, exceptions }: News): SourceInit & { values: number[] } {
    const { componentName: component, instanceId: instance } = source.publisher;
    const told = this.#told.getOrInsertComputed(source.id, () => new Map<number, number>());
    const names: number[] = [];
    const values: number[] = [];
    for (const name of source.names) {
      if (!passes(name, component)) continue;
      const number = this.#numberOf(name);
      const value = aggregationOf(name) === "sum" ? source.sum(name) : Number(source.last(name));
      if (number === undefined || value === undefined || !Number.isFinite(value)) continue;
      if (told.get(number) === value) continue;
      told.set(number, value);
      names.push(number);
      values.push(value);
    }
    return { component, instance, timeMs, names, values, exceptions };
  }

  #numberOf(name: string): number | undefined {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    if (number >= this.#limits.namesMax) return undefined;
    this.#numbers.set(name, number);
    this.#newNames.push(name);
    return number;
  }
}

/** Whether the topology master is told the metric: what a daemon calls its own is no user's. */
function passes(name: string, component: string): boolean {
  const isUsers = !name.startsWith("__") && !component.startsWith("__");
  return isUsers || SYSTEM_NAMES.some((prefix) => name.startsWith(prefix));
}
