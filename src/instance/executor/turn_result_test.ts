import { expect, test } from "bun:test";
import { earlier, WAITING, waitUntil } from "./turn_result.ts";

test("waitUntil() waits for the earliest time, or for what comes", () => {
  expect(waitUntil(earlier(undefined, 30), earlier(20, undefined))).toEqual({
    kind: "wait",
    untilMs: 20,
  });
  expect(waitUntil(undefined)).toBe(WAITING);
});
