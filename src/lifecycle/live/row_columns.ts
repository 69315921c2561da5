/** The columns of a table of components or tasks: what they show, how, and which fit into a width. Pure. */

import type { Row } from "./figures.ts";
import { formatBytes, formatFigure, formatMs, formatShare } from "./figure_text.ts";
import type { Style } from "./styled.ts";

/** A column. */
export interface Column {
  readonly id: string;
  readonly title: string;
  readonly width: number;
  /** What it says, for the help. */
  readonly meaning: string;
  /** By what rows are sorted; undefined sorts last. */
  value(row: Row): number | undefined;
  text(row: Row): string;
  style(row: Row): Style;
}

/** The name column is at least so wide. */
const NAME_WIDTH_MIN = 14;
/** And no wider. */
const NAME_WIDTH_MAX = 32;

const BUSY = 0.8;

type FigureOf = (row: Row) => number | undefined;

interface ColumnInit {
  readonly id: string;
  readonly title: string;
  readonly width: number;
  readonly meaning: string;
  readonly value: FigureOf;
  readonly format: (figure: number | undefined) => string;
  readonly style?: (row: Row) => Style;
}

function column({ format, value, style, ...rest }: ColumnInit): Column {
  return Object.freeze({
    ...rest,
    value,
    text: (row: Row) => format(value(row)),
    style: style ?? (() => "plain" as const),
  });
}

/** The most important first: those at the end are shown where there is room. */
export const ROW_COLUMNS: readonly Column[] = Object.freeze([
  column({
    id: "tasks",
    title: "TASKS",
    width: 5,
    meaning: "tasks of the component",
    value: (row) => row.tasks,
    format: (figure) => String(figure),
  }),
  column({
    id: "emit",
    title: "EMIT/S",
    width: 6,
    meaning: "tuples emitted a second",
    value: (row) => row.emit,
    format: formatFigure,
  }),
  column({
    id: "execute",
    title: "EXEC/S",
    width: 6,
    meaning: "tuples executed a second",
    value: (row) => row.execute,
    format: formatFigure,
  }),
  column({
    id: "ack",
    title: "ACK/S",
    width: 6,
    meaning: "tuples acked a second",
    value: (row) => row.ack,
    format: formatFigure,
  }),
  column({
    id: "fail",
    title: "FAIL/S",
    width: 6,
    meaning: "tuples failed a second",
    value: (row) => row.fail,
    format: formatFigure,
    style: (row) => row.fail ? "bad" : "plain",
  }),
  column({
    id: "execute_ms",
    title: "EXEC ms",
    width: 7,
    meaning: "time of one execute",
    value: (row) => row.executeMs,
    format: formatMs,
  }),
  column({
    id: "complete_ms",
    title: "DONE ms",
    width: 7,
    meaning: "of a spout: from emit to ack",
    value: (row) => row.completeMs,
    format: formatMs,
  }),
  column({
    id: "capacity",
    title: "CAPAC",
    width: 5,
    meaning: "part of its time that a task executes",
    value: (row) => row.capacity,
    format: formatShare,
    style: (row) => (row.capacity ?? 0) >= BUSY ? "warn" : "plain",
  }),
  column({
    id: "pressure",
    title: "PRESS",
    width: 5,
    meaning: "back pressure: a bolt was too slow, a spout was paused",
    value: (row) => row.pressure,
    format: formatShare,
    style: (row) => row.pressure ? (row.kind === "bolt" ? "bad" : "warn") : "plain",
  }),
  column({
    id: "memory",
    title: "MEMORY",
    width: 8,
    meaning: "private memory of its processes",
    value: (row) => row.memoryBytes,
    format: formatBytes,
  }),
  column({
    id: "cpu",
    title: "CPU",
    width: 5,
    meaning: "processor time; 100% is one core",
    value: (row) => row.cpu,
    format: formatShare,
  }),
  column({
    id: "queue",
    title: "QUEUE",
    width: 8,
    meaning: "bytes received and not yet executed",
    value: (row) => row.queueBytes,
    format: formatBytes,
  }),
  column({
    id: "pending",
    title: "PENDING",
    width: 7,
    meaning: "tuples of a spout that are followed and not done",
    value: (row) => row.pending,
    format: formatFigure,
  }),
  column({
    id: "process_ms",
    title: "PROC ms",
    width: 7,
    meaning: "from execute to ack",
    value: (row) => row.processMs,
    format: formatMs,
  }),
  column({
    id: "emitted",
    title: "EMITTED",
    width: 7,
    meaning: "tuples emitted since the start",
    value: (row) => row.emitted,
    format: formatFigure,
  }),
  column({
    id: "executed",
    title: "EXECUTED",
    width: 8,
    meaning: "tuples executed since the start",
    value: (row) => row.executed,
    format: formatFigure,
  }),
  column({
    id: "failed",
    title: "FAILED",
    width: 6,
    meaning: "tuples failed since the start",
    value: (row) => row.failed,
    format: formatFigure,
    style: (row) => row.failed ? "bad" : "plain",
  }),
  column({
    id: "dropped",
    title: "DROPPED",
    width: 7,
    meaning: "tuples dropped since the start",
    value: (row) => row.dropped,
    format: formatFigure,
    style: (row) => row.dropped ? "bad" : "plain",
  }),
]);

/** The columns that fit beside the names, and how wide the names are. */
export function fitColumns(
  columns: readonly Column[],
  rows: readonly Row[],
  width: number,
): { readonly columns: readonly Column[]; readonly nameWidth: number } {
  const longest = Math.max(0, ...rows.map(({ name }) => Bun.stringWidth(name)));
  const wanted = Math.min(NAME_WIDTH_MAX, Math.max(NAME_WIDTH_MIN, longest));
  let left = width - NAME_WIDTH_MIN - 1;
  const fitting: Column[] = [];
  for (const one of columns) {
    left -= one.width + 1;
    if (left < 0) break;
    fitting.push(one);
  }
  const used = fitting.reduce((sum, one) => sum + one.width + 1, 0);
  return { columns: fitting, nameWidth: Math.min(wanted, Math.max(0, width - 1 - used)) };
}

/** The columns of a table of components, or of tasks, which have none themselves. */
export function columnsOf(areTasks: boolean): readonly Column[] {
  return areTasks ? ROW_COLUMNS.slice(1) : ROW_COLUMNS;
}

/** The ids of the columns that a table of `width` cells shows. */
export function columnsShown(width: number, areTasks = false): readonly string[] {
  return fitColumns(columnsOf(areTasks), [], width).columns.map(({ id }) => id);
}

/** `rows` by a column, the largest first; in the plan's order without one. */
export function sortRows(
  rows: readonly Row[],
  columnId: string | undefined,
  isReversed: boolean,
): readonly Row[] {
  const sorted = ROW_COLUMNS.find(({ id }) => id === columnId);
  if (sorted === undefined) return isReversed ? rows.toReversed() : rows;
  const sign = isReversed ? -1 : 1;
  return rows.toSorted((one, other) => {
    const [first, second] = [sorted.value(one), sorted.value(other)];
    if (first === undefined || second === undefined) {
      return Number(first === undefined) - Number(second === undefined);
    }
    return sign * (second - first);
  });
}
