import { expect, test } from "bun:test";
import { helpLines } from "./help_page.ts";
import { ROW_COLUMNS } from "./row_columns.ts";
import { cellsOf, textOf } from "./styled.ts";

test("helpLines() say what it is to leave", () => {
  expect(helpLines().map(textOf).some((line) => line.includes("end the topology"))).toBe(true);
  const lines = helpLines(true).map(textOf);
  expect(lines.some((line) => line.includes("end the topology"))).toBe(false);
  expect(lines.some((line) => line.includes("leave; the topology runs on"))).toBe(true);
});

test("helpLines() explain every column, and fit 80 cells", () => {
  const lines = helpLines().map(textOf);
  expect(Math.max(...lines.map(cellsOf))).toBeLessThanOrEqual(80);
  for (const { title } of ROW_COLUMNS) {
    expect(lines.some((line) => line.startsWith(` ${title} `))).toBe(true);
  }
});
