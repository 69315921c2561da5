import { expect, test } from "bun:test";
import { silentLogger } from "./logger.ts";

test("silentLogger takes every level and its children are silent too", () => {
  const child = silentLogger.child({ role: "tm" });
  for (const level of ["debug", "info", "warn", "error", "fatal"] as const) {
    expect(child[level]("event", { field: 1 })).toBeUndefined();
  }
});
