/**
 * Hands the metrics of a process to its container's metrics manager: says who
 * it is once a connection, then all values once an interval; while they stay the same, each tenth
 * time. While there is no connection nothing is exported, so counts wait in the registry.
 */

import { Role } from "../base/gen/heron_bin/packet_pb.ts";
import { HeronError, silentLogger, sleep } from "../base/mod.ts";
import {
  type Connection,
  keepConnected,
  type KeepConnectedOptions,
  type ManagedClient,
  type PacketInit,
} from "../base/wire/mod.ts";
import type { ExceptionLog, ExceptionValue } from "./exception_log.ts";
import type { MetricRegistry, MetricValue } from "./metric_registry.ts";
import { MetricFrames } from "./metric_frame.ts";
import { cutPublication } from "./publication.ts";
import { METRICS_LIMITS, metricsmgrSocket } from "./metricsmgr_socket.ts";

/** Whose metrics they are, in Heron's terms. */
export interface PublisherIdentity {
  readonly hostname: string;
  /** Instances: the task id; daemons: the port they listen on. */
  readonly port: number;
  /** `__stmgr__`, `__tmanager__`, or the name of a component. */
  readonly componentName: string;
  /** The id of the process on its connections. */
  readonly instanceId: string;
  /** Daemons: -1. */
  readonly instanceIndex: number;
}

/** What of a connection is the publisher's own business. */
type PublisherSide = "address" | "to" | "handlers" | "onFailure" | "rawBodies" | "table" | "signal";

/** Options of a publisher: its own and those of its connection. */
export interface MetricPublisherOptions extends Omit<KeepConnectedOptions, PublisherSide> {
  readonly registry: MetricRegistry;
  /** Exceptions that go with the next export. @default there are none */
  readonly exceptions?: ExceptionLog | undefined;
  readonly publisher: PublisherIdentity;
  /** Time between two exports, in milliseconds: `metrics.export.interval.ms`. */
  readonly intervalMs: number;
  /** The run's folder, where the metrics manager's socket is. */
  readonly folder: string;
  /** The id of the container's metrics manager. */
  readonly metricsmgrId: string;
}

/** What a publisher has sent since its start. */
export interface PublishedFigures {
  readonly packets: number;
  /** About, and not less. */
  readonly bytes: number;
  readonly metrics: number;
  readonly exceptions: number;
}

/** A running publisher. */
export interface MetricPublisher {
  /** What it has sent. */
  readonly sent: PublishedFigures;
  /**
   * Hands on values that are not the registry's, as a record of their own; while there is no
   * connection they wait, and of too many the oldest are left out.
   */
  publish(metrics: readonly MetricValue[]): void;
  /**
   * Exports once more and waits until the metrics manager has it; 500 ms at most, and as long
   * before for one that is not there yet. For the end of a process.
   */
  flush(): Promise<void>;
  /** Stops exporting and closes the connection. Idempotent. */
  close(): void;
}

/** How long `flush` waits for the metrics manager, in milliseconds. */
const FLUSH_MS_MAX = 500;
/** Time between its attempts to reach one that is not there, in milliseconds. */
const FLUSH_RETRY_MS = 50;
/** Bytes queued on the connection past which an export waits for the next interval. */
const QUEUED_BYTES_MAX = 1024 * 1024;
/** Longest frame of metrics alone, in bytes. */
const AT_ONCE_BYTES_MAX = 64 * 1024;
/** Records of others that wait for a connection. */
const WAITING_MAX = 1024;
/** Export intervals that may pass between two exports: those that would say nothing new are left out. */
export const EXPORT_INTERVALS_MAX = 10;
const LEFT_OUT_MAX = EXPORT_INTERVALS_MAX - 1;

/** Starts to publish. */
export function startMetricPublisher(options: MetricPublisherOptions): MetricPublisher {
  return new Publisher(options);
}

class Publisher implements MetricPublisher {
  readonly #options: MetricPublisherOptions;
  readonly #client: ManagedClient;
  readonly #timer: { cancel(): void };
  /** Exports left out since the last one that was made. */
  #leftOut = LEFT_OUT_MAX;
  readonly #waiting: (readonly MetricValue[])[] = [];
  readonly #frames = new MetricFrames();
  readonly sent = { packets: 0, bytes: 0, metrics: 0, exceptions: 0 };

