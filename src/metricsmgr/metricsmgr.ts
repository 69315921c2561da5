/**
 * A metrics manager without its process: takes the metrics of one container in
 * and passes them, and its own, to its sinks. Life line and signals are the
 * role's part.
 */

import { hostname } from "node:os";
import { create } from "@bufbuild/protobuf";
import { type MetricPublisher, MetricPublisherSchema } from "../base/gen/heron/metrics_pb.ts";
import { type Clock, type Logger, sleep, type Timer } from "../base/mod.ts";
import type { Server, WireOptions } from "../base/wire/mod.ts";
import {
  EXPORT_INTERVALS_MAX,
  MetricRegistry,
  metricsmgrSocket,
  type NamedValue,
  registerProcessMetrics,
} from "../metrics/mod.ts";
import { Intake } from "./intake.ts";
import type { MetricRecord } from "./metric_record.ts";
import { listenForMetrics } from "./metrics_server.ts";
import { SinkRunner } from "./sink_runner.ts";
import type { Sink, SinkSettings } from "./sinks/sink.ts";

/** A sink as a metrics manager is told to have it. */
export interface ConfiguredSink {
  /** Its name in logs and metrics. */
  readonly id: string;
  readonly settings: SinkSettings;
  /** Beginnings of the names that pass. @default all pass */
  readonly prefixes?: readonly string[];
  /** Heron's `flush-frequency-ms`. */
  readonly flushMs: number;
  /** About how many bytes of records may wait for it. */
  readonly queueBytesMax: number;
}

/** Opens the sink that settings describe. */
export type OpenSink = (settings: SinkSettings) => Promise<Sink>;

