import { expect, test } from "bun:test";
import { HeronError } from "../../base/mod.ts";
import type { PostedFailure } from "../bridge.ts";
import { failureOf } from "./failure.ts";
import { FatalUserError } from "./work.ts";

test("failureOf() tells what user code threw, with its name and its stack", () => {
  const thrown = new TypeError("thrown on purpose");
  expect(failureOf(new FatalUserError(thrown))).toEqual({
    code: "user_code",
    message: "TypeError: thrown on purpose",
    stack: thrown.stack ?? "",
  });
  expect(failureOf(new FatalUserError({ odd: 1 }))).toEqual({
    code: "user_code",
    message: "thrown: {\n  odd: 1,\n}",
    stack: "",
  });
});

test("failureOf() keeps the code of an error of ours, and calls all else a defect", () => {
  const limit = new HeronError("limit", "Emit: found too much, expected less");
  const told: PostedFailure = { code: "limit", message: limit.message, stack: limit.stack ?? "" };
  expect(failureOf(new FatalUserError(limit))).toEqual(told);
  expect(failureOf(limit)).toEqual(told);
  expect(failureOf(new RangeError("Ours")).code).toBe("internal");
});
