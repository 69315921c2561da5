/**
 * The tuples that come to a task in parts: adds part to part, tells what is
 * lost when one is missing, and who may send past its window.
 */

import { HeronError } from "../../base/mod.ts";
import type {
  BatchReader,
  InChannel,
  OffsetVerdict,
  RootRange,
  RootSource,
} from "../../tuples/mod.ts";
import { PartFavour, type PartFavourOptions } from "./part_favour.ts";
import type { QueuedBatch } from "./queued_batch.ts";

/** What partial tuples are kept with. */
export interface PartialsOptions extends PartFavourOptions {
  /** `topology.tuple.max.bytes`. */
  readonly tupleBytesMax: number;
}

/** The tuples of one task that are not whole. */
export class Partials {
  readonly #tupleBytesMax: number;
  readonly #favour: PartFavour;
  /** The round in which the first part came, by channel. */
  readonly #began = new Map<InChannel, number>();

  /** There are none. */
  constructor(options: PartialsOptions) {
    this.#tupleBytesMax = options.tupleBytesMax;
    this.#favour = new PartFavour(options);
  }

  /** There are none. */
  get isEmpty(): boolean {
    return this.#began.size === 0;
  }

  /** The channels that have one. */
  get channels(): readonly InChannel[] {
    return [...this.#began.keys()];
  }

  /**
   * Adds the part in `reader`, which is counted as received. Gives its tuple when that is whole;
   * "stray": the beginning of its tuple was lost.
   * @throws HeronError "protocol" when it does not fit its tuple, or that is too large
   */
  add(channel: InChannel, reader: BatchReader, round: number): QueuedBatch | "more" | "stray" {
    const isFirst = reader.offset === reader.tupleOffset;
    if (isFirst && reader.tupleBytes > this.#tupleBytesMax) {
      throw new HeronError(
        "protocol",
        `Read a tuple in parts of task ${channel.sourceTask}: found ${reader.tupleBytes} B, ` +
          `expected at most ${this.#tupleBytesMax} B (topology.tuple.max.bytes)`,
      );
    }
    const added = channel.addPart(reader);
    if (added === "stray") return added;
    if (isFirst) this.#began.set(channel, round);
    if (added === "more") {
      this.#favour.came(channel);
      return added;
    }
    this.#began.delete(channel);
    const batch: QueuedBatch = {
      kind: "batch",
      channel,
      bytes: added.bytes,
      creditBytes: added.creditBytes,
      round,
    };
    this.#favour.whole(channel, batch);
    return batch;
  }

  /**
   * Something came on a channel with a tuple that is not whole: `part`, or no part. True: something
   * of the tuple was lost before it.
   * @throws HeronError "protocol" when nothing was, and it is not the next part
   */
  isCutBefore(channel: InChannel, verdict: OffsetVerdict, part?: BatchReader): boolean {
    if (verdict === "gap") return true;
    if (part !== undefined && channel.partial?.isContinuedBy(part) === true) return false;
    throw new HeronError(
      "protocol",
      `Read the channel of task ${channel.sourceTask}: found something else between the parts ` +
        "of a tuple, expected the next of them",
    );
  }

  /** Forgets the tuple of `channel`; gives what it held of credit. */
  cut(channel: InChannel): number {
    const creditBytes = channel.cutPartial();
    this.#began.delete(channel);
    this.#favour.cut(channel);
    return creditBytes;
  }

  /** A tuple that may have come in parts was handled. */
  handled(batch: QueuedBatch): void {
    this.#favour.handled(batch);
  }

  /** The roots that came of tuples that began before `round`. */
  since(round: number): { readonly roots: RootRange; readonly source: RootSource }[] {
    return [...this.#began].flatMap(([{ partial, sourceTask: task, life }, began]) =>
      partial === undefined || began >= round
        ? []
        : [{ roots: partial.roots(), source: { task, ...life } }]
    );
  }

  /** Lets sources have their turns; returns when to ask again. */
  tend(nowMs: number): number | undefined {
    return this.#favour.tend(nowMs);
  }
}
