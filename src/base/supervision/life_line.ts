/**
 * The life line of a process: its connection to its supervisor. It says who it is, hears
 * Stop and Drain, and learns by the end of the connection that it is alone. Silence is no
 * end here: a process that was stopped or swapped out is still supervised.
 */

import type { Packet } from "../gen/heron_bin/packet_pb.ts";
import { type Clock, HeronError, type Logger, nextTurn } from "../mod.ts";
import {
  connect,
  type Connection,
  createParty,
  type PacketInit,
  type PartyInit,
  type WireLimits,
} from "../wire/mod.ts";
import { readProcessFacts } from "./process_facts.ts";

/** What a life line needs. */
export interface LifeLineOptions {
  /** Where the supervisor listens. */
  readonly socketPath: string;
  /** Who this process is, with its incarnation. */
  readonly self: PartyInit;
  /** Role and id of the supervisor. */
  readonly supervisor: PartyInit;
  readonly topologyId: string;
  readonly secret: Uint8Array;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The supervisor asks for an orderly end; called once. */
  onStop(reason: string): void;
  /** The topology is to end as if each spout had ended. @default ignored */
  onDrain?(): void;
  /** The supervisor is gone: log nothing more than needed and exit. */
  onLost(): void;
}

/** An open life line. */
export interface LifeLine {
  /** Sends a packet; it leaves at the end of this event-loop turn. */
  send(packet: PacketInit): void;
  /** Sends a packet; resolves when the supervisor has taken it, however long that takes. */
  deliver(packet: PacketInit): Promise<void>;
  /** Tells that this process is up, and on which port it listens. */
  started(port?: number): void;
  /** Tells, once, that this life has done what it is for: its end is no failure to start. */
  progressed(): void;
}

/** Limits of both ends of a life line. */
export const LIFE_LINE_LIMITS: Partial<WireLimits> = Object.freeze({
  silenceMs: Infinity,
  // Nobody else reaches the socket, and a hundred processes that start at once take their time: one
  // that gave up would only start again.
  helloTimeoutMs: 60_000,
  // Only so that memory is given back now and then.
  pingMs: 30_000,
  // Each stream of each instance waits for one answer.
  requestsMax: 65_536,
});

/** The longest that a timer can have: 24 days. Who reads our output may take a week-end off. */
export const DELIVERY_MS = 2 ** 31 - 1;

/**
 * Connects to the supervisor, once. Orders come after it has resolved.
 * @throws HeronError when it cannot be reached or does not know this process
 */
export async function openLifeLine(options: LifeLineOptions): Promise<LifeLine> {
  const { socketPath, self, supervisor, topologyId, secret, clock, logger } = options;
  const orders = new OrderBook(options);
  const connection = await connect({
    address: { unix: socketPath },
    self,
    to: supervisor,
    topologyId,
    secret,
    clock,
    logger,
    limits: LIFE_LINE_LIMITS,
    handlers: {
      onOpen: () => logger.debug("life line open"),
      onPacket: (_connection, packet) => orders.take(packet),
      onClose(_connection, reason) {
        logger.fatal("life line lost", { reason: reason?.message });
        options.onLost();
      },
    },
  });
  orders.openSoon();
  return new ConnectedLifeLine(connection, createParty(self));
}

/** Who takes the orders of a supervisor. */
export type OrderTaker = Pick<LifeLineOptions, "logger" | "onStop" | "onDrain">;

/** The orders of the supervisor: kept until their taker is ready, then passed on. */
export class OrderBook {
  readonly #options: OrderTaker;
  #early: Packet["body"][] | undefined = [];
  #isStopping = false;

  /** Orders for `options`, kept for now. */
  constructor(options: OrderTaker) {
    this.#options = options;
  }

  /** The taker is ready when the code that waits for the life line has gone on. */
  openSoon(): void {
    void nextTurn().then(() => this.#open());
  }

  /** Another supervisor may ask for an end again. */
  forgetStop(): void {
    this.#isStopping = false;
  }

  #open(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const body of early) this.#pass(body);
  }

  /** Passes an order on, or keeps it; throws HeronError for what is none. */
  take({ body }: Packet): void {
    if (body.case !== "stop" && body.case !== "drain") {
      throw new HeronError(
        "protocol",
        `Read a packet of the supervisor: found "${body.case}", expected "stop" or "drain"`,
      );
    }
    if (this.#early === undefined) this.#pass(body);
    else this.#early.push(body);
  }

  #pass(body: Packet["body"]): void {
    const { logger, onStop, onDrain } = this.#options;
    if (body.case === "drain") {
      logger.info("asked to drain");
      onDrain?.();
    } else if (body.case === "stop" && !this.#isStopping) {
      this.#isStopping = true;
      logger.info("asked to stop", { reason: body.value.reason });
      onStop(body.value.reason);
    }
  }
}

class ConnectedLifeLine implements LifeLine {
  readonly #connection: Connection;
  readonly #party: PartyInit;
  #hasProgressed = false;

  constructor(connection: Connection, party: PartyInit) {
    this.#connection = connection;
    this.#party = party;
  }

  send(packet: PacketInit): void {
    this.#connection.send(packet);
  }

  async deliver(packet: PacketInit): Promise<void> {
    await this.#connection.request(packet, DELIVERY_MS);
  }

  started(port = 0): void {
    const { pid } = process;
    const startTime = readProcessFacts(pid)?.startTime ?? 0n;
    this.send({
      body: { case: "processStarted", value: { party: this.#party, pid, startTime, port } },
    });
  }

  progressed(): void {
    if (this.#hasProgressed) return;
    this.#hasProgressed = true;
    this.send({ body: { case: "progressed", value: {} } });
  }
}
