import { expect, test } from "bun:test";
import { globalCounts, GlobalMetrics } from "./global_metrics.ts";

test("GlobalMetrics counts by name, and has no counts before the first", () => {
  // Another file of the same process may have counted.
  if (globalCounts() !== undefined) globalCounts()?.getValueAndReset();
  GlobalMetrics.incr("mine");
  GlobalMetrics.incrBy("mine", 2);
  GlobalMetrics.safeIncr("other");
  GlobalMetrics.safeIncrBy("other", 4);
  const counts = globalCounts()?.getValueAndReset();
  expect([counts?.get("mine"), counts?.get("other")]).toEqual([3, 5]);
});
