/**
 * The screen of a view: its state and a size make lines, at most as many as
 * there are rows. Pure.
 */

import type { ErrorRow, Row } from "./figures.ts";
import { formatAge, formatShare } from "./figure_text.ts";
import type { ScreenSize } from "./frame_painter.ts";
import { helpLines } from "./help_page.ts";
import type { OutputLine } from "./output_lines.ts";
import { sortRows } from "./row_columns.ts";
import { lineRows, pageRows, processRows, scrollMax, tableRows } from "./scrolling.ts";
import { cut, type Line, line, printable, span, type Style } from "./styled.ts";
import { containerTable, processTable, rowTable } from "./tables.ts";
import type { ViewState } from "./view_state.ts";

/** No answer of the topology master for so long is said. */
const FIGURES_AGE_MS_MAX = 5000;
const CONTAINERS_SHOWN = 4;
const ERRORS_SHOWN = 3;
const ROWS_MIN = 6;
const CULPRITS_SHOWN = 3;
const STOP_COLUMNS = 9;

/** The lines that show `state`; the last row tells the keys. */
export function screenOf(state: ViewState, size: ScreenSize): Line[] {
  if (size.rows < ROWS_MIN) {
    return [titleLine(state)].slice(0, size.rows).map((one) => cut(one, size.columns));
  }
  const body = pageRows(state, size);
  const page = pageOf(state, { columns: size.columns, rows: body });
  const place = state.place === "" ? [] : [line(` ${printable(state.place)}`)];
  const lines = [titleLine(state), ...place, pressureLine(state), ...page.slice(0, body)];
  while (lines.length < size.rows - 1) lines.push([]);
  return [...lines, footLine(state)].map((one) => cut(one, size.columns));
}

function pageOf(state: ViewState, size: ScreenSize): Line[] {
  switch (state.page) {
    case "main":
      return mainPage(state, size);
    case "component":
      return componentPage(state, size);
    case "processes":
      return processesPage(state, size);
    case "output":
      return outputPage(state, size);
    case "errors":
      return errorsPage(state, size);
    case "help":
      return helpLines(state.facts.isOnlooker).slice(
        Math.min(state.offset, scrollMax(state, size.rows)),
      );
  }
}

function titleLine({ facts, phase, upMs, figuresAgeMs, isPaused }: ViewState): Line {
  const tasks = facts.components.reduce((sum, one) => sum + one.tasks, 0);
  const phases: Readonly<Record<typeof phase, readonly [string, Style]>> = {
    starting: ["starting", "key"],
    running: [`running ${formatAge(upMs)}`, "good"],
    deactivated: [`deactivated, up ${formatAge(upMs)}`, "warn"],
    ending: [`ending, was running ${formatAge(upMs)}`, "warn"],
  };
  const [text, style] = phases[phase];
  return [
    span(` ${printable(facts.name)}`, "bold"),
    span("  "),
    span(text, style),
    ...(figuresAgeMs < FIGURES_AGE_MS_MAX
      ? []
      : [span("  "), span(`no figures for ${formatAge(figuresAgeMs)}`, "warn")]),
    span(`  ${counted(tasks, "task")} in ${counted(facts.containers, "container")}, ${facts.mode}`),
    ...(isPaused ? [span("  "), span(" PAUSED ", "chosen")] : []),
  ];
}

function pressureLine({ figures }: ViewState): Line {
  const { culprits, components } = figures;
  const paused = components.filter(({ kind, pressure }) => kind === "spout" && pressure);
  if (culprits.length === 0 && paused.length === 0) return line(" no back pressure", "dim");
  const named = culprits.slice(0, CULPRITS_SHOWN).map(({ who, share }) =>
    `${who} ${formatShare(share)}`
  );
  const more = culprits.length - named.length;
  const slow = [...named, ...(more > 0 ? [`${more} more`] : [])].join(", ");
  const spouts = paused.map(({ name, pressure }) => `${name} ${formatShare(pressure)}`).join(", ");
  return [
    span(" back pressure: ", "bad"),
    span(slow === "" ? "over" : `too slow ${slow}`),
    ...(spouts === "" ? [] : [span("; paused ", "plain"), span(spouts, "warn")]),
  ];
}

