/** The help of a view: its keys, and what its columns mean. Pure. */

import { ROW_COLUMNS } from "./row_columns.ts";
import { type Line, line, padRight, span } from "./styled.ts";

const KEYS: readonly (readonly [key: string, meaning: string])[] = [
  ["↑ ↓", "choose a component, or scroll"],
  ["enter", "page of the chosen component: its tasks, errors and output"],
  ["esc", "back"],
  ["s  <  >", "sort by the next column, the one before or the one behind"],
  ["r", "reverse the order"],
  ["space", "pause the display; the topology runs on"],
  ["o  e  p", "output, errors, processes"],
];

const STOP_KEYS = "q  ctrl-c";

const KEY_WIDTH = 11;

/** The lines of the help; an onlooker's keys end nothing. */
export function helpLines(isOnlooker = false): Line[] {
  const stop = isOnlooker
    ? "leave; the topology runs on"
    : "end the topology as if its input had ended; again: kill it";
  const keys = [...KEYS, [STOP_KEYS, stop] as const];
  return [
    [],
    line(" KEYS", "bold"),
    ...keys.map(([key, meaning]) => [span(` ${padRight(key, KEY_WIDTH)}`, "key"), span(meaning)]),
    [],
    line(" COLUMNS; wide terminals show all. Rates are of the last few reports", "bold"),
    ...ROW_COLUMNS.map(({ title, meaning }) => [
      span(` ${padRight(title, KEY_WIDTH)}`, "key"),
      span(meaning),
    ]),
  ];
}
