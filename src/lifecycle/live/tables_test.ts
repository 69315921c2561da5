import { expect, test } from "bun:test";
import { answersOf, FACTS, processesAnswer } from "../../../tests/support/live_figures.ts";
import { figuresOf } from "./figures.ts";
import { textOf } from "./styled.ts";
import { containerTable, processTable, rowTable } from "./tables.ts";

const FIGURES = figuresOf(FACTS, [...answersOf(), processesAnswer()], { type: "processes" });
const OPTIONS = { width: 50, rowsMax: 2, offset: 1, title: "NAME" };

test("rowTable() shows some of the rows, the chosen one marked and the sorted column too", () => {
  const options = { ...OPTIONS, chosen: "count", sortedBy: "emit", isReversed: false };
  expect(rowTable(FIGURES.components, options).map(textOf)).toEqual([
    " NAME           TASKS▼EMIT/S EXEC/S  ACK/S FAIL/S",
    " split              2  45.0k  5.00k  5.00k      0",
    ">count              2      -  45.0k      -      -",
  ]);
  const tasks = { ...options, isReversed: true, areTasks: true };
  expect(textOf(rowTable(FIGURES.components, tasks)[0] ?? [])).toBe(
    " NAME          ▲EMIT/S EXEC/S  ACK/S FAIL/S",
  );
});

test("containerTable() and processTable() tell memory and processor time", () => {
  const holds = (container: number) => `what is in ${container}`;
  expect(containerTable(FIGURES.containers, { ...OPTIONS, holds }).map(textOf)).toEqual([
    " NAME                   PROCS    MEMORY  RESIDENT    CPU  HOLDS",
    " container 1                2  80.0 MiB   240 MiB    50%  what is in 1",
    " container 2                2  80.0 MiB   240 MiB    50%  what is in 2",
  ]);
  expect(processTable(FIGURES.processes, OPTIONS).map(textOf)).toEqual([
    " NAME                   PROCS    MEMORY  RESIDENT    CPU  CONTAINER",
    " stmgr-1                    2  80.0 MiB   240 MiB    50%          1",
    " split[0]                   2  80.0 MiB   240 MiB    50%          2",
  ]);
});
