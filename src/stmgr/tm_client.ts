/**
 * A stream manager's side of the topology master: finds it in the state store,
 * keeps a connection, registers on each new one, and sends heartbeats. Nothing
 * that goes wrong here touches the tuple path.
 */

import { type Clock, HeronError, type Logger, type Random } from "../base/mod.ts";
import type { SystemConfig } from "../base/config/mod.ts";
import type { Packet } from "../base/gen/heron_bin/packet_pb.ts";
import { Role } from "../base/gen/heron_bin/packet_pb.ts";
import {
  type Connection,
  keepConnected,
  type ManagedClient,
  type PacketInit,
  type TcpAddress,
  type WireOptions,
} from "../base/wire/mod.ts";
import { backoffOf } from "../plan/mod.ts";
import { type StateManager, watchTmanager } from "../state/mod.ts";
import type { StmgrCore } from "./stmgr_core.ts";

/** What a client of the topology master is made of. */
export interface TmClientOptions {
  readonly core: StmgrCore;
  readonly state: StateManager;
  readonly topologyName: string;
  readonly wire: Omit<WireOptions, "handlers"> & { readonly logger: Logger };
  readonly config: SystemConfig;
  readonly clock: Clock;
  readonly random: Random;
  /** What is told of this stream manager besides what the core knows. */
  readonly address: {
    readonly id: string;
    readonly hostName: string;
    readonly dataPort: number;
    readonly cwd: string;
  };
  /** The topology master has a connection to a later life of this stream manager. */
  onFenced(error: HeronError): void;
}

/** The kept connection to the topology master. */
export class TmClient {
  readonly #options: TmClientOptions;
  readonly #logger: Logger;
  #client: ManagedClient | undefined;
  #known = "";
  #isRegistrationDue = false;
  /** The connection that heartbeats go over. */
  #beating: Connection | undefined;

  /** Nothing is connected before `start`. */
  constructor(options: TmClientOptions) {
    this.#options = options;
    this.#logger = options.wire.logger;
  }

  /** Watches for the topology master and keeps a connection to it. */
  async start(): Promise<void> {
    const { state, topologyName, wire } = this.#options;
    const { topologyId } = wire;
    await watchTmanager(state, { topologyName, topologyId }, (address) => this.#found(address));
  }

  #found(address: TcpAddress): void {
    const found = `${address.hostname}:${address.port}`;
    if (this.#known === found) return;
    this.#known = found;
    this.#logger.info("topology master found", { address: found });
    // Anew, also when it is still waiting for one that does not answer.
    this.#client?.close("The topology master has another address");
    this.#client = this.#keepConnected(address);
  }

  #keepConnected(address: TcpAddress): ManagedClient {
    const { wire, config, random } = this.#options;
    return keepConnected({
      ...wire,
      address: () => address,
      to: { role: Role.TM, id: "tm" },
      random,
      backoff: backoffOf(config),
      onFailure: (error, attempts) => {
        this.#logger.warn("tm not reached", { error, attempts });
        if (error.code === "fenced") this.#options.onFenced(error);
      },
      handlers: {
        onOpen: (connection) => {
          if (this.#isRegistrationDue) void this.#register(connection);
        },
        onPacket: (_connection, packet) => this.#take(packet),
        onClose: (_connection, reason) => this.#logger.warn("tm disconnected", { reason }),
      },
    });
  }

  /** Registers now, and from now on on each new connection. */
  registerNow(): void {
    this.#isRegistrationDue = true;
    const connection = this.#client?.connection;
    if (connection !== undefined) void this.#register(connection);
  }

  /** Sends a packet; it is lost when there is no connection. */
  tell(packet: PacketInit): void {
    this.#client?.connection?.send(packet);
  }

  async #register(connection: Connection): Promise<void> {
    const { core, address, config, clock } = this.#options;
    try {
      const record = core.registration({
        ...address,
        localDataPort: 0,
        localEndpoint: "/unused",
        pid: process.pid,
        shellPort: 0,
      });
      const { body } = await connection.request(
        { body: { case: "registerStmgr", value: record } },
        config.netRequestTimeoutMs,
      );
      if (body.case !== "stmgrRegistered") throw unexpected(body.case);
      // Whatever it does not know of us yet it may know later; of a later life of ours it tells in its hello.
      if (body.value.refused !== "") {
        throw new HeronError("unavailable", `Register with the TM: ${body.value.refused}`);
      }
      if (!core.registered(body.value, clock.nowMs())) {
        const { schedulerEpoch, leaseNumber } = body.value;
        const found = `lease ${leaseNumber} of epoch ${schedulerEpoch}`;
        throw new HeronError(
          "unavailable",
          `Register with the TM: found ${found}, expected a later`,
        );
      }
      this.#beat(connection);
    } catch (thrown) {
      const error = HeronError.from(thrown);
      this.#logger.warn("registration failed", { error });
      connection.close(error.message);
    }
  }

  /** Heartbeats on one connection for as long as it is the one in use. */
  #beat(connection: Connection): void {
    if (this.#beating === connection) return;
    this.#beating = connection;
    const { clock, config } = this.#options;
    const timer = clock.every(config.stmgrHeartbeatMs, () => {
      if (this.#client?.connection === connection) void this.#sendHeartbeat(connection);
      else timer.cancel();
    });
  }

  async #sendHeartbeat(connection: Connection): Promise<void> {
    const { core, config } = this.#options;
    const value = { heldBytes: BigInt(core.waitingBytes) };
    try {
      const { body } = await connection.request(
        { body: { case: "heartbeat", value } },
        config.netRequestTimeoutMs,
      );
      if (body.case === "heartbeatAnswer" && body.value.refused === "") return;
      connection.close("Heartbeat refused");
    } catch (thrown) {
      this.#logger.warn("heartbeat failed", { error: HeronError.from(thrown) });
    }
  }

  #take({ body }: Packet): void {
    switch (body.case) {
      case "planUpdate":
        this.#options.core.takePlan(body.value, this.#options.clock.nowMs());
        return;
      case "drainSpouts":
        this.#options.core.drainSpouts();
        return;
      case "endsStored":
        this.#options.core.endsStored(body.value.tasks);
        return;
      default:
        throw unexpected(body.case);
    }
  }

  /** Closes the connection. */
  close(): void {
    this.#client?.close("The stream manager stops");
  }
}

function unexpected(found: string | undefined): HeronError {
  return new HeronError(
    "protocol",
    `Read a packet of the TM: found "${found}", expected a plan, an order to drain, stored ends or an answer`,
  );
}
