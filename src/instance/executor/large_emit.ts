/**
 * Emits tuples that are larger than a batch: each is taken out of the batch
 * that it was begun in and sent in parts, channel after channel, with waits for
 * credit between them where something can wait.
 */

import { HeronError } from "../../base/mod.ts";
import {
  type FrameSink,
  type LargeTuple,
  type OutChannel,
  partsCostBytes,
  PartWriter,
  setRoots,
} from "../../tuples/mod.ts";
import type { CopyRoots } from "./content.ts";

/** What large tuples are emitted with. */
export interface LargeEmitOptions {
  readonly component: string;
  /** `instance.batch.bytes`: the largest part. */
  readonly batchBytesMax: number;
  /** `topology.tuple.max.bytes`. */
  readonly tupleBytesMax: number;
  /** How far all calls that may be open at once may pass their credit: `emit.overshoot.bytes` each. */
  readonly overshootBytesMax: number;
  readonly sink: FrameSink;
  /** Sends all open batches. */
  flush(): void;
  /** Waits, blocking, until `channel` has credit; false where nothing can wait. */
  waitForCredit(channel: OutChannel): boolean;
  /** `channel` has no credit left; waits when the call has passed it too far. */
  exhausted(channel: OutChannel): void;
  /** A part has left, the last one or not. */
  sentPart(isLast: boolean): void;
}

/** Sends tuples in parts. */
export class LargeEmit {
  readonly #options: LargeEmitOptions;
  /** Made with the first tuple. */
  #writer: PartWriter | undefined;

  /** Nothing is sent yet. */
  constructor(options: LargeEmitOptions) {
    this.#options = options;
  }

  /**
   * Sends the tuple begun in the batch of the first of `chosen` to each of them; returns the bytes
   * of all copies. Nothing of it has left when this throws.
   * @throws HeronError when it is too large, or more than one call may send
   */
  emit(chosen: readonly OutChannel[], stream: string, roots?: CopyRoots): number {
    const [first] = chosen;
    if (first === undefined) return 0;
    const rootLength = roots?.bytesOf(0).length ?? 0;
    const tuple = first.batch.takeTuple(rootLength);
    const size = tuple.end - tuple.start;
    if (size > this.#options.tupleBytesMax) throw this.tooLarge(stream, `${size} B`, rootLength);
    this.#makeWay(chosen, stream, size);
    // It is in no batch, whatever was meant when it was begun.
    roots?.prepare(chosen.length);
    roots?.commit();
    for (const [copy, channel] of chosen.entries()) {
      if (roots !== undefined) setRoots(tuple, roots.bytesOf(copy));
      this.#send(channel, tuple);
    }
    return chosen.length * size;
  }

  #send(channel: OutChannel, tuple: LargeTuple): void {
    const { batchBytesMax, sink, exhausted, sentPart } = this.#options;
    this.#writer ??= new PartWriter(batchBytesMax);
    channel.sendInParts(tuple, {
      writer: this.#writer,
      sink,
      sent: (isLast) => {
        sentPart(isLast);
        if (channel.headroom() <= 0) exhausted(channel);
      },
    });
  }

  /** Waits where not all parts fit what one call may send; or throws, before anything was sent. */
  #makeWay(chosen: readonly OutChannel[], stream: string, size: number): void {
    const { component, batchBytesMax, overshootBytesMax, flush, waitForCredit } = this.#options;
    flush();
    const costBytes = partsCostBytes(size, batchBytesMax);
    for (const channel of new Set(chosen)) {
      const copies = chosen.filter((one) => one === channel).length;
      const fits = copies * costBytes < channel.headroom() + overshootBytesMax;
      if (fits || waitForCredit(channel)) continue;
      throw new HeronError(
        "limit",
        `Emit from "${component}" to stream "${stream}": found a tuple of ${size} B and ` +
          `${channel.headroom()} B of credit for task ${channel.destinationTask}, expected that ` +
          `it is passed by at most ${overshootBytesMax} B (emit.overshoot.bytes for each call that may be open)`,
      );
    }
  }

  /** Why a tuple of `size` is refused. */
  tooLarge(stream: string, size: string, rootLength: number): HeronError {
    const { component, tupleBytesMax } = this.#options;
    const roots = rootLength === 0 ? "" : `, ${rootLength} B of it roots, by its anchors`;
    return new HeronError(
      "tuple_too_large",
      `Emit from "${component}" to stream "${stream}": found a tuple of ${size}${roots}, ` +
        `expected at most ${tupleBytesMax} B (topology.tuple.max.bytes)`,
    );
  }
}
