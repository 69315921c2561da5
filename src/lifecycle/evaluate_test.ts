/** Tests of the define process's answers; the process itself is tested with define.ts. */

import { expect, test } from "bun:test";
import { HeronError } from "../base/mod.ts";
import { answerOfThrown } from "./evaluate.ts";

test("answerOfThrown() keeps the code of our own errors", () => {
  expect(answerOfThrown(new HeronError("invalid_topology", "no spout"))).toMatchObject({
    ok: false,
    code: "invalid_topology",
    message: "no spout",
    stack: expect.stringContaining("evaluate_test.ts"),
  });
});

test("answerOfThrown() takes all else for the user's", () => {
  expect(answerOfThrown(new RangeError("far"))).toMatchObject({
    code: "user_code",
    message: "RangeError: far",
  });
  expect(answerOfThrown({ a: 1 })).toMatchObject({
    code: "user_code",
    message: expect.stringContaining("thrown: {"),
    stack: "",
  });
  expect(answerOfThrown(undefined)).toMatchObject({ message: "thrown: undefined" });
});
