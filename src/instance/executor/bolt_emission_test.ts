import { expect, test } from "bun:test";
import { createTickTuple } from "../../api/mod.ts";
import { emissionOf } from "./bolt_emission.ts";

const TICK = createTickTuple();

test("emissionOf() sorts out stream, anchors and values", () => {
  const anchors = [TICK, TICK];
  const cases = [
    [[[1]], { stream: "default", values: [1], anchors: undefined }],
    [["side", [1]], { stream: "side", values: [1], anchors: undefined }],
    [[anchors, [1]], { stream: "default", values: [1], anchors }],
    [["side", anchors, [1]], { stream: "side", values: [1], anchors }],
  ] as const;
  for (const [args, emission] of cases) expect(emissionOf(args)).toEqual(emission);
});

test.each([[["side", [], [1], 2]], [["word"]], [[]], [[[1], "word"]]])(
  "emissionOf() refuses what has no values at its end: %p",
  (args) => {
    expect(() => emissionOf(args)).toThrow(expect.objectContaining({ code: "wrong_arity" }));
  },
);
