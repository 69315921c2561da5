/**
 * What tests of the wire share: a socket that is no socket, options of both sides of
 * a connection, and waiting for an event without sleeping for it.
 */

import { Role } from "../../src/base/gen/heron_bin/packet_pb.ts";
import {
  type Clock,
  type LogFields,
  type Logger,
  silentLogger,
  systemClock,
} from "../../src/base/mod.ts";
import type { ByteSocket } from "../../src/base/wire/link.ts";
import {
  type Connection,
  type ConnectionHandlers,
  decodePacket,
  type FrameBounds,
  FrameDecoder,
  type HelloTable,
  listen,
  type Server,
} from "../../src/base/wire/mod.ts";
import { tmanagerLocationRecord } from "../../src/plan/mod.ts";
import { type MemoryState, topologyPaths } from "../../src/state/mod.ts";

/** Resolves behind all that this event-loop turn and the next still do. */
export function nextTurn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(() => setImmediate(resolve));
  return promise;
}

/** As long as a slow machine may be given: the product's own time-outs of 10 s must not be what helps. */
const UNTIL_MS = 9000;

/** Waits until `condition` holds, 9 s at most. */
export async function until(condition: () => boolean, what = "condition"): Promise<void> {
  const endMs = performance.now() + UNTIL_MS;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`Wait for ${what}: not within ${UNTIL_MS} ms`);
    await nextTurn();
  }
}

/** A socket whose kernel takes `takes` bytes a write and remembers what was done to it. */
export class FakeSocket implements ByteSocket {
  takes = Infinity;
  readonly calls: string[] = [];
  readonly writes: number[] = [];
  #written: Buffer = Buffer.alloc(0);

  write(bytes: Uint8Array, offset: number, length: number): number {
    const taken = Math.min(length, this.takes);
    this.#written = Buffer.concat([this.#written, bytes.subarray(offset, offset + taken)]);
    this.writes.push(taken);
    return taken;
  }

  pause(): void {
    this.calls.push("pause");
  }

  resume(): void {
    this.calls.push("resume");
  }

  shutdown(): void {
    this.calls.push("shutdown");
  }

  end(): void {
    this.calls.push("end");
  }

  terminate(): void {
    this.calls.push("terminate");
  }

  /** All bytes that were written since the last call. */
  take(): Buffer {
    const written = this.#written;
    this.#written = Buffer.alloc(0);
    return written;
  }

  /** The bodies of the packets that were written since the last call. */
  takeBodies(): string[] {
    return bodiesOf(this.take());
  }
}

/** The names of the bodies of the whole frames in `bytes`. */
export function bodiesOf(bytes: Uint8Array): string[] {
  const bodies: string[] = [];
  new FrameDecoder(2 ** 31).feed(bytes, 0, {
    frame(chunk: Uint8Array, { packetStart, end }: FrameBounds): boolean {
      bodies.push(decodePacket(chunk, packetStart, end).body.case ?? "none");
      return true;
    },
  });
  return bodies;
}

/** A logger that keeps its warnings. */
export class WarningLog {
  readonly lines: { readonly event: string; readonly fields: LogFields }[] = [];
  readonly logger: Logger = {
    ...silentLogger,
    warn: (event, fields = {}) => void this.lines.push({ event, fields }),
    child: () => this.logger,
  };
}

/** Handlers that write down what they are told, by the peer's id. */
export class HandlerLog implements ConnectionHandlers {
  readonly events: string[] = [];
  readonly connections: Connection[] = [];
  /** What the last hello brought. */
  table: HelloTable | undefined;
  /** Called with each packet. */
  answer: ConnectionHandlers["onPacket"] = () => {};

  onOpen(connection: Connection, table: HelloTable): void {
    this.table = table;
    this.connections.push(connection);
    this.events.push(`open ${connection.peer.id}`);
  }

  onPacket(...[connection, packet]: Parameters<ConnectionHandlers["onPacket"]>): void {
    this.events.push(`packet ${packet.body.case}`);
    this.answer(connection, packet);
  }

  onDrain(): void {
    this.events.push("drain");
  }

  onClose(...[connection, reason]: Parameters<ConnectionHandlers["onClose"]>): void {
    this.events.push(`close ${connection.peer.id} ${reason?.code ?? "clean"}`);
  }
}

/** The secret, topology, parties and address that tests of the wire use. */
export const WIRE = Object.freeze({
  secret: Buffer.alloc(32, 7),
  topologyId: "words-1",
  server: { role: Role.STMGR, id: "stmgr-1", incarnation: { epoch: 1, counter: 1 } },
  client: {
    role: Role.INSTANCE,
    id: "container_1_word_1",
    incarnation: { epoch: 1, counter: 4 },
  },
  anyPort: { hostname: "127.0.0.1", port: 0 },
});

/** The options of the listening side. */
export function serverOptions(clock: Clock, handlers: ConnectionHandlers) {
  const { secret, topologyId, server, anyPort } = WIRE;
  return { address: anyPort, self: server, topologyId, secret, clock, handlers };
}

/** The options of the connecting side. */
export function clientOptions(port: number, clock: Clock, handlers: ConnectionHandlers) {
  const { secret, topologyId, server, client } = WIRE;
  const address = { hostname: "127.0.0.1", port };
  return { address, self: client, to: server, topologyId, secret, clock, handlers };
}

/** A topology master of "two" at a place that the state store tells, with the handlers of `log`. */
export async function openMaster(tree: MemoryState, log: ConnectionHandlers): Promise<Server> {
  const { secret, topologyId, anyPort: address } = WIRE;
  const shared = { topologyId, secret, clock: systemClock, handlers: log };
  const server = await listen({ address, self: { role: Role.TM, id: "tm" }, ...shared });
  tree.set(topologyPaths("two").tmanager, masterAt(server.port));
  return server;
}

/** The record of a topology master of "two" at that port. */
export function masterAt(serverPort: number, topologyId: string = WIRE.topologyId): Uint8Array {
  return tmanagerLocationRecord({
    topologyName: "two",
    topologyId,
    host: "127.0.0.1",
    controllerPort: -1,
    serverPort,
    statsPort: -1,
  });
}
