import { expect, test } from "bun:test";
import { isPromiseLike } from "./maybe_promise.ts";

test("isPromiseLike() knows promises and what behaves like them", () => {
  expect(isPromiseLike(Promise.resolve())).toBe(true);
  expect(isPromiseLike(Object.fromEntries([["then", () => undefined]]))).toBe(true);
  for (const value of [undefined, null, 1, "then", {}, [1], { other: 1 }]) {
    expect(isPromiseLike(value)).toBe(false);
  }
});
