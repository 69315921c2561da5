/** What outlives the processes of a run: how far each spout has come. */

import { seededRandom } from "../base/mod.ts";
import { pick } from "./random_choice.ts";

/** How many acks lie between two notes of a position. Others than 1: as where commits are rare. */
const ACKS_A_NOTE = Object.freeze([1, 1, 1, 1, 1, 1, 10, 100, Infinity]);

interface Position {
  done: number;
  noted: number;
  acks: number;
}

/** Positions of spout tasks: every lower offset is done for good. */
export class Durable {
  readonly #acksANote: number;
  readonly #positions = new Map<number, Position>();

  /** Chance of its own: the other seeds stay as they are. */
  constructor({ seed, isAcked }: { readonly seed: number; readonly isAcked: boolean }) {
    const random = seededRandom(Math.imul(seed, 0x27d4eb2f) ^ 0x6e6f7465);
    this.#acksANote = isAcked ? pick(random, ACKS_A_NOTE) : 1;
  }

  /** The lowest offset of `task` that is not known to be done. */
  positionOf(task: number): number {
    return this.#positions.get(task)?.done ?? 0;
  }

  /** Where a new life of `task` begins: at the position that was noted last, maybe behind what is done. */
  startOf(task: number): number {
    return this.#positions.get(task)?.noted ?? 0;
  }

  /** Takes a position; it never goes back. */
  store(task: number, position: number): void {
    const known = this.#positions.get(task) ?? { done: 0, noted: 0, acks: 0 };
    this.#positions.set(task, known);
    known.done = Math.max(position, known.done);
    if (++known.acks % this.#acksANote === 0) known.noted = known.done;
  }
}
