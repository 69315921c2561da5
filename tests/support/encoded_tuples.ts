/** Tuples as a bolt gets them: encoded into a batch, then read from it one by one. */

import type { Fields } from "../../src/api/mod.ts";
import { TupleView } from "../../src/instance/executor/tuple_view.ts";
import { PacketPeek } from "../../src/base/wire/mod.ts";
import {
  BatchReader,
  BatchWriter,
  encodeChannelHeader,
  RootWriter,
  writeValue,
} from "../../src/tuples/mod.ts";

/** Header fields 1 and 2 of a batch. */
const HEADER = new Uint8Array([8, 2, 16, 1]);
const SOURCE = Object.freeze({ task: 1, epoch: 0, counter: 0 });

/** The bytes of a batch with these tuples; `roots` come with each of them. */
export function encodeBatch(rows: readonly (readonly unknown[])[], roots?: Uint8Array): Uint8Array {
  const writer = new BatchWriter(HEADER);
  for (const row of rows) {
    const buffer = writer.beginTuple(0, roots);
    for (const value of row) writeValue(buffer, value);
    writer.endTuple(roots?.length);
  }
  const { bytes, start, end } = writer.close(0);
  let at = start;
  // The length of the frame, then tag and length of the batch in it.
  while ((bytes[at++] ?? 0) >= 0x80);
  at++;
  while ((bytes[at++] ?? 0) >= 0x80);
  return bytes.slice(at, end);
}

/** The tuples of one batch of `component`. */
export function encodedTuples(
  fields: Fields,
  rows: readonly (readonly unknown[])[],
  roots?: Uint8Array,
): TupleView[] {
  const bytes = encodeBatch(rows, roots);
  const reader = new BatchReader();
  const origin = { component: "words", stream: "default", source: SOURCE, fields };
  const tuples: TupleView[] = [];
  reader.open(bytes, 0, bytes.length);
  while (reader.next()) tuples.push(new TupleView(origin, reader));
  return tuples;
}

/** A life of a task that emits. */
export interface Source {
  readonly sourceTask: number;
  readonly sourceEpoch: number;
  readonly sourceCounter: number;
}

/** The frame of a batch to task 2 with one tuple, the only copy of what `source` emitted. */
export function soleFrame(source: Source) {
  const header = { destinationTask: 2, ...source, planVersion: 1, restoreEpoch: 0 };
  const batch = new BatchWriter(encodeChannelHeader(header));
  const roots = new RootWriter();
  roots.addSole(7, 8);
  batch.beginTuple(0, roots.bytes);
  batch.endTuple(roots.bytes.length);
  const { bytes, start, end } = batch.close(0);
  const frame = bytes.slice(start, end);
  const peek = new PacketPeek();
  peek.peek(frame, 1, frame.length);
  return { body: peek.body, bytes: frame, bodyStart: peek.bodyStart };
}
