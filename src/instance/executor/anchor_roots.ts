/**
 * The roots of what a bolt emits: those of its anchors, each with a new key for
 * each copy. A tuple's first copy alone takes the tuple's own place in its tree
 * where it can, key and all: if the tuple is acked before that copy leaves,
 * there is nothing to be told. Otherwise the copy gets a key of its own at the
 * last moment, while it still lies in the open batch.
 */

import type { Tuple } from "../../api/mod.ts";
import type { Random } from "../../base/mod.ts";
import {
  type BatchWriter,
  type LateRoots,
  type RootId,
  RootReader,
  RootWriter,
} from "../../tuples/mod.ts";
import type { CopyRoots } from "./content.ts";
import { randomHalf } from "./random_half.ts";
import { anchoredToDone, isTuple } from "./tuple_checks.ts";
import { TupleView } from "./tuple_view.ts";

/** A tuple as a rich bolt names it in `ack`, `fail` and as an anchor. */
export type Named = Tuple | readonly Tuple[];

/** One distinct root of an emit, and the anchor in whose record its keys count; made once, and used again. */
class AnchoredRoot implements RootId {
  anchor: TupleView | undefined;
  place = 0;
  task = 0;
  epoch = 0;
  counter = 0;
  slot = 0;
  generation = 0;
  /** The key of the anchor itself. */
  keyLow = 0;
  keyHigh = 0;

  /** It is the one that `from` stands at, number `place` of `anchor`. */
  set(anchor: TupleView, place: number, from: RootReader): void {
    this.anchor = anchor;
    this.place = place;
    this.task = from.task;
    this.epoch = from.epoch;
    this.counter = from.counter;
    this.slot = from.slot;
    this.generation = from.generation;
    this.keyLow = from.keyLow;
    this.keyHigh = from.keyHigh;
  }

  isOf(other: RootId): boolean {
    return this.slot === other.slot && this.generation === other.generation &&
      this.task === other.task && this.epoch === other.epoch && this.counter === other.counter;
  }
}

/** The anchors of the emit under way, and the tuple that an emitted one may take the place of. */
export class AnchorRoots implements CopyRoots, LateRoots {
  readonly #random: Random;
  readonly #reader = new RootReader();
  readonly #writer = new RootWriter();
  /** The first `#count` are in use. */
  #roots: AnchoredRoot[] = [];
  #count = 0;
  /** The only anchor, if there is one: whoever emits again for it finds all as it was. */
  #only: TupleView | undefined;
  #isEncoded = false;
  #keys: Int32Array = new Int32Array(16);
  #copies = 0;
  /** The batch that the copy in the making goes to, which may take its anchor's place. */
  #heirBatch: BatchWriter | undefined;
  /** Not acked: a copy has its key, and lies in an open batch. */
  #parent: TupleView | undefined;
  #batch: BatchWriter | undefined;
  #rootsEnd = 0;

