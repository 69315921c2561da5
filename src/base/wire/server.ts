/**
 * Listens on a TCP port or a unix socket. A connection exists for its owner only once its hello is
 * done; until then few are read at a time, and the rest wait unread.
 */

import { unlink } from "node:fs/promises";
import type { Hello, Role } from "../gen/heron_bin/packet_pb.ts";
import { HeronError, type Logger, silentLogger } from "../mod.ts";
import { type Address, formatAddress, formatRemote } from "./address.ts";
import { NO_LIVES } from "./hello_table.ts";
import type { Connection } from "./connection.ts";
import { ServerHello } from "./hello.ts";
import { HelloExchange, type HelloResult } from "./hello_exchange.ts";
import { NONCE_BYTES } from "./hello_mac.ts";
import { completeLimits, limitsOfAccepted, type WireLimits } from "./limits.ts";
import { Link, linkSocketHandler } from "./link.ts";
import type { WireOptions } from "./options.ts";
import { compareIncarnations, createParty, formatParty, isSameParty } from "./party.ts";
import { rawBodyTable, WireConnection } from "./wire_connection.ts";

/** Options of a server. */
export interface ListenOptions extends WireOptions {
  /** Where to listen; port 0 lets the kernel pick. */
  readonly address: Address;
  /** Asked once a peer has proved itself: returns why it is refused all the same. @default nobody is */
  accept?(hello: Hello): string | undefined;
}

/** A listening server. */
export interface Server {
  /** The TCP port; 0 on a unix socket. */
  readonly port: number;
  /** Where it listens, for people. */
  readonly address: string;
  /** The open connections, oldest first. */
  readonly connections: ReadonlySet<Connection>;
  /** Open connections whose hello is not done. */
  readonly unauthenticated: number;
  /** The open connections of one party, oldest first. */
  connectionsOf(role: Role, id: string): readonly Connection[];
  /**
   * The usual answer of `accept`: closes older connections of the same party (their `onClose` comes
   * first) and returns undefined, or returns the refusal when one of a later incarnation is open.
   */
  supersede(hello: Hello): string | undefined;
  /** Stops listening and closes all connections; resolves when every socket is closed. */
  close(): Promise<void>;
}

/**
 * Starts to listen.
 * @throws HeronError `unavailable` when it cannot
 */
export async function listen(options: ListenOptions): Promise<Server> {
  rawBodyTable(options);
  const server = new WireServer(options);
  try {
    server.start();
  } catch (thrown) {
    const { address } = options;
    if (!("unix" in address) || !(await isStale(address.unix))) throw cannotListen(address, thrown);
    // Its process died without removing it.
    await unlink(address.unix);
    try {
      server.start();
    } catch (cause) {
      throw cannotListen(address, cause);
    }
  }
  return server;
}

function cannotListen(address: Address, cause: unknown): HeronError {
  const { message } = HeronError.from(cause);
  return new HeronError("unavailable", `Listen on "${formatAddress(address)}": ${message}`, {
    cause,
  });
}

/** If nobody listens on the socket file at `path`. */
async function isStale(path: string): Promise<boolean> {
  try {
    const socket = await Bun.connect({ unix: path, socket: { data() {} } });
    socket.end();
    return false;
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown && thrown.code === "ECONNREFUSED";
  }
}

