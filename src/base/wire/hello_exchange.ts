/**
 * Runs one side's hello on a link: one frame at a time, nothing but hello packets decoded,
 * nothing read past the frame that is answered, all within `helloTimeoutMs`.
 */

import type { Packet, Party } from "../gen/heron_bin/packet_pb.ts";
import { PacketSchema } from "../gen/heron_bin/packet_pb.ts";
import { afterOwnTime, type Clock, HeronError, type Timer } from "../mod.ts";
import { encodeFrame, type FrameBounds, FrameDecoder, type FrameSink } from "./frame.ts";
import type { HelloStep } from "./hello.ts";
import type { WireLimits } from "./limits.ts";
import type { Link, LinkReceiver } from "./link.ts";
import { decodePacket, type PacketInit } from "./packet.ts";
import { PacketPeek } from "./packet_peek.ts";
import type { HelloTable } from "./hello_table.ts";

const { hello, challenge, proof, welcome, refusal } = PacketSchema.field;
const HELLO_BODIES: ReadonlySet<number> = new Set(
  [hello, challenge, proof, welcome, refusal].map((field) => field.number),
);

/** What an open hello has found. */
export interface HelloResult {
  readonly peer: Party;
  readonly table: HelloTable;
  /** The chunk that ended the hello, and where what follows it begins. */
  readonly chunk: Uint8Array;
  readonly at: number;
}

/** What an exchange is made with. */
export interface HelloExchangeOptions {
  readonly link: Link;
  readonly hello: { receive(packet: Packet): HelloStep };
  readonly clock: Clock;
  readonly limits: WireLimits;
  /** The hello is done. */
  onOpen(result: HelloResult): void;
  /** It came to nothing; the link is cut. */
  onFail(error: HeronError): void;
}

/** The hello on one link. */
export class HelloExchange implements LinkReceiver, FrameSink {
  readonly #options: HelloExchangeOptions;
  readonly #decoder: FrameDecoder;
  readonly #peek = new PacketPeek();
  readonly #timer: Timer;
  #packet: Packet | undefined;
  #done = false;

  constructor(options: HelloExchangeOptions) {
    const { clock, limits } = options;
    this.#options = options;
    this.#decoder = new FrameDecoder(limits.helloBytesMax);
    // Who starts with hundreds of others runs now and then only: that is not the other side's fault.
    this.#timer = afterOwnTime(clock, limits.helloTimeoutMs, () => {
      this.fail(
        new HeronError("timeout", `Say hello: not done within ${limits.helloTimeoutMs} ms`),
      );
    });
  }

  /** Sends a packet of the hello. */
  send(packet: PacketInit): void {
    const frame = encodeFrame(packet);
    this.#options.link.send(frame, 0, frame.length);
  }

  /** Ends it, and the link. Idempotent. */
  fail(error: HeronError): void {
    if (this.#done) return;
    this.#finish();
    this.#options.link.cut();
    this.#options.onFail(error);
  }

  received(chunk: Uint8Array): void {
    if (this.#done) return;
    let result: HelloResult | undefined;
    try {
      const at = this.#decoder.feed(chunk, 0, this);
      const packet = this.#packet;
      this.#packet = undefined;
      if (packet === undefined) return;
      result = this.#follow(this.#options.hello.receive(packet), chunk, at);
    } catch (thrown) {
      if (!(thrown instanceof HeronError)) throw thrown;
      this.fail(thrown);
    }
    if (result !== undefined) this.#options.onOpen(result);
  }

  drained(): void {}

  ended(cause: Error | undefined): void {
    if (this.#done) return;
    this.#finish();
    const found = cause === undefined ? "the end of the connection" : `"${cause.message}"`;
    const message = `Say hello: found ${found}, expected the peer's next packet`;
    this.#options.onFail(new HeronError("unavailable", message, { cause }));
  }

  frame(bytes: Uint8Array, { packetStart, end }: FrameBounds): boolean {
    this.#peek.peek(bytes, packetStart, end);
    if (!HELLO_BODIES.has(this.#peek.body)) {
      throw new HeronError(
        "protocol",
        `Say hello: found a packet with body ${this.#peek.body}, expected one of the hello`,
      );
    }
    this.#packet = decodePacket(bytes, packetStart, end);
    // One frame at a time: what follows it is looked at only when it may follow.
    return false;
  }

  #follow(step: HelloStep, chunk: Uint8Array, at: number): HelloResult | undefined {
    // Only behind a welcome may more come unasked; everywhere else the peer has to wait for us.
    const mayFollow = step.type === "open" && step.packet === undefined;
    if (at < chunk.length && !mayFollow && step.type !== "refuse") {
      throw new HeronError(
        "protocol",
        `Say hello: found ${chunk.length - at} B more, expected the peer to wait for its answer`,
      );
    }
    if (step.packet !== undefined) this.send(step.packet);
    if (step.type === "refuse") this.fail(step.error);
    if (step.type !== "open") return undefined;
    this.#finish();
    return { peer: step.peer, table: step.table, chunk, at };
  }

  #finish(): void {
    this.#done = true;
    this.#timer.cancel();
  }
}
