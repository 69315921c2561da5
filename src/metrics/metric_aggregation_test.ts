import { expect, test } from "bun:test";
import { aggregationOf } from "./metric_aggregation.ts";

test("aggregationOf() sums counts, whatever their stream, and keeps the last of all else", () => {
  expect(aggregationOf("__emit-count/default")).toBe("sum");
  expect(aggregationOf("__execute-count/word/default")).toBe("sum");
  expect(aggregationOf("__ack-count")).toBe("sum");
  expect(aggregationOf("__client_stmgr-2/__bytes_to_stmgrs")).toBe("sum");
  expect(aggregationOf("__process/__uptime_sec")).toBe("last");
  expect(aggregationOf("my__emit-count")).toBe("last");
});