/** What a metrics manager is made of. */
export interface MetricsmgrOptions
  extends Pick<WireOptions, "topologyId" | "secret" | "limits" | "self"> {
  /** `metricsmgr-N`. */
  readonly id: string;
  /** The run's folder, where its socket is. */
  readonly folder: string;
  readonly sinks: readonly ConfiguredSink[];
  readonly openSink: OpenSink;
  /** Where what comes is remembered. @default one of its own */
  readonly intake?: Intake;
  /** Told of each record that was taken in. @default nobody */
  onRecord?(record: MetricRecord): void;
  /** Counts that it tells of besides its own. @default none */
  moreTotals?(): Iterable<NamedValue>;
  /** How often it exports its own metrics, in milliseconds. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A running metrics manager. */
export interface Metricsmgr {
  readonly intake: Intake;
  /**
   * Waits for the last words of those who publish, `graceMs` at most, then writes and flushes
   * all, for as long again at most. Idempotent.
   */
  close(graceMs: number): Promise<void>;
}

/**
 * How long a record waits for those of other processes on its way to a sink, in milliseconds: a write a second
 * in place of one for each process of the container. A metrics manager that is killed loses no more.
 */
const GATHER_MS = 1000;
/** How often it looks whether all have left, in milliseconds. */
const LEAVING_POLL_MS = 5;
/** Of its own exports so many are left out while nobody else exports, then one is made. */
const LEFT_OUT_MAX = EXPORT_INTERVALS_MAX - 1;

/**
 * Starts a metrics manager; it listens when this resolves.
 * @throws HeronError when a sink cannot be opened, or the socket is taken
 */
export async function startMetricsmgr(options: MetricsmgrOptions): Promise<Metricsmgr> {
  const { clock, logger, openSink } = options;
  const runners: SinkRunner[] = [];
  for (const configured of options.sinks) {
    const sink = await openSink(configured.settings);
    runners.push(new SinkRunner({ ...configured, gatherMs: GATHER_MS, sink, clock, logger }));
  }
  const manager = new RunningMetricsmgr(options, runners);
  await manager.start();
  return manager;
}

class RunningMetricsmgr implements Metricsmgr {
  readonly intake: Intake;
  readonly #options: MetricsmgrOptions;
  readonly #runners: readonly SinkRunner[];
  readonly #registry: MetricRegistry;
  readonly #self: MetricPublisher;
  #server: Server | undefined;
  #timer: Timer | undefined;
  #closed: Promise<void> | undefined;
  /** Records taken in up to its own last one. */
  #recordsTold = -1;
  #leftOut = 0;

  constructor(options: MetricsmgrOptions, runners: readonly SinkRunner[]) {
    this.intake = options.intake ?? new Intake();
    this.#options = options;
    this.#runners = runners;
    this.#registry = new MetricRegistry(options.clock);
    this.#self = create(MetricPublisherSchema, {
      hostname: hostname(),
      port: 0,
      componentName: "__metricsmgr__",
      instanceId: options.id,
      instanceIndex: -1,
    });
    registerProcessMetrics(this.#registry, options.clock);
    this.#registry.totals(() => [...this.#totals()]);
    this.#registry.gauges(() => [...this.#gauges()]);
  }

  async start(): Promise<void> {
    const { folder, id, clock, intervalMs } = this.#options;
    this.#server = await listenForMetrics({
      ...this.#options,
      address: { unix: metricsmgrSocket(folder, id) },
      intake: this.intake,
      onRecord: (record) => this.#pass(record),
    });
    this.#timer = clock.every(intervalMs, () => this.#publishNews());
  }

  close(graceMs: number): Promise<void> {
    return this.#closed ??= this.#end(graceMs);
  }

  async #end(graceMs: number): Promise<void> {
    const { clock, logger } = this.#options;
    await this.#othersLeft(graceMs);
    this.#timer?.cancel();
    this.#publishOwn();
    const done = Promise.all([this.#server?.close(), ...this.#runners.map((one) => one.close())]);
    const isDone = await Promise.race([
      done.then(() => true),
      sleep(clock, graceMs).then(() => false),
    ]);
    const fields = { ...this.intake.figures, sources: this.intake.sources.size };
    if (isDone) logger.info("metrics flushed", fields);
    else logger.warn("metrics not flushed in time", { ...fields, graceMs });
  }

  /** Those who are asked to end at the same time publish once more before they go. */
  async #othersLeft(graceMs: number): Promise<void> {
    const { clock } = this.#options;
    const endMs = clock.nowMs() + graceMs;
    while ((this.#server?.connections.size ?? 0) > 0 && clock.nowMs() < endMs) {
      await sleep(clock, LEAVING_POLL_MS);
    }
  }

  #pass(record: MetricRecord): void {
    for (const runner of this.#runners) runner.offer(record);
    this.#options.onRecord?.(record);
  }

  /** Its own metrics, which count its own records too: those alone are no reason for another. */
  #publishNews(): void {
    const { records } = this.intake.figures;
    if (records === this.#recordsTold && this.#leftOut < LEFT_OUT_MAX) this.#leftOut++;
    else this.#publishOwn();
  }

  #publishOwn(): void {
    const own = this.intake.register(this.#self);
    const message = { metrics: this.#registry.collect(), exceptions: [] };
    this.#pass(this.intake.publish(own, message, this.#options.clock.wallMs()));
    this.#recordsTold = this.intake.figures.records;
    this.#leftOut = 0;
  }

  *#totals(): Iterable<NamedValue> {
    const { records, metrics, exceptions, unremembered } = this.intake.figures;
    yield ["__metricsmgr__/received-records-count", records];
    yield ["__metricsmgr__/received-metrics-count", metrics];
    yield ["__metricsmgr__/received-exceptions-count", exceptions];
    yield ["__metricsmgr__/unremembered-metrics-count", unremembered];
    for (const runner of this.#runners) yield* runner.totals();
    yield* this.#options.moreTotals?.() ?? [];
  }

  *#gauges(): Iterable<NamedValue> {
    yield ["__metricsmgr__/sources", this.intake.sources.size];
    yield ["__metricsmgr__/connections", this.#server?.connections.size ?? 0];
    for (const [index, runner] of this.#runners.entries()) {
      yield [`${this.#options.sinks[index]?.id}/queue-bytes`, runner.queueBytes];
    }
  }
}
