/**
 * How much of each page of a view fits a screen, and how far it scrolls: the keys and
 * the drawing agree on it. Pure.
 */

import type { ScreenSize } from "./frame_painter.ts";
import { helpLines } from "./help_page.ts";
import type { ViewState } from "./view_state.ts";

/** Title, back pressure and keys; one more where there is to say which job it runs in. */
const FRAME_ROWS = 3;
/** The largest part of a page for its first table. */
const TABLE_SHARE = 0.5;
const TABLE_ROWS_MIN = 2;

/** Rows of a screen for the page. */
export function pageRows(
  { place }: Pick<ViewState, "place">,
  { rows }: ScreenSize,
): number {
  return Math.max(0, rows - FRAME_ROWS - (place === "" ? 0 : 1));
}

/** Rows of the first table on a page of `rows`, when there are `count` for it. */
export function tableRows(count: number, rows: number): number {
  return Math.max(TABLE_ROWS_MIN, Math.min(count, Math.floor(rows * TABLE_SHARE)));
}

/** Rows of processes on a page of `rows`: the others are an empty line, the head and what is left out. */
export function processRows(rows: number): number {
  return Math.max(1, rows - 3);
}

/** Lines on a page of `rows` below an empty line and a head. */
export function lineRows(rows: number): number {
  return Math.max(1, rows - 2);
}

/** The largest offset that the page of `state` has on `rows`. */
export function scrollMax(state: ViewState, rows: number): number {
  return Math.max(0, excessOf(state, rows));
}

function excessOf({ facts, page, figures, output, errors }: ViewState, rows: number): number {
  switch (page) {
    case "main":
      return 0;
    case "component":
      return figures.tasks.length - tableRows(figures.tasks.length, rows);
    case "processes":
      return figures.processes.length - processRows(rows);
    case "output":
      return output.kept.length - lineRows(rows);
    case "errors":
      // Two lines each.
      return Math.ceil(errors.length - lineRows(rows) / 2);
    case "help":
      return helpLines(facts.isOnlooker).length - rows;
  }
}