class WireServer implements Server {
  readonly connections = new Set<WireConnection>();
  readonly #options: ListenOptions;
  readonly #limits: WireLimits;
  readonly #logger: Logger;
  // In the order they came; the first `unauthenticatedMax` are read, the others held.
  readonly #strangers = new Map<Link, HelloExchange>();
  readonly #links = new Set<Link>();
  #listener: { stop(): void } | undefined;
  #port = 0;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#limits = completeLimits(options.limits);
    this.#logger = options.logger ?? silentLogger;
  }

  get port(): number {
    return this.#port;
  }

  get address(): string {
    const { address } = this.#options;
    return formatAddress("unix" in address ? address : { ...address, port: this.#port });
  }

  get unauthenticated(): number {
    return this.#strangers.size;
  }

  start(): void {
    const { address } = this.#options;
    const socket = linkSocketHandler((opened) => this.#opened(opened));
    if ("unix" in address) {
      this.#listener = Bun.listen<Link>({ unix: address.unix, socket });
    } else {
      const { hostname, port } = address;
      const listener = Bun.listen<Link>({ hostname, port, socket });
      this.#port = listener.port;
      this.#listener = listener;
    }
  }

  connectionsOf(role: Role, id: string): readonly Connection[] {
    return [...this.connections].filter(({ peer }) => isSameParty(peer, { role, id }));
  }

  supersede(hello: Hello): string | undefined {
    const from = hello.from ?? createParty({});
    const others = this.connectionsOf(from.role, from.id);
    const isNewer = ({ peer }: Connection): boolean =>
      compareIncarnations(peer.incarnation, from.incarnation) > 0;
    if (others.some(isNewer)) return "a later incarnation is connected";
    for (const other of others) other.close("replaced by a newer connection");
    return undefined;
  }

  close(): Promise<void> {
    if (this.#closed !== undefined) return this.#closed.promise;
    this.#closed = Promise.withResolvers();
    this.#listener?.stop();
    const error = new HeronError("unavailable", "Say hello: the server is closing");
    for (const exchange of [...this.#strangers.values()]) exchange.fail(error);
    for (const connection of [...this.connections]) connection.close();
    this.#settleClose();
    return this.#closed.promise;
  }

  #opened(socket: Bun.Socket<Link>): void {
    socket.setNoDelay(true);
    const { address, clock } = this.#options;
    const link = new Link(socket, {
      clock,
      limits: this.#limits,
      remoteAddress: formatRemote(address, socket),
      onGone: (gone) => this.#gone(gone),
    });
    socket.data = link;
    this.#links.add(link);
    const exchange = this.#greet(link);
    const { unauthenticatedMax, waitingMax } = this.#limits;
    if (this.#closed !== undefined) {
      exchange.fail(new HeronError("unavailable", "Say hello: the server is closing"));
    } else if (this.#strangers.size > unauthenticatedMax + waitingMax) {
      const found = `${this.#strangers.size - 1} connections wait`;
      exchange.fail(new HeronError("limit", `Say hello: ${found}, expected fewer`));
    } else if (this.#strangers.size > unauthenticatedMax) link.hold();
  }

  #greet(link: Link): HelloExchange {
    const { self, topologyId, secret, clock, accept, table } = this.#options;
    const hello = new ServerHello({
      self,
      topologyId,
      secret,
      nonce: crypto.getRandomValues(new Uint8Array(NONCE_BYTES)),
      table: () => table?.call(this.#options) ?? NO_LIVES,
      accept: (greeting) => accept?.call(this.#options, greeting),
    });
    const exchange = new HelloExchange({
      link,
      hello,
      clock,
      limits: this.#limits,
      onOpen: (result) => this.#welcomed(link, result),
      onFail: (error) => {
        this.#known(link);
        const { remoteAddress: address } = link;
        const claimed = formatParty(hello.claimed);
        this.#logger.warn("stranger cut off", { address, claimed, error: error.message });
      },
    });
    link.receiver = exchange;
    this.#strangers.set(link, exchange);
    return exchange;
  }

  #welcomed(link: Link, { peer, table, chunk, at }: HelloResult): void {
    this.#known(link);
    const connection = new WireConnection({
      ...this.#options,
      link,
      peer,
      limits: limitsOfAccepted(this.#limits),
      onEnd: () => this.connections.delete(connection),
    });
    link.receiver = connection;
    this.connections.add(connection);
    this.#options.handlers.onOpen(connection, table);
    connection.receive(chunk, at);
  }

  /** A stranger is one no more: the next one that waits is read. */
  #known(link: Link): void {
    this.#strangers.delete(link);
    let place = 0;
    for (const next of this.#strangers.keys()) {
      if (++place > this.#limits.unauthenticatedMax) break;
      next.release();
    }
  }

  #gone(link: Link): void {
    this.#links.delete(link);
    this.#settleClose();
  }

  #settleClose(): void {
    if (this.#links.size === 0) this.#closed?.resolve();
  }
}
