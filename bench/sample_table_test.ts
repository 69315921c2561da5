/** Shares of made-up samples. */

import { expect, test } from "bun:test";
import { type Sample, sampleTable } from "./sample_table.ts";

function sample(...names: string[]): Sample {
  return { frames: names.map((name) => ({ name, sourceURL: "/a/b.js", category: "FTL" })) };
}

test("sampleTable() tells a function's own time from that of what it calls", () => {
  const samples = [sample("inner", "outer"), sample("inner", "outer"), sample("outer"), sample()];
  const table = sampleTable(samples);
  expect(table.split("\n").map((line) => line.trim())).toEqual([
    "4 samples",
    "",
    "in itself",
    "50.0 %  inner (b.js) FTL",
    "25.0 %  outer (b.js) FTL",
    "25.0 %  (no script)",
    "",
    "with what it called",
    "75.0 %  outer (b.js)",
    "50.0 %  inner (b.js)",
    "",
  ]);
});

test("sampleTable() counts a function that calls itself once", () => {
  expect(sampleTable([sample("f", "f")])).toContain("100.0 %  f (b.js)\n");
});

test("sampleTable() takes native frames, which are in no file", () => {
  const table = sampleTable([{ frames: [{ name: "write", category: "Host" }] }]);
  expect(table).toContain("100.0 %  write Host\n");
});