function mainPage(state: ViewState, { columns, rows }: ScreenSize): Line[] {
  const { figures, errors } = state;
  const sorted = sortRows(figures.components, state.sortedBy, state.isReversed);
  const rowsMax = tableRows(sorted.length, rows);
  const lines: Line[] = [
    [],
    ...rowTable(sorted, {
      width: columns,
      rowsMax,
      offset: offsetFor(sorted, state.chosen, rowsMax),
      title: "COMPONENT",
      chosen: state.chosen,
      sortedBy: state.sortedBy,
      isReversed: state.isReversed,
    }),
    ...moreLine(sorted.length - rowsMax, "components: ↑ and ↓ scroll"),
    [],
    ...containerTable(figures.containers, {
      width: columns,
      rowsMax: CONTAINERS_SHOWN,
      offset: 0,
      title: "CONTAINER",
      holds: (container) => holdsOf(state, container),
    }),
    ...moreLine(figures.containers.length - CONTAINERS_SHOWN, "containers: p shows processes"),
  ];
  if (errors.length > 0) {
    lines.push([], line(" LAST ERRORS", "bold"));
    lines.push(...errors.slice(0, ERRORS_SHOWN).map(errorLine));
  }
  return [...lines, ...outputPane(state, rows - lines.length, undefined)];
}

function componentPage(state: ViewState, { columns, rows }: ScreenSize): Line[] {
  const { figures, chosen } = state;
  const component = figures.components.find(({ name }) => name === chosen);
  if (component === undefined) return [];
  const kind = component.kind === "spout" ? "SPOUT" : "BOLT";
  const errors = state.errors.filter((error) => error.component === chosen);
  const sorted = sortRows(figures.tasks, state.sortedBy, state.isReversed);
  const rowsMax = tableRows(sorted.length, rows);
  const from = Math.min(state.offset, scrollMax(state, rows));
  const options = { width: columns, isReversed: state.isReversed, chosen: undefined };
  const lines: Line[] = [
    [],
    // One row is in no order.
    ...rowTable([component], {
      ...options,
      sortedBy: undefined,
      rowsMax: 1,
      offset: 0,
      title: kind,
    }),
    [],
    ...rowTable(sorted, {
      ...options,
      sortedBy: state.sortedBy,
      rowsMax,
      offset: from,
      title: "TASK",
      areTasks: true,
    }),
    ...moreLine(sorted.length - from - rowsMax, "tasks: ↑ and ↓ scroll", figures.hasMore),
  ];
  if (errors.length > 0) {
    lines.push([], line(" LAST ERRORS", "bold"));
    lines.push(...errors.slice(0, ERRORS_SHOWN).map(errorLine));
  }
  return [...lines, ...outputPane(state, rows - lines.length, chosen)];
}

function processesPage(state: ViewState, { columns, rows }: ScreenSize): Line[] {
  const { processes, hasMore } = state.figures;
  const sorted = processes.toSorted((one, other) =>
    (other.memoryBytes ?? 0) - (one.memoryBytes ?? 0)
  );
  const rowsMax = processRows(rows);
  const from = Math.min(state.offset, scrollMax(state, rows));
  return [
    [],
    ...processTable(sorted, { width: columns, rowsMax, offset: from, title: "PROCESS" }),
    ...moreLine(sorted.length - from - rowsMax, "processes: ↑ and ↓ scroll", hasMore),
  ];
}

