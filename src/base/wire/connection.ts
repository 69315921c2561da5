/**
 * What a connection is to its owner: packets out, packets in, requests and their
 * answers. How it is made of a socket is in wire_connection.ts.
 */

import type { Packet, Party } from "../gen/heron_bin/packet_pb.ts";
import type { HeronError } from "../mod.ts";
import type { PacketBodyInit, PacketInit } from "./packet.ts";
import type { HelloTable } from "./hello_table.ts";

/** An open connection to a peer that has proved who it is. */
export interface Connection {
  /** Different for each connection of this process. */
  readonly id: number;
  /** The peer, with its incarnation. */
  readonly peer: Party;
  /** The peer's address, for people. */
  readonly remoteAddress: string;
  /** Bytes taken and not yet given to the kernel; what bounds them is the sender's business. */
  readonly queuedBytes: number;
  /**
   * Sends a packet with the rest of this turn; after the end it does nothing. It calls no handler.
   * @throws HeronError `limit` when the packet is longer than `frameBytesMax`
   */
  send(packet: PacketInit): void;
  /** Sends the whole frames in `bytes[start, end)`, copied. */
  sendFrame(bytes: Uint8Array, start: number, end: number): void;
  /** What is sent from now on leaves with `uncork`, which is to follow in the same turn. */
  cork(): void;
  /** Writes at once what was sent, rather than with the rest of this turn. */
  uncork(): void;
  /**
   * Sends a request and waits `timeoutMs` for its answer.
   * @throws HeronError `timeout` without an answer, `unavailable` when the connection ends first,
   * `limit` when too many wait
   */
  request(packet: PacketInit, timeoutMs: number): Promise<Packet>;
  /** Answers the request that came with `requestId`; 0 wants no answer and gets none. */
  respond(requestId: number, body: PacketBodyInit): void;
  /** Ends it behind what waits; `reason` is told to the peer. Calls `onClose` before it returns. Idempotent. */
  close(reason?: string): void;
}

/**
 * Who is told what a connection brings. A handler that finds a body broken throws
 * `HeronError("protocol")` or `("corrupt")`, and the peer is cut off; anything else thrown ends the process.
 */
export interface ConnectionHandlers {
  /** The hello is done. `table` is what the peer knows of incarnations. */
  onOpen(connection: Connection, table: HelloTable): void;
  /**
   * A packet whose body is one of `rawBodies`: its frame is `bytes[frameStart, end)`, ready to be
   * forwarded, its body `bytes[bodyStart, end)`. A view on it keeps a whole chunk in memory: copy what is kept.
   */
  onRaw?(
    connection: Connection,
    body: number,
    bytes: Uint8Array,
    frameStart: number,
    bodyStart: number,
    end: number,
  ): void;
  /** Any other packet that is no answer. With a `requestId`: answer with `respond`. */
  onPacket(connection: Connection, packet: Packet): void;
  /** All that waited behind a full kernel buffer has left. */
  onDrain?(connection: Connection): void;
  /** It has ended: once, after `onOpen`. `reason` is undefined when either side simply closed it. */
  onClose(connection: Connection, reason: HeronError | undefined): void;
}