  constructor(options: MetricPublisherOptions) {
    this.#options = options;
    const { folder, metricsmgrId, clock, intervalMs } = options;
    const logger = options.logger ?? silentLogger;
    this.#client = keepConnected({
      ...options,
      limits: { ...options.limits, ...METRICS_LIMITS },
      address: () => ({ unix: metricsmgrSocket(folder, metricsmgrId) }),
      to: { role: Role.METRICSMGR, id: metricsmgrId },
      onFailure: (error, attempts) => logger.debug("metricsmgr not reached", { error, attempts }),
      handlers: {
        onOpen: (connection) => {
          connection.send(this.#registration());
          // One that has just started knows no values.
          this.#leftOut = LEFT_OUT_MAX;
          this.#sendWaiting();
        },
        onPacket: (connection) => connection.close("The metrics manager has nothing to say"),
        onClose: (_connection, reason) => logger.info("metricsmgr disconnected", { reason }),
      },
    });
    this.#timer = clock.every(intervalMs, () => this.#export());
  }

  publish(metrics: readonly MetricValue[]): void {
    this.#waiting.push(metrics);
    if (this.#waiting.length > WAITING_MAX) {
      this.#waiting.shift();
      this.#options.logger?.warn("metrics left out: the metrics manager does not take them");
    }
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    const connection = this.#client.connection;
    while (connection !== undefined && !isBehind(connection)) {
      const metrics = this.#waiting.shift();
      if (metrics === undefined) return;
      for (const packet of this.#packetsOf(metrics)) connection.send(packet);
    }
  }

  /** Packets that are sent at once: one, unless that is too long. */
  #packetsOf(
    metrics: readonly MetricValue[],
    exceptions: readonly ExceptionValue[] = [],
  ): PacketInit[] {
    const { limits, logger } = this.#options;
    const { parts, leftOut } = cutPublication({ metrics, exceptions }, limits?.frameBytesMax);
    if (leftOut > 0) logger?.warn("metrics left out: their names are too long", { leftOut });
    const { sent } = this;
    return parts.map(({ bytes, ...value }) => {
      sent.packets++;
      sent.bytes += bytes;
      sent.metrics += value.metrics.length;
      sent.exceptions += value.exceptions.length;
      return { body: { case: "publishMetrics", value } };
    });
  }

  async flush(): Promise<void> {
    const connection = await this.#reached();
    if (connection === undefined) return;
    this.#sendWaiting();
    const { registry, exceptions } = this.#options;
    try {
      for (const packet of this.#packetsOf(registry.collect(), exceptions?.take())) {
        connection.send(packet);
      }
      // To say who it is once more changes nothing, and is answered when all before it was taken.
      await connection.request(this.#registration(), FLUSH_MS_MAX);
    } catch (thrown) {
      this.#options.logger?.warn("last metrics lost", { error: HeronError.from(thrown) });
    }
  }

  async #reached(): Promise<Connection | undefined> {
    const { clock } = this.#options;
    const endMs = clock.nowMs() + FLUSH_MS_MAX;
    while (this.#client.connection === undefined && clock.nowMs() < endMs) {
      this.#client.retryNow();
      await sleep(clock, FLUSH_RETRY_MS);
    }
    return this.#client.connection;
  }

  close(): void {
    this.#timer.cancel();
    this.#client.close("The process stops publishing");
  }

  #export(): void {
    const connection = this.#client.connection;
    if (connection === undefined || isBehind(connection)) return;
    this.#sendWaiting();
    const { registry, exceptions } = this.#options;
    const isDue = this.#leftOut >= LEFT_OUT_MAX || exceptions?.isEmpty === false;
    const metrics = isDue ? registry.collect() : registry.collectNews();
    if (metrics === undefined) this.#leftOut++;
    else {
      this.#leftOut = 0;
      const thrown = exceptions?.take() ?? [];
      if (thrown.length === 0 && this.#sendAtOnce(connection, metrics)) return;
      for (const packet of this.#packetsOf(metrics, thrown)) connection.send(packet);
    }
  }

  /** The usual case; false: they are too long for that. */
  #sendAtOnce(connection: Connection, metrics: readonly MetricValue[]): boolean {
    const frame = this.#frames.frameOf(metrics);
    const bytesMax = this.#options.limits?.frameBytesMax ?? Infinity;
    if (frame.length > Math.min(bytesMax, AT_ONCE_BYTES_MAX)) return false;
    this.sent.packets++;
    this.sent.bytes += frame.length;
    this.sent.metrics += metrics.length;
    connection.sendFrame(frame, 0, frame.length);
    return true;
  }

  #registration(): PacketInit {
    const { publisher } = this.#options;
    return { body: { case: "registerMetricSource", value: { publisher } } };
  }
}

/** The metrics manager does not keep up: counts add up here instead of packets. */
function isBehind(connection: Connection): boolean {
  return connection.queuedBytes > QUEUED_BYTES_MAX;
}
