/** The tables of a view as lines: components or tasks, containers or processes. Pure. */

import type { ProcessRow, Row } from "./figures.ts";
import { formatBytes, formatShare, UNKNOWN } from "./figure_text.ts";
import { type Column, columnsOf, fitColumns } from "./row_columns.ts";
import { type Line, padLeft, padRight, span, type Style } from "./styled.ts";

/** How a table is to be shown. */
export interface TableOptions {
  readonly width: number;
  /** Rows at most, without the head. */
  readonly rowsMax: number;
  /** Rows passed over at the beginning. */
  readonly offset: number;
  /** What the names are called: "COMPONENT". */
  readonly title: string;
}

/** How a table of components or tasks is to be shown. */
export interface RowTableOptions extends TableOptions {
  /** The chosen row, if one can be chosen. */
  readonly chosen: string | undefined;
  readonly sortedBy: string | undefined;
  readonly isReversed: boolean;
  /** The rows are tasks, not components. @default false */
  readonly areTasks?: boolean;
}

/** A head and a line a row. */
export function rowTable(rows: readonly Row[], options: RowTableOptions): Line[] {
  const all = columnsOf(options.areTasks === true);
  const { columns, nameWidth } = fitColumns(all, rows, options.width);
  const shown = rows.slice(options.offset, options.offset + options.rowsMax);
  return [
    headOf(columns, nameWidth, options),
    ...shown.map((row) => lineOf(row, { columns, nameWidth }, options)),
  ];
}

function headOf(
  columns: readonly Column[],
  nameWidth: number,
  { title, sortedBy, isReversed }: RowTableOptions,
): Line {
  return [
    span(` ${padRight(title, nameWidth)}`, "bold"),
    ...columns.flatMap(({ id, title: text, width }) => {
      const mark = id !== sortedBy ? "" : isReversed ? "▲" : "▼";
      // The mark takes the gap before the column when the title fills it.
      const cell = padLeft(`${mark}${text}`, width + 1);
      return [span(cell, id === sortedBy ? "key" : "bold")];
    }),
  ];
}

function lineOf(
  row: Row,
  { columns, nameWidth }: { readonly columns: readonly Column[]; readonly nameWidth: number },
  { chosen }: RowTableOptions,
): Line {
  const isChosen = row.name === chosen;
  const mark = isChosen ? ">" : " ";
  return [
    span(`${mark}${padRight(row.name, nameWidth)}`, isChosen ? "chosen" : "plain"),
    ...columns.map((column) => {
      const text = column.text(row);
      const style: Style = text === UNKNOWN ? "dim" : column.style(row);
      return span(` ${padLeft(text, column.width)}`, style);
    }),
  ];
}

const PROCESS_COLUMNS = Object.freeze([
  { title: "PROCS", width: 5, text: (row: ProcessRow) => String(row.processes) },
  { title: "MEMORY", width: 9, text: (row: ProcessRow) => formatBytes(row.memoryBytes) },
  { title: "RESIDENT", width: 9, text: (row: ProcessRow) => formatBytes(row.residentBytes) },
  { title: "CPU", width: 6, text: (row: ProcessRow) => formatShare(row.cpu) },
]);

/** Containers: a head and a line each, what runs in them at the end. */
export function containerTable(
  rows: readonly ProcessRow[],
  options: TableOptions & { readonly holds: (container: number) => string },
): Line[] {
  const shown = rows.slice(options.offset, options.offset + options.rowsMax);
  return [
    processHead(options, "  HOLDS"),
    ...shown.map((row) => [
      ...processCells(row),
      span(`  ${options.holds(row.container)}`, "dim"),
    ]),
  ];
}

/** Processes: a head and a line each. */
export function processTable(rows: readonly ProcessRow[], options: TableOptions): Line[] {
  const shown = rows.slice(options.offset, options.offset + options.rowsMax);
  return [
    processHead(options, "  CONTAINER"),
    ...shown.map((row) => [
      ...processCells(row),
      span(`  ${padLeft(String(row.container), 9)}`),
    ]),
  ];
}

const PROCESS_NAME_WIDTH = 22;

function processHead({ title }: TableOptions, last: string): Line {
  const heads = PROCESS_COLUMNS.map((one) => ` ${padLeft(one.title, one.width)}`).join("");
  return [span(` ${padRight(title, PROCESS_NAME_WIDTH)}${heads}${last}`, "bold")];
}

function processCells(row: ProcessRow): Line {
  return [
    span(` ${padRight(row.name, PROCESS_NAME_WIDTH)}`),
    ...PROCESS_COLUMNS.map((one) => {
      const text = one.text(row);
      return span(` ${padLeft(text, one.width)}`, text === UNKNOWN ? "dim" : "plain");
    }),
  ];
}