function outputPage(state: ViewState, { rows }: ScreenSize): Line[] {
  const skipped = Math.min(state.offset, scrollMax(state, rows));
  const lines = state.output.last(lineRows(rows), { skipped });
  const head = skipped === 0 ? "the newest" : `${skipped} before the newest`;
  return [[], line(` OUTPUT  ${head}`, "bold"), ...lines.map(outputLine)];
}

function errorsPage(state: ViewState, { rows }: ScreenSize): Line[] {
  const { errors } = state;
  if (errors.length === 0) return [[], line(" no errors", "dim")];
  const lines = errors.flatMap((error) => [errorLine({ ...error, where: "" }), whereLine(error)]);
  const from = Math.min(state.offset, scrollMax(state, rows));
  return [[], line(" LAST ERRORS", "bold"), ...lines.slice(from * 2)];
}

/** The last lines of user code, where there is room for some. */
function outputPane(state: ViewState, rows: number, component: string | undefined): Line[] {
  const room = rows - 2;
  if (room < 1) return [];
  const lines = state.output.last(room, component === undefined ? {} : { component });
  if (lines.length === 0) return [[], line(" OUTPUT  nothing printed yet", "dim")];
  return [[], line(" OUTPUT", "bold"), ...lines.map(outputLine)];
}

function outputLine({ component, componentIndex, isError, text }: OutputLine): Line {
  const who = span(` ${component}[${componentIndex}] `, "key");
  return [who, span(printable(text), isError ? "warn" : "plain")];
}

function errorLine({ who, message, where, times }: ErrorRow): Line {
  const often = times > 1 ? ` ×${times}` : "";
  return [
    span(` ${who}${often} `, "key"),
    span(printable(message), "bad"),
    ...(where === "" ? [] : [span(`  ${printable(where)}`)]),
  ];
}

function whereLine({ where }: ErrorRow): Line {
  return where === "" ? line("   no line of the topology", "dim") : line(`   ${printable(where)}`);
}

/** What a table leaves out; with `hasMore` there are others that were not even told. */
function moreLine(more: number, what: string, hasMore = false): Line[] {
  if (more > 0) return [line(`   and ${more}${hasMore ? " or" : ""} more ${what}`, "dim")];
  const [kind = ""] = what.split(":", 1);
  return hasMore ? [line(`   and more ${kind}, which are not shown`, "dim")] : [];
}

/** "lines, split ×2": what runs in a container, by the plan. */
function holdsOf({ facts }: ViewState, container: number): string {
  if (container === 0) return "topology master";
  const counts = new Map<string, number>();
  for (const [instance, { component }] of facts.tasks) {
    if (!instance.startsWith(`container_${container}_`)) continue;
    counts.set(component, (counts.get(component) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => count === 1 ? name : `${name} ×${count}`).join(", ");
}

/** So that the chosen row is seen. */
function offsetFor(rows: readonly Row[], chosen: string | undefined, rowsMax: number): number {
  const at = rows.findIndex(({ name }) => name === chosen);
  return Math.max(0, Math.min(at - Math.floor(rowsMax / 2), rows.length - rowsMax));
}

const KEYS: Readonly<Record<ViewState["page"], string>> = Object.freeze({
  main: "↑↓ ⏎ open  s sort  space pause  o output  p processes  e errors  ? help",
  component: "esc back  ↑↓ scroll  s sort  space pause  o output  ? help",
  processes: "esc back  ↑↓ scroll  space pause  ? help",
  output: "esc back  ↑↓ scroll  space pause  ? help",
  errors: "esc back  ↑↓ scroll  ? help",
  help: "esc back  ↑↓ scroll",
});

function footLine({ facts, page, phase, notice }: ViewState): Line {
  if (notice !== "") return line(` ${printable(notice)}`, "warn");
  const stop = facts.isOnlooker === true ? "q leave" : phase === "ending" ? "q kill" : "q stop";
  // With the longest of them the main page's line has 80 columns.
  return [span(` ${stop} `.padEnd(STOP_COLUMNS), "key"), span(KEYS[page], "dim")];
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
