/** Golden screens of a view: what a user sees at 80×24 and wide. */

import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import {
  answersOf,
  FACTS,
  processesAnswer,
  tasksAnswer,
} from "../../../tests/support/live_figures.ts";
import { OutputSchema } from "../../base/gen/heron_bin/packet_pb.ts";
import { type Detail, figuresOf } from "./figures.ts";
import { LiveModel } from "./live_model.ts";
import { screenOf } from "./screen.ts";
import { cellsOf, textOf } from "./styled.ts";

const SMALL = { columns: 80, rows: 24 };

function openModel(): LiveModel {
  const model = new LiveModel(FACTS);
  model.running(0);
  model.take(figuresOf(FACTS, answersOf(), { type: "none" }), { type: "none" }, 72_000);
  model.output.take(
    create(OutputSchema, {
      component: "count",
      componentIndex: 1,
      lines: ["the\t7", "\x1b[1mfox"],
    }),
  );
  return model;
}

function screen(model: LiveModel, size = SMALL): string[] {
  const lines = screenOf(model.stateAt(72_000), size).map(textOf);
  expect(lines.length).toBeLessThanOrEqual(size.rows);
  expect(Math.max(...lines.map(cellsOf))).toBeLessThanOrEqual(size.columns);
  return lines.map((line) => line.trimEnd());
}

function press(model: LiveModel, ...keys: string[]): void {
  for (const key of keys) model.press(key, { nowMs: 72_000, size: SMALL });
}

test("screenOf() shows components, containers, errors and output at 80×24", () => {
  expect(screen(openModel())).toMatchInlineSnapshot(`
    [
      " word-count  running 1m12s  5 tasks in 2 containers, at least once",
      " back pressure: too slow count[1] 83%; paused lines 62%",
      "",
      " COMPONENT      TASKS EMIT/S EXEC/S  ACK/S FAIL/S EXEC ms DONE ms CAPAC PRESS",
      ">lines              1  5.00k      -  4.90k      3       -    12.5     -   62%",
      " split              2  45.0k  5.00k  5.00k      0    0.10       -   25%    0%",
      " count              2      -  45.0k      -      -   0.040       -   90%   83%",
      "",
      " CONTAINER              PROCS    MEMORY  RESIDENT    CPU  HOLDS",
      " container 0                2  80.0 MiB   240 MiB    50%  topology master",
      " container 1                2  80.0 MiB   240 MiB    50%  lines, split, count",
      " container 2                2  80.0 MiB   240 MiB    50%  split, count",
      "",
      " LAST ERRORS",
      " split[1] ×2 Error: no such word  at execute (topology.ts:8:29)",
      "",
      " OUTPUT",
      " count[1] the    7",
      " count[1] fox",
      "",
      "",
      "",
      "",
      " q stop  ↑↓ ⏎ open  s sort  space pause  o output  p processes  e errors  ? help",
    ]
  `);
});

test("screenOf() shows the tasks of one component", () => {
  const model = openModel();
  press(model, "down", "enter");
  const detail: Detail = { type: "component", name: "split" };
  model.take(figuresOf(FACTS, [...answersOf(), tasksAnswer()], detail), detail, 72_000);
  expect(screen(model).slice(0, 14)).toMatchInlineSnapshot(`
    [
      " word-count  running 1m12s  5 tasks in 2 containers, at least once",
      " back pressure: too slow count[1] 83%; paused lines 62%",
      "",
      " BOLT           TASKS EMIT/S EXEC/S  ACK/S FAIL/S EXEC ms DONE ms CAPAC PRESS",
      " split              2  45.0k  5.00k  5.00k      0    0.10       -   25%    0%",
      "",
      " TASK           EMIT/S EXEC/S  ACK/S FAIL/S EXEC ms DONE ms CAPAC PRESS   MEMORY",
      " split[0]        45.0k  5.00k  5.00k      0    0.10       -   50%    0% 80.0 MiB",
      " split[1]        45.0k  5.00k  5.00k      0    0.10       -   50%    0% 80.0 MiB",
      "",
      " LAST ERRORS",
      " split[1] ×2 Error: no such word  at execute (topology.ts:8:29)",
      "",
      " OUTPUT  nothing printed yet",
    ]
  `);
});

test("screenOf() shows processes, output, errors and help on pages of their own", () => {
  const model = openModel();
  press(model, "p");
  const detail: Detail = { type: "processes" };
  model.take(figuresOf(FACTS, [...answersOf(), processesAnswer()], detail), detail, 72_000);
  expect(screen(model).slice(3, 6)).toMatchInlineSnapshot(`
    [
      " PROCESS                PROCS    MEMORY  RESIDENT    CPU  CONTAINER",
      " tm                         2  80.0 MiB   240 MiB    50%          0",
      " stmgr-1                    2  80.0 MiB   240 MiB    50%          1",
    ]
  `);
  press(model, "escape", "o");
  expect(screen(model).slice(2, 6)).toMatchInlineSnapshot(`
    [
      "",
      " OUTPUT  the newest",
      " count[1] the    7",
      " count[1] fox",
    ]
  `);
  press(model, "escape", "e");
  expect(screen(model).slice(2, 6)).toMatchInlineSnapshot(`
    [
      "",
      " LAST ERRORS",
      " split[1] ×2 Error: no such word",
      "   at execute (topology.ts:8:29)",
    ]
  `);
  press(model, "escape", "?");
  expect(screen(model)[3]).toBe(" KEYS");
});

