/** The tuples between the durable ends: which record, which emission of it, which child. */

import type { Tuple } from "heron-bin";

/** The fields of all their streams. */
export const PIECE_FIELDS = Object.freeze([
  "source",
  "offset",
  "life",
  "sequence",
  "child",
  "children",
  "key",
  "sentMs",
]);

/** What a tuple says. */
export interface Piece {
  /** Index of the spout's task. */
  readonly source: number;
  readonly offset: number;
  /** Which life of the spout emitted it, … */
  readonly life: number;
  /** … and as which of that life's emits. */
  readonly sequence: number;
  /** Which of the record's `children`, from 0. */
  readonly child: number;
  readonly children: number;
  readonly key: number;
  /** `Date.now()` where this tuple was emitted last. */
  readonly sentMs: number;
}

/** The values of a tuple, sent now. */
export function valuesOf(piece: Omit<Piece, "sentMs">): number[] {
  const { source, offset, life, sequence, child, children, key } = piece;
  return [source, offset, life, sequence, child, children, key, Date.now()];
}

/** What `tuple` says. */
export function pieceOf(tuple: Tuple): Piece {
  return {
    source: tuple.getNumber(0),
    offset: tuple.getNumber(1),
    life: tuple.getNumber(2),
    sequence: tuple.getNumber(3),
    child: tuple.getNumber(4),
    children: tuple.getNumber(5),
    key: tuple.getNumber(6),
    sentMs: tuple.getNumber(7),
  };
}
