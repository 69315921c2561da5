import { expect, test } from "bun:test";
import { assert, assertDefined, AssertionError, unreachable } from "./assert.ts";

test("assert() throws only when the condition fails", () => {
  assert(true, "fine");
  expect(() => assert(false, "two is odd")).toThrow("Invariant broken: two is odd");
});

test("assertDefined() gives what is there, falsy values too", () => {
  expect(assertDefined(0, "zero")).toBe(0);
  expect(() => assertDefined(undefined, "the plan")).toThrow("the plan is missing");
  expect(() => assertDefined(null, "the plan")).toThrow(AssertionError);
});

test("unreachable() names the case that the types ruled out", () => {
  // What the types rule out, a peer may still send.
  expect(() => unreachable("purple" as never)).toThrow('"purple"');
});