test("screenOf() shows more columns on a wide terminal, and a pause and notes on any", () => {
  const model = openModel();
  press(model, " ", "s");
  model.note("something to know");
  const lines = screen(model, { columns: 160, rows: 50 });
  expect(lines[0]).toMatchInlineSnapshot(
    `" word-count  running 1m12s  5 tasks in 2 containers, at least once   PAUSED"`,
  );
  expect(lines.slice(3, 7)).toMatchInlineSnapshot(`
    [
      " COMPONENT     ▼TASKS EMIT/S EXEC/S  ACK/S FAIL/S EXEC ms DONE ms CAPAC PRESS   MEMORY   CPU    QUEUE PENDING PROC ms EMITTED EXECUTED FAILED DROPPED",
      " split              2  45.0k  5.00k  5.00k      0    0.10       -   25%    0% 80.0 MiB   50%        -       -       -    900k     100k      0       -",
      " count              2      -  45.0k      -      -   0.040       -   90%   83% 80.0 MiB   50%        -       -       -       -     900k      -       -",
      ">lines              1  5.00k      -  4.90k      3       -    12.5     -   62% 80.0 MiB   50%        -       -       -    100k        -     12       -",
    ]
  `);
  expect(lines[49]).toBe(" something to know");
});

test("screenOf() fits any size, and says how many components it leaves out", () => {
  const model = openModel();
  for (const columns of [1, 10, 39, 80, 200]) {
    for (const rows of [1, 5, 6, 10, 24]) screen(model, { columns, rows });
  }
  expect(screen(model, { columns: 80, rows: 8 })).toContain(
    "   and 1 more components: ↑ and ↓ scroll",
  );
});

test("screenOf() says since when there are no figures", () => {
  const model = openModel();
  const title = (nowMs: number) => textOf(screenOf(model.stateAt(nowMs), SMALL)[0] ?? []).trimEnd();
  expect(title(76_000)).toBe(" word-count  running 1m16s  5 tasks in 2 containers, at least once");
  expect(title(84_000)).toMatchInlineSnapshot(
    `" word-count  running 1m24s  no figures for 12s  5 tasks in 2 containers, at lea…"`,
  );
});

test("screenOf() says when there are more tasks or processes than it was told", () => {
  const model = openModel();
  press(model, "down", "enter");
  const detail: Detail = { type: "component", name: "split" };
  const figures = figuresOf(FACTS, [...answersOf(), tasksAnswer()], detail);
  const [task] = figures.tasks;
  if (task === undefined) throw new Error("no task");
  const tasks = Array.from({ length: 20 }, (_, index) => ({ ...task, name: `split[${index}]` }));
  model.take({ ...figures, tasks, hasMore: true }, detail, 72_000);
  expect(screen(model)).toContain("   and 10 or more tasks: ↑ and ↓ scroll");
  press(model, "end");
  expect(screen(model)).toContain("   and more tasks, which are not shown");
  press(model, "p");
  const processes: Detail = { type: "processes" };
  const told = figuresOf(FACTS, [...answersOf(), processesAnswer()], processes);
  model.take({ ...told, hasMore: true }, processes, 72_000);
  expect(screen(model)).toContain("   and more processes, which are not shown");
});

test("screenOf() says which job it runs in, where it does, on each page", () => {
  const model = openModel();
  const plain = screen(model);
  const place = "job 12: it runs, on n[1-4], 3 h 20 min left";
  model.placed(place);
  const told = screen(model);
  expect(told.length).toBe(plain.length);
  expect(told.slice(0, 3)).toEqual([plain[0] ?? "", ` ${place}`, plain[1] ?? ""]);
  expect(told.at(-1)).toBe(plain.at(-1) ?? "");
  for (const key of ["p", "o", "e", "?"]) {
    press(model, key);
    expect(screen(model)[1]).toBe(` ${place}`);
    press(model, "escape");
  }
  model.starting();
  expect(screen(model)[0]).toContain("  starting  ");
});

test("screenOf() has room for all keys of who only looks on", () => {
  const model = new LiveModel({ ...FACTS, isOnlooker: true });
  expect(screen(model).at(-1)).toBe(
    " q leave ↑↓ ⏎ open  s sort  space pause  o output  p processes  e errors  ? help",
  );
});
