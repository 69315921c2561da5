import { expect, test } from "bun:test";
import type { OutputCollector, SpoutOutputCollector, Tuple } from "../../api/mod.ts";
import { type Emission, watchEmits } from "./emission.ts";

/** A collector that emits to task 7. */
function collectorOf<Collector>(): Collector {
  // Only what emits is called here.
  return { emit: () => [7], emitDirect: (task: number) => [7, task] } as unknown as Collector;
}

test("watchEmits() tells of a spout's emits, when they have returned", () => {
  const seen: Emission[] = [];
  const collector = collectorOf<SpoutOutputCollector>();
  watchEmits(collector, "spout", (emission) => void seen.push(emission));
  expect(collector.emit([1])).toEqual([7]);
  collector.emit("side", [2], "id");
  collector.emitDirect(4, [3], 5);
  expect(seen).toEqual([
    { stream: "default", values: [1], messageId: undefined, tasks: [7] },
    { stream: "side", values: [2], messageId: "id", tasks: [7] },
    { stream: "default", values: [3], messageId: 5, tasks: [7, 4] },
  ]);
});

test("watchEmits() tells of a bolt's emits without their anchors", () => {
  const seen: Emission[] = [];
  const collector = collectorOf<OutputCollector>();
  watchEmits(collector, "bolt", (emission) => void seen.push(emission));
  const anchors: Tuple[] = [];
  collector.emit(anchors, ["a"]);
  collector.emit("side", anchors, ["b"]);
  collector.emitDirect(4, "side", ["c"]);
  expect(seen.map(({ stream, values, tasks }) => [stream, values, tasks])).toEqual([
    ["default", ["a"], [7]],
    ["side", ["b"], [7]],
    ["side", ["c"], [7, 4]],
  ]);
});
