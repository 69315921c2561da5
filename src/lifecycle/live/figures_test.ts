import { expect, test } from "bun:test";
import {
  answersOf,
  FACTS,
  processesAnswer,
  tasksAnswer,
} from "../../../tests/support/live_figures.ts";
import { figuresOf, noFigures, questionsFor } from "./figures.ts";

test("noFigures() has all components, with nothing known of them", () => {
  const figures = noFigures(FACTS);
  expect(figures.components.map(({ name, tasks, emit, capacity, pressure }) => [
    name,
    tasks,
    emit,
    capacity,
    pressure,
  ])).toEqual([
    ["lines", 1, undefined, undefined, undefined],
    ["split", 2, undefined, undefined, undefined],
    ["count", 2, undefined, undefined, undefined],
  ]);
});

test("figuresOf() has rates, latencies, capacity and back pressure of each component", () => {
  const { components } = figuresOf(FACTS, answersOf(), { type: "none" });
  const [lines, split, count] = components;
  expect(lines).toMatchObject({ emit: 5000, ack: 4900, fail: 3, completeMs: 12.5, pressure: 0.62 });
  expect(lines?.execute).toBeUndefined();
  // 0.5 s of work a second in two tasks, for 5000 tuples.
  expect(split).toMatchObject({ execute: 5000, executeMs: 0.1, capacity: 0.25, pressure: 0 });
  // From the mean latency, where the time is not told.
  expect(count).toMatchObject({ executeMs: 0.04, capacity: 0.9, pressure: 0.83, cpu: 0.5 });
  expect(count?.emit).toBeUndefined();
});

test("figuresOf() names culprits, containers and errors", () => {
  const { culprits, containers, errors } = figuresOf(FACTS, answersOf(), { type: "none" });
  expect(culprits).toEqual([{ who: "count[1]", share: 0.83 }]);
  expect(containers.map(({ name, cpu }) => [name, cpu])).toEqual([
    ["container 0", 0.5],
    ["container 1", 0.5],
    ["container 2", 0.5],
  ]);
  expect(errors).toEqual([{
    who: "split[1]",
    component: "split",
    message: "Error: no such word",
    where: "at execute (topology.ts:8:29)",
    times: 2,
    lastMs: 1_700_000_000_000,
  }]);
});

test("figuresOf() takes the tasks of one component, or the processes", () => {
  const detail = { type: "component", name: "split" } as const;
  expect(questionsFor(detail)[2]).toMatchObject({ components: ["split"] });
  const { tasks } = figuresOf(FACTS, [...answersOf(), tasksAnswer()], detail);
  expect(tasks.map(({ name, tasks, capacity }) => [name, tasks, capacity])).toEqual([
    ["split[0]", 1, 0.5],
    ["split[1]", 1, 0.5],
  ]);
  const processes = { type: "processes" } as const;
  const figures = figuresOf(FACTS, [...answersOf(), processesAnswer()], processes);
  expect(figures.processes.map(({ name, container }) => [name, container])).toEqual([
    ["tm", 0],
    ["stmgr-1", 1],
    ["split[0]", 2],
  ]);
  expect(questionsFor({ type: "none" })).toHaveLength(2);
});
