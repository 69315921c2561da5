import { expect, test } from "bun:test";
import { createTickTuple, Fields, type Tuple } from "../../api/mod.ts";
import { encodedTuples } from "../../../tests/support/encoded_tuples.ts";
import { isTuple, settle } from "./tuple_checks.ts";

/** A tuple of "words". */
function tupleOfInput(): Tuple {
  const [tuple] = encodedTuples(new Fields("word"), [["a"]]);
  if (tuple === undefined) throw new Error("no tuple");
  return tuple;
}

function codeOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (thrown) {
    return thrown;
  }
}

test("settle() takes each tuple of its task once", () => {
  const tuple = tupleOfInput();
  expect(settle(tuple)).toBe(true);
  expect(codeOf(() => settle(tuple))).toMatchObject({
    code: "acked_twice",
    message: expect.stringContaining('tuple of "words": it was acked or failed before'),
  });
});

test("settle() refuses what is no tuple, and passes ticks over", () => {
  const tuple = tupleOfInput();
  for (const other of [undefined, null, 7, "a", {}, [tuple]]) {
    // What comes from JavaScript may be anything.
    expect(codeOf(() => settle(other as Tuple))).toMatchObject({ code: "foreign_tuple" });
  }
  expect(settle(tuple)).toBe(true);
  expect(settle(createTickTuple())).toBe(false);
  expect(isTuple(createTickTuple(), "Emit anchored to a tuple")).toBe(false);
});
