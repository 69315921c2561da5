import { expect, test } from "bun:test";
import type { GroupingDefinition } from "../../api/mod.ts";
import { seededRandom } from "../../base/mod.ts";
import { CreditTable, Edge, OutChannel } from "../../tuples/mod.ts";
import { createOutStream } from "./out_stream.ts";

const CREDIT = new CreditTable(new Int32Array(new SharedArrayBuffer(40)));
const STREAM = { id: "late", fields: ["word"], direct: false };

/** A subscription to channels of `tasks`. */
function edgeOf(grouping: GroupingDefinition["type"], ...tasks: readonly number[]): Edge {
  const channels = tasks.map((destinationTask) => {
    const header = {
      destinationTask,
      sourceTask: 1,
      sourceEpoch: 1,
      sourceCounter: 1,
      planVersion: 1,
      restoreEpoch: 0,
    };
    return new OutChannel(header, CREDIT);
  });
  const place = { fieldIndexes: [], keyGroups: 16, random: seededRandom(1) };
  return new Edge({ grouping, channels, ...place });
}

test("createOutStream() knows the only edge where it chooses one channel", () => {
  const shuffle = edgeOf("shuffle", 2, 3);
  const stream = createOutStream(4, STREAM, [shuffle]);
  expect(stream).toMatchObject({ index: 4, id: "late", fields: ["word"], emitted: 0 });
  expect(stream.single).toBe(shuffle);
  expect(stream.quick).toBeUndefined();
  expect(createOutStream(0, STREAM, [edgeOf("all", 2)]).single).toBeUndefined();
  expect(createOutStream(0, STREAM, [shuffle, edgeOf("none", 4)]).single).toBeUndefined();
  expect(createOutStream(0, STREAM, []).single).toBeUndefined();
});

test("createOutStream() finds the channels of all direct groupings by their tasks", () => {
  const edges = [edgeOf("direct", 2, 3), edgeOf("shuffle", 4), edgeOf("direct", 5)];
  const { direct } = createOutStream(0, STREAM, edges);
  expect([...direct.keys()]).toEqual([2, 3, 5]);
  expect(direct.get(5)).toBe(edges[2]?.channels[0]);
});
