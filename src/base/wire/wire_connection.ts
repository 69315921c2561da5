/**
 * A connection whose hello is done, on its link: it cuts frames, answers pings, matches answers to
 * requests. A peer that breaks the protocol is cut off and logged with its address.
 */

import type { Packet, Party } from "../gen/heron_bin/packet_pb.ts";
import { HeronError, silentLogger } from "../mod.ts";
import type { Connection, ConnectionHandlers } from "./connection.ts";
import { type FrameBounds, FrameDecoder, type FrameSink } from "./frame.ts";
import { KeepAlive } from "./keep_alive.ts";
import type { WireLimits } from "./limits.ts";
import type { Link, LinkReceiver } from "./link.ts";
import type { WireOptions } from "./options.ts";
import { decodePacket, encodePacket, type PacketBodyInit, type PacketInit } from "./packet.ts";
import { isPacketBody, PacketPeek } from "./packet_peek.ts";
import { formatParty } from "./party.ts";
import { PendingRequests } from "./pending_requests.ts";
import { varintSize, writeVarint } from "./varint.ts";

/** What a connection is made with. */
export interface ConnectionOptions extends Omit<WireOptions, "limits"> {
  readonly link: Link;
  readonly peer: Party;
  readonly limits: WireLimits;
  /** Called once when it ends, before the handlers' `onClose`. */
  onEnd(connection: Connection): void;
}

const PREFIX_BYTES_MAX = 5;

/** Checks `rawBodies` and makes a table of them: 1 at each raw field number. */
export function rawBodyTable(options: Pick<WireOptions, "rawBodies" | "handlers">): Uint8Array {
  const { rawBodies = [], handlers } = options;
  const table = new Uint8Array(Math.max(0, ...rawBodies) + 1);
  for (const number of rawBodies) {
    if (!isPacketBody(number)) {
      throw new RangeError(`Set raw bodies: found "${number}", expected the number of a body`);
    }
    table[number] = 1;
  }
  if (rawBodies.length > 0 && handlers.onRaw === undefined) {
    throw new TypeError("Set raw bodies: found no handler onRaw, expected one");
  }
  return table;
}

/** The connection on a link. */
export class WireConnection implements Connection, LinkReceiver, FrameSink {
  // Ids are for maps and logs of one process.
  static #lastId = 0;
  readonly id = ++WireConnection.#lastId;
  readonly peer: Party;
  readonly #options: ConnectionOptions;
  readonly #handlers: ConnectionHandlers;
  readonly #link: Link;
  readonly #decoder: FrameDecoder;
  readonly #peek = new PacketPeek();
  readonly #rawBodies: Uint8Array;
  readonly #requests: PendingRequests;
  readonly #keepAlive: KeepAlive;
  readonly #prefix = new Uint8Array(PREFIX_BYTES_MAX);
  #open = true;

