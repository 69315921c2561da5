/**
 * The tables of a page of documentation as rows: cells by the name of their
 * column. Knows nothing of what the cells mean.
 */

/** A row of a table. */
export interface DocRow {
  /** The page, by its path in the repository. */
  readonly page: string;
  /** Counted from 1. */
  readonly line: number;
  /** What a column holds, without spaces around it; "" where the row has none. */
  cell(column: string): string;
  /** Whether the table has the column. */
  has(column: string): boolean;
}

const DIVIDER = /^\|[\s:|-]+\|$/;

/** The rows of all tables of `text`, in their order. */
export function tableRows(page: string, text: string): readonly DocRow[] {
  const rows: DocRow[] = [];
  const lines = text.split("\n");
  let columns: readonly string[] = [];
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (!line.startsWith("|")) columns = [];
    else if (DIVIDER.test((lines[index + 1] ?? "").trim())) columns = cellsOf(line);
    else if (!DIVIDER.test(line)) rows.push(rowOf(page, index + 1, [columns, cellsOf(line)]));
  }
  return rows;
}

function rowOf(
  page: string,
  line: number,
  [columns, cells]: readonly [columns: readonly string[], cells: readonly string[]],
): DocRow {
  return {
    page,
    line,
    cell: (column) => cells[columns.indexOf(column)] ?? "",
    has: (column) => columns.includes(column),
  };
}

/** A bar that belongs to a cell is written `\|`. */
function cellsOf(line: string): readonly string[] {
  return line.slice(1, line.endsWith("|") ? -1 : undefined).split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll("\\|", "|").trim());
}

/** What stands between backticks in `cell`, in its order. */
export function codeSpans(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, span]) => span ?? "");
}
