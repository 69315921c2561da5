import { expect, test } from "bun:test";
import { BatchWriter, RootWriter } from "../../tuples/mod.ts";
import { rootsOffsetIn } from "./content.ts";

test("rootsOffsetIn() finds the roots behind headers of any length", () => {
  for (const valuesLength of [1, 90, 200, 40_000]) {
    const roots = new RootWriter();
    roots.add({ task: 1, epoch: 1, counter: 1, slot: 5, generation: 9 }, 77, 78);
    const batch = new BatchWriter(new Uint8Array(0));
    const buffer = batch.beginTuple(0, roots.bytes);
    buffer.ensure(valuesLength);
    buffer.length += valuesLength;
    const size = batch.endTuple(roots.bytes.length);
    const tuple = batch.lastTuple(size);
    const at = rootsOffsetIn(tuple);
    expect(tuple.slice(at, at + roots.bytes.length)).toEqual(roots.bytes.slice());
    const frame = batch.close(0);
    expect(frame.end).toBeGreaterThan(valuesLength);
  }
});