  constructor(options: ConnectionOptions) {
    const { clock, limits } = options;
    this.#options = options;
    this.#handlers = options.handlers;
    this.#link = options.link;
    this.peer = options.peer;
    this.#decoder = new FrameDecoder(limits.frameBytesMax);
    this.#rawBodies = rawBodyTable(options);
    this.#requests = new PendingRequests(clock, limits.requestsMax);
    this.#keepAlive = new KeepAlive(clock, limits, {
      ping: () => this.send({ body: { case: "ping", value: {} } }),
      silent: () => this.#fellSilent(),
      tick: () => this.#link.trim(),
    });
  }

  get remoteAddress(): string {
    return this.#link.remoteAddress;
  }

  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  send(packet: PacketInit): void {
    if (!this.#open) return;
    const bytes = encodePacket(packet);
    const { frameBytesMax } = this.#options.limits;
    if (bytes.length > frameBytesMax) {
      const found = `${bytes.length} B, expected at most ${frameBytesMax} B`;
      throw new HeronError("limit", `Send "${packet.body?.case}" to ${this.#name()}: ${found}`);
    }
    writeVarint(this.#prefix, 0, bytes.length);
    this.#link.send(this.#prefix, 0, varintSize(bytes.length));
    this.#link.send(bytes, 0, bytes.length);
  }

  sendFrame(bytes: Uint8Array, start: number, end: number): void {
    this.#link.send(bytes, start, end);
  }

  cork(): void {
    this.#link.cork();
  }

  uncork(): void {
    this.#link.uncork();
  }

  async request(packet: PacketInit, timeoutMs: number): Promise<Packet> {
    if (!this.#open) throw this.#endedBeforeAnswer();
    const body = packet.body?.case;
    const { id, answer } = this.#requests.open(
      timeoutMs,
      () => `Request "${body}" of ${this.#name()}`,
    );
    try {
      this.send({ ...packet, requestId: id });
    } catch (thrown) {
      this.#requests.drop(id);
      throw thrown;
    }
    return await answer;
  }

  respond(requestId: number, body: PacketBodyInit): void {
    if (requestId !== 0) this.send({ responseTo: requestId, body });
  }

  close(reason?: string): void {
    if (!this.#open) return;
    if (reason !== undefined) this.send({ body: { case: "refusal", value: { reason } } });
    this.#link.finish();
    this.#end(undefined);
  }

  /** Takes a chunk from `at` on. */
  receive(chunk: Uint8Array, at: number): void {
    if (!this.#open) return;
    this.#keepAlive.heard();
    try {
      this.#decoder.feed(chunk, at, this);
    } catch (thrown) {
      if (!(thrown instanceof HeronError) || !isBreach(thrown)) throw thrown;
      this.#broken(thrown);
    }
  }

  received(chunk: Uint8Array): void {
    this.receive(chunk, 0);
  }

  drained(): void {
    if (this.#open) this.#handlers.onDrain?.(this);
  }

  ended(cause: Error | undefined): void {
    const inside = this.#decoder.heldBytes > 0 ? "the end inside a frame" : undefined;
    const found = cause?.message ?? inside;
    if (found === undefined) return this.#end(undefined);
    this.#end(new HeronError("unavailable", `Keep ${this.#name()}: found ${found}`, { cause }));
  }

  frame(bytes: Uint8Array, { start, packetStart, end }: FrameBounds): boolean {
    const peek = this.#peek;
    peek.peek(bytes, packetStart, end);
    if (this.#rawBodies[peek.body] !== 1) {
      this.#take(decodePacket(bytes, packetStart, end));
      return this.#open;
    }
    // Such a frame is forwarded as it is, and its body read up to the frame's end.
    if (peek.bodyEnd !== end || peek.requestId !== 0 || peek.responseTo !== 0) {
      throw new HeronError(
        "protocol",
        `Read raw body ${peek.body}: found other fields beside it, expected it last and alone`,
      );
    }
    this.#handlers.onRaw?.(this, peek.body, bytes, start, peek.bodyStart, end);
    return this.#open;
  }

  #take(packet: Packet): void {
    switch (packet.body.case) {
      case "ping":
        this.send({ body: { case: "pong", value: {} } });
        return;
      case "pong":
        return;
      case "refusal": {
        const found = `closed by the peer for "${packet.body.value.reason}"`;
        this.#link.finish();
        this.#end(new HeronError("unavailable", `Keep ${this.#name()}: ${found}`));
        return;
      }
      case "hello":
      case "challenge":
      case "proof":
      case "welcome":
      case undefined:
        throw new HeronError(
          "protocol",
          `Read a packet: found "${packet.body.case ?? "no body"}" on an open connection`,
        );
      default:
        if (packet.responseTo !== 0) this.#requests.settle(packet);
        else this.#handlers.onPacket(this, packet);
    }
  }

  #broken(error: HeronError): void {
    const { logger = silentLogger } = this.#options;
    logger.warn("peer cut off", {
      address: this.remoteAddress,
      peer: formatParty(this.peer),
      error: error.message,
    });
    this.#link.cut();
    this.#end(error);
  }

  #fellSilent(): void {
    const found = `not a byte for ${this.#options.limits.silenceMs} ms`;
    this.#link.cut();
    this.#end(new HeronError("timeout", `Keep ${this.#name()}: found ${found}`));
  }

  #end(reason: HeronError | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    this.#keepAlive.stop();
    this.#requests.rejectAll(reason ?? this.#endedBeforeAnswer());
    this.#options.onEnd(this);
    this.#handlers.onClose(this, reason);
  }

  #endedBeforeAnswer(): HeronError {
    return new HeronError("unavailable", `Request of ${this.#name()}: the connection has ended`);
  }

  #name(): string {
    return `${formatParty(this.peer)} at ${this.remoteAddress}`;
  }
}

function isBreach(error: HeronError): boolean {
  return error.code === "protocol" || error.code === "corrupt";
}
