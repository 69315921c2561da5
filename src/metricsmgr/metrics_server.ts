/**
 * Where the processes of a container hand in their metrics: a unix socket,
 * an intake behind it. A process speaks for itself alone, and says who it is
 * before it publishes.
 */

import { type Packet, PacketSchema, Role } from "../base/gen/heron_bin/packet_pb.ts";
import { HeronError } from "../base/mod.ts";
import { type Connection, listen, type ListenOptions, type Server } from "../base/wire/mod.ts";
import type { Intake, MetricSource } from "./intake.ts";
import { METRICS_LIMITS } from "../metrics/mod.ts";
import { MetricBodies } from "./metric_body.ts";
import type { MetricRecord } from "./metric_record.ts";

/** Options of the server: its own and those of the wire. */
export interface MetricsServerOptions extends Omit<ListenOptions, "accept" | "handlers"> {
  readonly intake: Intake;
  /** Takes each record that came. */
  onRecord(record: MetricRecord): void;
}

const PUBLISH = PacketSchema.field.publishMetrics.number;
/** Who may publish. */
const PUBLISHERS: readonly Role[] = [Role.INSTANCE, Role.STMGR, Role.TM, Role.CONTAINER];
/** Heron's instance id of the topology master, whatever it is called on the wire. */
const TM_INSTANCE_ID = "0";

/**
 * Starts to listen for metrics.
 * @throws HeronError `unavailable` when it cannot
 */
export async function listenForMetrics(options: MetricsServerOptions): Promise<Server> {
  const reception = new Reception(options);
  const server = await listen({
    ...options,
    limits: { ...options.limits, ...METRICS_LIMITS },
    rawBodies: [PUBLISH],
    accept: (hello) =>
      PUBLISHERS.includes(hello.from?.role ?? Role.UNSPECIFIED)
        ? server.supersede(hello)
        : `"${hello.from?.id}" is none of those that publish metrics`,
    handlers: {
      onOpen: () => {},
      onRaw: (connection, _body, bytes, _frameStart, start, end) =>
        reception.publish(connection, bytes.subarray(start, end)),
      onPacket: (connection, packet) => reception.take(connection, packet),
      onClose: (connection) => reception.leave(connection),
    },
  });
  return server;
}

/** Who publishes on a connection, and what reads it. */
interface Publisher {
  readonly source: MetricSource;
  readonly bodies: MetricBodies;
}

class Reception {
  readonly #options: MetricsServerOptions;
  readonly #publishers = new Map<Connection, Publisher>();

  constructor(options: MetricsServerOptions) {
    this.#options = options;
  }

  take(connection: Connection, packet: Packet): void {
    const { body } = packet;
    switch (body.case) {
      case "registerMetricSource":
        this.#register(connection, body.value.publisher);
        break;
      default:
        throw new HeronError(
          "protocol",
          `Read a packet of "${connection.peer.id}": found "${body.case}", expected a registration`,
        );
    }
    connection.respond(packet.requestId, { case: "acknowledged", value: {} });
  }

  publish(connection: Connection, body: Uint8Array): void {
    const publisher = this.#publishers.get(connection);
    if (publisher === undefined) {
      throw new HeronError(
        "protocol",
        `Take metrics of "${connection.peer.id}": found no registration, expected one first`,
      );
    }
    const { intake, clock, onRecord } = this.#options;
    const { source, bodies } = publisher;
    onRecord.call(this.#options, intake.publish(source, bodies.read(body), clock.wallMs()));
  }

  leave(connection: Connection): void {
    const publisher = this.#publishers.get(connection);
    this.#publishers.delete(connection);
    if (publisher !== undefined) this.#options.intake.leave(publisher.source);
  }

  #register(
    connection: Connection,
    publisher: Parameters<Intake["register"]>[0] | undefined,
  ): void {
    const { peer } = connection;
    const expected = peer.role === Role.TM ? TM_INSTANCE_ID : peer.id;
    if (publisher === undefined || publisher.instanceId !== expected) {
      throw new HeronError(
        "protocol",
        `Register a metric source: found "${publisher?.instanceId}", expected "${expected}"`,
      );
    }
    const source = this.#options.intake.register(publisher);
    this.#publishers.set(connection, { source, bodies: new MetricBodies() });
  }
}
