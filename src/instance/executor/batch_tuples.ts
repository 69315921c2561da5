/**
 * The tuples of a batch, made some ahead of the calls they are for. Between two calls of user code lies then so
 * little that a processor sees both: while it waits in memory for one, it fetches for the other.
 */

import { BatchReader } from "../../tuples/mod.ts";
import type { CountedOrigin } from "./bolt_origins.ts";
import { lookAhead, TupleView } from "./tuple_view.ts";

/** Tuples made together. */
const GROUP_MAX = 64;

/** A cursor over the tuples of one batch after the other. */
export class BatchTuples {
  readonly #reader = new BatchReader();
  readonly #onFirst: (tuple: TupleView) => void;
  /** By the place of their stream; tuples of others are left out. */
  #origins: readonly CountedOrigin[] = [];
  readonly #group: (TupleView | undefined)[] = new Array(GROUP_MAX).fill(undefined);
  #at = 0;
  #end = 0;
  /** Tuples of the batch before the group. */
  #before = 0;
  /** Of the group before, user code read the first one. */
  #areRead = false;

  /** There is no batch yet; `onFirst` is called with the first tuple of each, before it is given out. */
  constructor(onFirst: (tuple: TupleView) => void) {
    this.#onFirst = onFirst;
  }

  /** Tuples of the batch that were given out. */
  get handed(): number {
    return this.#before + this.#at;
  }

  /** Goes to the batch in `bytes`; `originsOf` tells where its tuples come from. */
  open(bytes: Uint8Array, originsOf: (batch: BatchReader) => readonly CountedOrigin[]): void {
    this.#reader.open(bytes, 0, bytes.length);
    this.#origins = originsOf(this.#reader);
    this.#at = this.#end = this.#before = 0;
  }

  /**
   * The next tuple; undefined behind the last one, and from then on.
   * @throws HeronError "protocol" when the bytes are no batch
   */
  next(): TupleView | undefined {
    if (this.#at === this.#end && !this.#make()) return undefined;
    return this.#group[this.#at++];
  }

  /** Makes the next tuples; false: there are none. */
  #make(): boolean {
    const reader = this.#reader;
    const group = this.#group;
    const isFirst = this.#before === 0 && this.#end === 0;
    if (this.#end > 0) this.#areRead = group[0]?.isRead === true;
    this.#before += this.#end;
    this.#at = this.#end = 0;
    let end = 0;
    while (end < GROUP_MAX && reader.next()) {
      const origin = this.#origins[reader.stream];
      if (origin === undefined) continue;
      const view = new TupleView(origin, reader);
      if (end === 0) {
        // It tells whether the group is read, so it is left as it is.
        if (this.#areRead) lookAhead(view);
      } else if (this.#areRead) view.readKnown();
      group[end++] = view;
    }
    this.#end = end;
    const [first] = group;
    if (end > 0 && isFirst && first !== undefined) this.#onFirst(first);
    // What is not there is held no longer.
    if (end < GROUP_MAX) group.fill(undefined, end);
    return end > 0;
  }
}
