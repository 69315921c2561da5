/** Ratios of known costs. */

import { expect, test } from "bun:test";
import { type PairedCosts, pairedLine, pairedRatio, pairedText } from "./paired_table.ts";

function run(first: number, second: number): PairedCosts[] {
  return [
    { variant: "new", costNs: { spout: first / 2, total: first } },
    { variant: "against", costNs: { spout: second / 4, total: second } },
  ];
}

test("pairedRatio() is the mean of what the second cost by what the first did", () => {
  expect(pairedRatio([run(100, 110), run(200, 180), run(50, 50)])).toEqual({
    mean: 1,
    error: expect.closeTo(0.1 / Math.sqrt(3), 10),
  });
  expect(pairedRatio([run(100, 150)])).toEqual({ mean: 1.5, error: NaN });
});

test("pairedText() tells the ratio, its error and the medians by role", () => {
  expect(pairedText("chain", [run(100, 110), run(200, 180), run(50, 50)])).toBe(
    "chain: new / against 1.000 ± 0.058, 3 runs\n" +
      "  new: spout 50, total 100 ns a tuple\n" +
      "  against: spout 28, total 110 ns a tuple",
  );
  expect(pairedText("chain", [run(100, 150)])).toStartWith("chain: new / against 1.500, 1 runs\n");
  expect(pairedLine(2, run(100, 150))).toBe("  run 2: new 100 ns, against 150 ns a tuple");
});
