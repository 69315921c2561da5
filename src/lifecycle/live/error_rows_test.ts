import { expect, test } from "bun:test";
import { errorRowOf, mergeErrors } from "./error_rows.ts";
import type { ErrorRow } from "./figures.ts";

const WHERE = "at execute (topology.ts:8:29)";

function crash(message: string, wallMs: number): ErrorRow {
  return errorRowOf({ component: "split", index: 1, message, stack: [WHERE] }, wallMs);
}

function reported(error: Partial<ErrorRow>): ErrorRow {
  const who = { who: "split[1]", component: "split", where: WHERE };
  return { ...who, message: "Error: x", times: 1, lastMs: 0, ...error };
}

test("mergeErrors() shows a crash once that is told of on both ways, with the tuple", () => {
  const merged = mergeErrors(
    [crash('Execute a tuple ("b"): Error: x', 20), crash('Execute a tuple ("a"): Error: x', 10)],
    [reported({ times: 2, lastMs: 19 })],
  );
  expect(merged).toEqual([
    reported({ message: 'Execute a tuple ("b"): Error: x', times: 2, lastMs: 20 }),
  ]);
  // What came by one way alone counts as well.
  expect(mergeErrors([], [reported({ times: 3 })])).toEqual([reported({ times: 3 })]);
  expect(mergeErrors([crash("Error: x", 20)], [])).toEqual([crash("Error: x", 20)]);
});

test("mergeErrors() keeps apart what is of another task, place or text, the newest first", () => {
  const crashes = [crash("Error: x", 10)];
  const others = [
    reported({ who: "split[0]", lastMs: 5 }),
    reported({ where: "at nextTuple (topology.ts:1:1)", lastMs: 30 }),
    reported({ message: "Error: y", lastMs: 20 }),
  ];
  expect(mergeErrors(crashes, others).map(({ lastMs }) => lastMs)).toEqual([30, 20, 10, 5]);
});
