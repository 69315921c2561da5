/**
 * The command line of a run as the owner of its topology: it speaks over two pipes, in frames, and their
 * end is the end of everything.
 */

import type { Packet } from "../base/gen/heron_bin/packet_pb.ts";
import { type Clock, HeronError } from "../base/mod.ts";
import { decodePacket, FrameDecoder, type PacketInit } from "../base/wire/mod.ts";
import { type FrameSink, FrameWriter } from "./frame_writer.ts";
import type { Orders, Owner } from "./owner.ts";

/** The pipes to a command line. */
export interface PipeOwnerOptions {
  /** What it says; its end is the end of everything. */
  readonly input: AsyncIterable<Uint8Array>;
  /** What it is told. */
  readonly output: FrameSink;
  readonly clock: Clock;
}

const QUEUE_BYTES_MAX = 1024 * 1024;

// Drain and Stop are all that is read.
const FRAME_BYTES_MAX = 64 * 1024;

/** The owner at the other end of two pipes. */
export function createPipeOwner(options: PipeOwnerOptions): Owner {
  return new PipeOwner(options);
}

class PipeOwner implements Owner {
  readonly #input: AsyncIterable<Uint8Array>;
  readonly #upward: FrameWriter;
  #orders: Orders | undefined;

  constructor({ input, output, clock }: PipeOwnerOptions) {
    this.#input = input;
    this.#upward = new FrameWriter({
      sink: output,
      queueBytesMax: QUEUE_BYTES_MAX,
      clock,
      onBroken: (error) => this.#orders?.lost(error.message),
    });
  }

  get idleMs(): number {
    return this.#upward.idleMs;
  }

  start(orders: Orders): void {
    this.#orders = orders;
    void this.#readOrders(orders);
  }

  tell(packet: PacketInit): Promise<void> {
    return this.#upward.write(packet);
  }

  finish(): Promise<void> {
    return this.#upward.flushed();
  }

  async #readOrders(orders: Orders): Promise<void> {
    const decoder = new FrameDecoder(FRAME_BYTES_MAX);
    let ending = "the command line is gone";
    try {
      for await (const chunk of this.#input) {
        decoder.feed(chunk, 0, {
          frame: (bytes, { packetStart, end }) => {
            takeOrder(decodePacket(bytes, packetStart, end), orders);
            return true;
          },
        });
      }
    } catch (thrown) {
      ending = HeronError.from(thrown, "Read the orders of the command line").message;
    }
    orders.lost(ending);
  }
}

function takeOrder({ body }: Packet, orders: Orders): void {
  switch (body.case) {
    case "stop":
      return orders.stop(body.value.reason);
    case "drain":
      return orders.drain();
    default:
      throw new HeronError(
        "protocol",
        `Read an order: found "${body.case}", expected "stop" or "drain"`,
      );
  }
}
