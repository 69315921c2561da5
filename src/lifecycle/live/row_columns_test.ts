import { expect, test } from "bun:test";
import { answersOf, FACTS } from "../../../tests/support/live_figures.ts";
import { figuresOf } from "./figures.ts";
import { columnsShown, fitColumns, ROW_COLUMNS, sortRows } from "./row_columns.ts";

const ROWS = figuresOf(FACTS, answersOf(), { type: "none" }).components;

test("fitColumns() shows the first columns, as many as there is room for", () => {
  for (const width of [20, 40, 80, 120, 160, 200]) {
    const { columns, nameWidth } = fitColumns(ROW_COLUMNS, ROWS, width);
    const used = columns.reduce((sum, one) => sum + one.width + 1, nameWidth + 1);
    expect(used).toBeLessThanOrEqual(width);
    expect(columns).toEqual(ROW_COLUMNS.slice(0, columns.length));
  }
  expect(columnsShown(80).at(-1)).toBe("pressure");
  expect(columnsShown(160).at(-1)).toBe("dropped");
});

test("sortRows() puts the largest first, what is not known last", () => {
  const names = (id: string | undefined, isReversed = false) =>
    sortRows(ROWS, id, isReversed).map(({ name }) => name);
  expect(names(undefined)).toEqual(["lines", "split", "count"]);
  expect(names(undefined, true)).toEqual(["count", "split", "lines"]);
  expect(names("execute")).toEqual(["count", "split", "lines"]);
  expect(names("execute", true)).toEqual(["split", "count", "lines"]);
});
