import { expect, test } from "bun:test";
import { WAITING, waitUntil } from "./turn_result.ts";

test("waitUntil() waits for the earliest time, or for what comes", () => {
  expect(waitUntil(undefined, 30, 20, undefined)).toEqual({ kind: "wait", untilMs: 20 });
  expect(waitUntil(undefined)).toBe(WAITING);
});
