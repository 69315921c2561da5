import { expect, test } from "bun:test";
import { assemble, begin, HEADER, partsOf, rootsOf } from "../../tests/support/tuple_parts.ts";
import { BatchReader } from "./batch_reader.ts";
import { BatchWriter } from "./batch_writer.ts";
import { encodeChannelHeader } from "./channel_header.ts";
import { PartialTuple } from "./partial_tuple.ts";
import { RootReader } from "./roots.ts";

test("PartialTuple.roots() are those that came whole, wherever the tuple is cut", () => {
  for (const batchBytes of [140, 141, 150, 200]) {
    const writer = new BatchWriter(encodeChannelHeader(HEADER));
    begin(writer, { stream: 200, roots: rootsOf(20), values: new Uint8Array(700) });
    const bodies = partsOf(writer.takeTuple(rootsOf(20).length), batchBytes, 0);
    const reader = new BatchReader();
    const roots = new RootReader();
    let partial: PartialTuple | undefined;
    let known = 0;
    for (const body of bodies) {
      reader.open(body, 0, body.length);
      partial ??= new PartialTuple(reader);
      partial.add(reader);
      roots.open(partial.roots(), { task: 1, epoch: 1, counter: 1 });
      let count = 0;
      while (roots.next()) expect(roots).toMatchObject({ slot: count++, generation: 3 });
      expect(count).toBeGreaterThanOrEqual(known);
      known = count;
    }
    expect(known).toBe(20);
  }
});

test("PartialTuple refuses parts that are not as long as their tuple", () => {
  const writer = new BatchWriter(encodeChannelHeader(HEADER));
  begin(writer, { stream: 0, roots: new Uint8Array(0), values: new Uint8Array(3_000) });
  const [first, , , last] = partsOf(writer.takeTuple(0), 1_024, 0);
  if (first === undefined || last === undefined) throw new Error("four parts were expected");
  expect(() => assemble([first, last])).toThrow("with its last part, expected 3009 B in all");
  expect(() => assemble([first, first, first, first])).toThrow("before its last part");
});
