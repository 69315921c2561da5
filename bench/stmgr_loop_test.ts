/** The loop around the stream manager's core routes what it is fed. */

import { expect, test } from "bun:test";
import { measureStmgrCore } from "./stmgr_loop.ts";

test("measureStmgrCore() tells what a batch costs", () => {
  const { ns } = measureStmgrCore(0.3);
  expect(ns["batch_p50"]).toBeGreaterThan(0);
  expect(ns["batch_p99"]).toBeGreaterThanOrEqual(ns["batch_p50"] ?? NaN);
});
