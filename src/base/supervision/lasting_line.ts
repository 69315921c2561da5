/**
 * A life line that outlives its supervisor for a while: where the supervisor is on another machine,
 * or is started again when it dies, a lost connection is opened anew, wherever the supervisor is by
 * then. What was not taken is delivered again.
 */

import type { Packet } from "../gen/heron_bin/packet_pb.ts";
import { type BackoffOptions, HeronError, type Random, type Timer } from "../mod.ts";
import {
  type Address,
  type Connection,
  createParty,
  keepConnected,
  type ManagedClient,
  type PacketInit,
  type WireLimits,
} from "../wire/mod.ts";
import {
  DELIVERY_MS,
  LIFE_LINE_LIMITS,
  type LifeLine,
  type LifeLineOptions,
  OrderBook,
} from "./life_line.ts";
import { readProcessFacts } from "./process_facts.ts";

/** What a lasting life line needs. */
export interface LastingLineOptions extends Omit<LifeLineOptions, "socketPath" | "onLost"> {
  /** Where the supervisor is now; asked before each attempt. Undefined: not known. */
  find(): Promise<Address | undefined>;
  /** How long it may be without its supervisor, in milliseconds. */
  readonly graceMs: number;
  readonly random: Random;
  /** It is connected again: the supervisor may be another process, and know nothing. */
  onReturn(): void;
  /** It was alone for too long, or its supervisor does not want it: log no more than needed, and exit. */
  onLost(): void;
}

/** A supervisor that was there a moment ago is looked for at once, then less and less often. */
const RETRIES: BackoffOptions = Object.freeze({ firstMs: 50, maxMs: 1000 });

/** Strangers reach a TCP port; and a machine that is gone says so to nobody. */
export function lastingLimits(graceMs: number): Partial<WireLimits> {
  return Object.freeze({
    ...LIFE_LINE_LIMITS,
    helloTimeoutMs: 5000,
    silenceMs: graceMs,
    pingMs: graceMs / 4,
  });
}

/**
 * Connects to the supervisor. Orders come after it has resolved.
 * @throws HeronError when it cannot be reached within the grace, or does not know this process
 */
export async function openLastingLine(options: LastingLineOptions): Promise<LifeLine> {
  const line = new LastingLine(options);
  await line.opened;
  return line;
}

/** What waits to be taken. */
interface Delivery {
  readonly packet: PacketInit;
  taken(): void;
}

class LastingLine implements LifeLine {
  readonly opened: Promise<void>;
  readonly #options: LastingLineOptions;
  readonly #orders: OrderBook;
  readonly #client: ManagedClient;
  readonly #first = Promise.withResolvers<void>();
  /** In their order; all are on their way while there is a connection. */
  readonly #deliveries = new Set<Delivery>();
  #grace: Timer | undefined;
  #lastError: HeronError | undefined;
  #hasOpened = false;
  #hasEnded = false;
  #hasProgressed = false;
  #startedPort: number | undefined;

  constructor(options: LastingLineOptions) {
    this.#options = options;
    this.opened = this.#first.promise;
    this.#orders = new OrderBook(options);
    this.#startGrace();
    const { self, supervisor, topologyId, secret, clock, logger, random, graceMs } = options;
    this.#client = keepConnected({
      ...{ self, to: supervisor, topologyId, secret, clock, logger, random },
      address: () => options.find(),
      backoff: RETRIES,
      limits: lastingLimits(graceMs),
      handlers: {
        onOpen: (connection) => this.#onOpen(connection),
        onPacket: (_connection, packet: Packet) => this.#orders.take(packet),
        onClose: (_connection, reason) => this.#onClose(reason),
      },
      onFailure: (error) => this.#onFailure(error),
    });
  }

  send(packet: PacketInit): void {
    // Without a supervisor it is not kept: `onReturn` tells anew.
    this.#client.connection?.send(packet);
  }

  deliver(packet: PacketInit): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const delivery: Delivery = { packet, taken: resolve };
    this.#deliveries.add(delivery);
    const { connection } = this.#client;
    if (connection !== undefined) void this.#request(connection, delivery);
    return promise;
  }

  started(port = 0): void {
    this.#startedPort = port;
    const { pid } = process;
    const startTime = readProcessFacts(pid)?.startTime ?? 0n;
    const party = createParty(this.#options.self);
    this.send({ body: { case: "processStarted", value: { party, pid, startTime, port } } });
  }

  progressed(): void {
    if (this.#hasProgressed) return;
    this.#hasProgressed = true;
    this.send({ body: { case: "progressed", value: {} } });
  }

  #onOpen(connection: Connection): void {
    const { logger, onReturn } = this.#options;
    this.#grace?.cancel();
    this.#grace = undefined;
    if (this.#hasEnded) return connection.close();
    if (!this.#hasOpened) {
      this.#hasOpened = true;
      logger.debug("life line open");
      this.#first.resolve();
      this.#orders.openSoon();
      return;
    }
    logger.info("life line open again");
    this.#orders.forgetStop();
    // What it is, before what it has to say.
    if (this.#startedPort !== undefined) this.started(this.#startedPort);
    if (this.#hasProgressed) this.send({ body: { case: "progressed", value: {} } });
    onReturn.call(this.#options);
    for (const delivery of this.#deliveries) void this.#request(connection, delivery);
  }

  async #request(connection: Connection, delivery: Delivery): Promise<void> {
    try {
      await connection.request(delivery.packet, DELIVERY_MS);
    } catch (thrown) {
      // The next connection takes it.
      this.#options.logger.debug("not delivered yet", { error: HeronError.from(thrown) });
      return;
    }
    if (this.#deliveries.delete(delivery)) delivery.taken();
  }

  #onClose(reason: HeronError | undefined): void {
    const { logger, graceMs } = this.#options;
    if (this.#hasEnded) return;
    this.#lastError = reason;
    logger.warn("life line lost for now", { reason: reason?.message, graceMs });
    this.#startGrace();
  }

  #onFailure(error: HeronError): void {
    this.#lastError = error;
    // It is there and does not want this process: another has its place.
    if (error.code === "fenced") this.#end();
  }

  #startGrace(): void {
    this.#grace = this.#options.clock.after(this.#options.graceMs, () => this.#end());
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#grace?.cancel();
    const { logger, graceMs, supervisor } = this.#options;
    const error = this.#lastError ??
      new HeronError("unavailable", `Find supervisor "${supervisor.id}": not within ${graceMs} ms`);
    this.#client.close();
    if (!this.#hasOpened) return this.#first.reject(error);
    logger.fatal("life line lost", { reason: error.message });
    this.#options.onLost();
  }
}