  /** Nothing is emitted yet; keys are drawn from `random`. */
  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * Collects the distinct roots of `anchors`; false when there are none.
   * @throws HeronError when one was acked or failed before, or is no tuple of this task
   */
  begin(anchors: Named): boolean {
    if (this.#parent !== undefined) this.leaving();
    // An array of one is as good as the one.
    const [first, second] = Array.isArray(anchors) ? anchors : [anchors];
    const only = second === undefined && first instanceof TupleView ? first : undefined;
    if (only === undefined || only !== this.#only) {
      this.#collect(anchors);
      this.#only = only;
    } else if (only.isDone) throw anchoredToDone(only);
    return this.#count > 0;
  }

  #collect(anchors: Named): void {
    this.#only = undefined;
    this.#isEncoded = false;
    this.#count = 0;
    if (Array.isArray(anchors)) { for (const anchor of anchors) this.#add(anchor); }
    else this.#add(anchors);
  }

  #add(anchor: unknown): void {
    if (!isTuple(anchor, "Emit anchored to a tuple")) return;
    if (anchor.isDone) throw anchoredToDone(anchor);
    const reader = this.#reader;
    anchor.openRoots(reader);
    for (let place = 0; reader.next(); place++) {
      if (this.#isKnown(reader)) continue;
      const root = this.#roots[this.#count] ??= new AnchoredRoot();
      root.set(anchor, place, reader);
      this.#count++;
    }
  }

  #isKnown(root: RootId): boolean {
    for (let index = 0; index < this.#count; index++) {
      if (this.#roots[index]?.isOf(root) === true) return true;
    }
    return false;
  }

  /** `batch`: there is one copy, which goes there. */
  prepare(copies: number, batch?: BatchWriter): void {
    const count = this.#count;
    const [root] = this.#roots;
    this.#copies = copies;
    this.#heirBatch = undefined;
    const isFirst = count === 1 && this.#only?.hasKeys === false;
    if (batch !== undefined && root !== undefined && isFirst) {
      this.#heirBatch = batch;
      this.#keys[0] = root.keyLow;
      this.#keys[1] = root.keyHigh;
      return;
    }
    const halves = 2 * copies * count;
    if (this.#keys.length < halves) this.#keys = new Int32Array(2 * halves);
    for (let index = 0; index < halves; index++) this.#keys[index] = randomHalf(this.#random);
  }

  bytesOf(copy: number): Uint8Array {
    const writer = this.#writer;
    const keys = this.#keys;
    const count = this.#count;
    const isEncoded = this.#isEncoded;
    if (!isEncoded) writer.clear();
    let at = 2 * copy * count;
    for (let index = 0; index < count; index++) {
      const low = keys[at++] ?? 0;
      const high = keys[at++] ?? 0;
      const root = this.#roots[index];
      if (isEncoded) writer.setKey(index, low, high);
      else if (root !== undefined) writer.add(root, low, high);
    }
    this.#isEncoded = true;
    return writer.bytes;
  }

  commit(): void {
    const batch = this.#heirBatch;
    if (batch === undefined) return this.#addKeys();
    this.#parent = this.#only;
    this.#batch = batch;
    this.#rootsEnd = batch.lastRootsEnd;
    // What may still move can't be found again.
    if (batch.isLastFixed) batch.late = this;
    else this.leaving();
  }

  #addKeys(): void {
    const keys = this.#keys;
    const count = this.#count;
    for (let index = 0; index < count; index++) {
      const root = this.#roots[index];
      for (let copy = 0; copy < this.#copies; copy++) {
        const at = 2 * (copy * count + index);
        root?.anchor?.addKey(root.place, keys[at] ?? 0, keys[at + 1] ?? 0);
      }
    }
  }

  /** The copy leaves, or another one is made, before the tuple is acked: it gets a key of its own. */
  leaving(): void {
    const [parent, batch] = [this.#parent, this.#batch];
    this.#parent = this.#batch = undefined;
    if (parent === undefined || batch === undefined) return;
    batch.late = undefined;
    const low = randomHalf(this.#random);
    const high = randomHalf(this.#random);
    batch.setKey(this.#rootsEnd, low, high);
    parent.addKey(0, low, high);
  }

  /**
   * `tuple` is acked. True: a copy that has not left yet stands in its place, and nothing is to be told.
   * (Of one that failed the copy gets a key of its own before it leaves, as of one that is open.)
   */
  isReplaced(tuple: TupleView): boolean {
    if (tuple !== this.#parent) return false;
    if (this.#batch !== undefined) this.#batch.late = undefined;
    this.#parent = this.#batch = undefined;
    return true;
  }

  /** No emit is under way: holds on to no tuple. Batches live as long as those of them that are held. */
  release(): void {
    this.#only = undefined;
    this.#roots = [];
    this.#count = 0;
    this.#isEncoded = false;
  }
}
