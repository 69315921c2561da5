/**
 * Where metrics managers hand in the metrics of a topology and readers ask for
 * them. Each party may say what is its own to say, and nothing else.
 */

import { type Packet, Role } from "../base/gen/heron_bin/packet_pb.ts";
import { type Clock, HeronError } from "../base/mod.ts";
import type { Connection } from "../base/wire/mod.ts";
import { boundAnswer } from "./answer_bounds.ts";
import { MetricsCache, WireNames } from "./metrics_cache.ts";
import { answerMetrics } from "./metrics_query.ts";

/** What the desk needs of a connection. */
export type DeskConnection = Pick<Connection, "peer" | "respond">;

/** What a desk is set up with. */
export interface MetricsDeskOptions {
  readonly clock: Clock;
  /** Time between two exports of a process, in milliseconds: `metrics.export.interval.ms`. */
  readonly exportMs: number;
  /** Longest packet, in bytes: `net.frame.bytes`. */
  readonly frameBytesMax: number;
  /** Where metrics are kept. @default one of its own */
  readonly cache?: MetricsCache;
}

/** Longest answer in bytes, where packets may be longer: readers need not take those. */
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;

/** The metrics of a topology, and who hands them in or reads them. */
export class MetricsDesk {
  readonly #options: MetricsDeskOptions;
  readonly #cache: MetricsCache;
  readonly #names = new Map<DeskConnection, WireNames>();
  readonly #readers = new Set<DeskConnection>();

  /** Nobody has come. */
  constructor(options: MetricsDeskOptions) {
    this.#options = options;
    this.#cache = options.cache ?? new MetricsCache();
  }

  /** Those who read now. */
  get readers(): number {
    return this.#readers.size;
  }

  /** Values let go for want of room. */
  get dropped(): number {
    return this.#cache.dropped;
  }

  /** A connection is open. */
  opened(connection: DeskConnection): void {
    if (connection.peer.role === Role.CLI) this.#readers.add(connection);
    if (connection.peer.role === Role.METRICSMGR) {
      this.#names.set(connection, new WireNames(containerOf(connection)));
    }
  }

  /** It has ended. */
  closed(connection: DeskConnection): void {
    this.#readers.delete(connection);
    this.#names.delete(connection);
  }

  /**
   * Takes what a metrics manager or a reader says.
   * @throws HeronError `protocol` for what is not theirs to say
   */
  take(connection: DeskConnection, { requestId, body }: Packet): void {
    const { clock, exportMs, frameBytesMax } = this.#options;
    const names = this.#names.get(connection);
    if (body.case === "forwardMetrics" && names !== undefined) {
      return this.#cache.take(names, body.value, clock.nowMs());
    }
    if (body.case === "metricsRequest" && this.#readers.has(connection)) {
      const answer = answerMetrics(this.#cache, body.value, { nowMs: clock.nowMs(), exportMs });
      const value = boundAnswer(answer, Math.min(frameBytesMax, ANSWER_BYTES_MAX));
      return connection.respond(requestId, { case: "metricsAnswer", value });
    }
    throw new HeronError(
      "protocol",
      `Read a packet of "${connection.peer.id}": found "${body.case}", expected metrics or a request for them`,
    );
  }
}

/** "metricsmgr-3" is that of container 3. */
function containerOf({ peer }: DeskConnection): number {
  return Number(peer.id.slice(peer.id.lastIndexOf("-") + 1));
}
