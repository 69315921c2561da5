/**
 * Connects once: a socket within the hello's time-out, then the hello, with more patience than
 * the server has.
 * Trying again is the managed client's part.
 */

import { afterOwnTime, HeronError } from "../mod.ts";
import { type Address, formatAddress } from "./address.ts";
import { NO_LIVES } from "./hello_table.ts";
import type { Connection } from "./connection.ts";
import { ClientHello } from "./hello.ts";
import { HelloExchange, type HelloResult } from "./hello_exchange.ts";
import { NONCE_BYTES } from "./hello_mac.ts";
import { completeLimits, type WireLimits } from "./limits.ts";
import { Link, linkSocketHandler } from "./link.ts";
import type { WireOptions } from "./options.ts";
import { createParty, formatParty, type PartyInit } from "./party.ts";
import { rawBodyTable, WireConnection } from "./wire_connection.ts";

/** Options of one attempt to connect. */
export interface ConnectOptions extends WireOptions {
  readonly address: Address;
  /** Whom it means to reach: role and id. */
  readonly to: PartyInit;
  /** Gives the attempt up; an open connection is not touched. */
  readonly signal?: AbortSignal;
}

/** Who follows a connection beside its handlers. */
export interface ConnectionObserver {
  /** Called before the handlers' `onOpen`. */
  opened(connection: Connection): void;
  /** Called before the handlers' `onClose`. */
  ended(connection: Connection): void;
}

/**
 * Connects and says hello. The handlers' `onOpen` is called before it resolves.
 * @throws HeronError `unavailable` when nobody answers, `timeout`, `unauthenticated` when either side's
 * proof or the topology is wrong, `fenced` when the server knows us and refuses, `protocol`
 */
export function connect(options: ConnectOptions): Promise<Connection> {
  return connectObserved(options, { opened() {}, ended() {} });
}

/** As `connect`, with an observer that hears of the connection before its handlers do. */
export async function connectObserved(
  options: ConnectOptions,
  observer: ConnectionObserver,
): Promise<Connection> {
  rawBodyTable(options);
  const attempt = new Attempt(options, observer);
  try {
    return await attempt.run();
  } catch (thrown) {
    const { code, message } = HeronError.from(thrown);
    const name = `${formatParty(createParty(options.to))} at ${formatAddress(options.address)}`;
    throw new HeronError(code, `Connect to ${name}: ${message}`, { cause: thrown });
  }
}

// The server gives up first, as it is the one that strangers come to. A client that did would leave
// it with a connection that it takes for open and, when the machine is busy, try again and again.
const HELLO_PATIENCE = 5;

const GIVEN_UP = "Attempt given up: `signal` was aborted";

class Attempt {
  readonly #options: ConnectOptions;
  readonly #observer: ConnectionObserver;
  readonly #limits: WireLimits;
  readonly #result = Promise.withResolvers<Connection>();
  readonly #giveUp = (): void => {
    const error = new HeronError("unavailable", GIVEN_UP);
    if (this.#exchange === undefined) this.#fail(error);
    else this.#exchange.fail(error);
  };
  #exchange: HelloExchange | undefined;
  #failed = false;

  constructor(options: ConnectOptions, observer: ConnectionObserver) {
    this.#options = options;
    this.#observer = observer;
    this.#limits = completeLimits(options.limits);
  }

  async run(): Promise<Connection> {
    const { signal, clock } = this.#options;
    const { helloTimeoutMs } = this.#limits;
    if (signal?.aborted === true) throw new HeronError("unavailable", GIVEN_UP);
    signal?.addEventListener("abort", this.#giveUp);
    // Until the socket is open; from then on the hello has its own.
    const timer = afterOwnTime(clock, helloTimeoutMs, () => {
      this.#fail(new HeronError("timeout", `Open a socket: not done within ${helloTimeoutMs} ms`));
    });
    this.#dial().then(() => timer.cancel(), (thrown) => {
      const { message } = HeronError.from(thrown);
      this.#fail(new HeronError("unavailable", message, { cause: thrown }));
    });
    try {
      return await this.#result.promise;
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", this.#giveUp);
    }
  }

  async #dial(): Promise<void> {
    const { address } = this.#options;
    const socket = linkSocketHandler((opened) => this.#opened(opened));
    if ("unix" in address) await Bun.connect<Link>({ unix: address.unix, socket });
    else await Bun.connect<Link>({ hostname: address.hostname, port: address.port, socket });
  }

  #opened(socket: Bun.Socket<Link>): void {
    socket.setNoDelay(true);
    const { self, to, topologyId, secret, clock, address, table } = this.#options;
    const link = new Link(socket, {
      clock,
      limits: this.#limits,
      remoteAddress: formatAddress(address),
      onGone: () => {},
    });
    socket.data = link;
    // Too late: it was given up while the socket was opening.
    if (this.#failed) return link.cut();
    const hello = new ClientHello({
      self,
      to,
      topologyId,
      secret,
      nonce: crypto.getRandomValues(new Uint8Array(NONCE_BYTES)),
      table: () => table?.call(this.#options) ?? NO_LIVES,
    });
    const helloTimeoutMs = HELLO_PATIENCE * this.#limits.helloTimeoutMs;
    const exchange = new HelloExchange({
      link,
      hello,
      clock,
      limits: { ...this.#limits, helloTimeoutMs },
      onOpen: (result) => this.#welcomed(link, result),
      onFail: (error) => this.#fail(error),
    });
    this.#exchange = exchange;
    link.receiver = exchange;
    exchange.send(hello.start());
  }

  #welcomed(link: Link, { peer, table, chunk, at }: HelloResult): void {
    const connection = new WireConnection({
      ...this.#options,
      link,
      peer,
      limits: this.#limits,
      onEnd: (ended) => this.#observer.ended(ended),
    });
    link.receiver = connection;
    this.#observer.opened(connection);
    this.#result.resolve(connection);
    this.#options.handlers.onOpen(connection, table);
    connection.receive(chunk, at);
  }

  #fail(error: HeronError): void {
    this.#failed = true;
    this.#result.reject(error);
  }
}
