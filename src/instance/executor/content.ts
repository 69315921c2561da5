/** What one emit sends: values, and for each copy of the tuple the roots that it belongs to. */

import type { BatchWriter } from "../../tuples/mod.ts";

/** Gives each copy of a tuple the roots that it belongs to, each with a key of its own. */
export interface CopyRoots {
  /** Keys for so many copies are wanted; `batch`: of the only one that goes there. */
  prepare(copies: number, batch?: BatchWriter): void;
  /** The encoded roots of one copy; a view, valid until the next call. All copies' are as long. */
  bytesOf(copy: number): Uint8Array;
  /** The tuple is encoded and none of its copies has left: its keys count from now on. */
  commit(): void;
}

/** What is emitted. */
export interface Content {
  readonly values: readonly unknown[];
  /** Absent: the tuple belongs to no root. */
  readonly roots?: CopyRoots | undefined;
}
