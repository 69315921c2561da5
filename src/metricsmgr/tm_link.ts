/**
 * A metrics manager's connection to the topology master: finds it in the state
 * store, keeps a connection, and tells once an interval what there is to tell.
 */

import type { SystemConfig } from "../base/config/mod.ts";
import { Role } from "../base/gen/heron_bin/packet_pb.ts";
import type { Clock, Logger, Random, Timer } from "../base/mod.ts";
import {
  type Connection,
  keepConnected,
  type ManagedClient,
  type TcpAddress,
  type WireOptions,
} from "../base/wire/mod.ts";
import { backoffOf } from "../plan/mod.ts";
import { type StateManager, watchTmanager } from "../state/mod.ts";
import type { TmForwarder } from "./tm_forwarder.ts";

/** What a link to the topology master is made of. */
export interface TmLinkOptions {
  readonly forwarder: TmForwarder;
  readonly state: StateManager;
  readonly topologyName: string;
  readonly wire: Omit<WireOptions, "handlers">;
  readonly config: SystemConfig;
  /** Time between two packets, in milliseconds. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Bytes queued on the connection past which news waits for the next interval. */
const QUEUED_BYTES_MAX = 1024 * 1024;

/** The kept connection to the topology master. */
export class TmLink {
  readonly #options: TmLinkOptions;
  #address: TcpAddress | undefined;
  #client: ManagedClient | undefined;
  #timer: Timer | undefined;

  /** Nothing is connected before `start`. */
  constructor(options: TmLinkOptions) {
    this.#options = options;
  }

  /** Watches for the topology master and keeps a connection to it. */
  async start(): Promise<void> {
    const { state, topologyName, wire, config, clock, random, logger } = this.#options;
    const { topologyId } = wire;
    await watchTmanager(state, { topologyName, topologyId }, (address) => {
      this.#address = address;
    });
    this.#client = keepConnected({
      ...wire,
      address: () => this.#address,
      to: { role: Role.TM, id: "tm" },
      random,
      backoff: backoffOf(config),
      onFailure: (error, attempts) => logger.debug("tm not reached", { error, attempts }),
      handlers: {
        onOpen: () => this.#options.forwarder.restart(),
        onPacket: (connection) => connection.close("The topology master has nothing to say"),
        onClose: (_connection, reason) => logger.info("tm disconnected", { reason }),
      },
    });
    this.#timer = clock.every(this.#options.intervalMs, () => this.tell());
  }

  /** Tells what there is to tell, unless the topology master does not keep up. */
  tell(): void {
    const connection = this.#client?.connection;
    if (connection === undefined || isBehind(connection)) return;
    for (const value of this.#options.forwarder.take()) {
      connection.send({ body: { case: "forwardMetrics", value } });
    }
  }

  /** Tells for the last time and closes the connection. */
  close(): void {
    this.#timer?.cancel();
    this.tell();
    this.#client?.close("The metrics manager stops");
  }
}

function isBehind(connection: Connection): boolean {
  return connection.queuedBytes > QUEUED_BYTES_MAX;
}
