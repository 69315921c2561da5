import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { type TaskEnded, TaskEndedSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { mergeEnds, TaskEndTable } from "./task_end_table.ts";

function endOf(task: number, executed = 1n, counter = 1): TaskEnded {
  const incarnation = { epoch: 1, counter };
  return create(TaskEndedSchema, { task, incarnation, totals: { component: "x", executed } });
}

test("TaskEndTable counts what is stored, one write at a time", () => {
  const table = new TaskEndTable(new Set([1, 2, 3]), [endOf(3)]);
  const first = table.take([endOf(2)]);
  expect(first).toEqual([endOf(2), endOf(3)]);
  expect(table.take([endOf(1)])).toBeUndefined();
  expect(table.isComplete).toBe(false);
  expect([1, 2, 3].map((task) => table.isStored(task))).toEqual([false, false, true]);
  expect(table.stored(first ?? [])).toEqual([endOf(1), endOf(2), endOf(3)]);
  expect([1, 2, 3].map((task) => table.isStored(task))).toEqual([false, true, true]);
  expect(table.isComplete).toBe(false);
  expect(table.stored([endOf(1)])).toBeUndefined();
  expect([table.isComplete, table.totals.length]).toEqual([true, 3]);
});

test("TaskEndTable keeps the first end of a task, of whichever life, and knows no strangers", () => {
  const table = new TaskEndTable(new Set([1, 2]), [endOf(1, 7n), endOf(9)]);
  expect(table.take([endOf(1, 0n, 2), endOf(8)])).toBeUndefined();
  expect(table.take([endOf(2, 5n)])).toEqual([endOf(1, 7n), endOf(2, 5n)]);
  expect(table.take([endOf(2, 0n, 2)])).toBeUndefined();
  expect(table.stored([endOf(1, 7n), endOf(2, 5n)])).toBeUndefined();
  expect(table.totals.map(({ executed }) => executed)).toEqual([7n, 5n]);
});

test("TaskEndTable takes over ends that others had stored, and stores no more of them", () => {
  const table = new TaskEndTable(new Set([1, 2, 3]), []);
  table.take([endOf(1)]);
  table.take([endOf(2)]);
  expect(table.stored([endOf(1), endOf(2), endOf(3)])).toBeUndefined();
  expect(table.isComplete).toBe(true);
});

test("mergeEnds() prefers the first of two ends of a task", () => {
  expect(mergeEnds([endOf(2, 7n)], [endOf(2, 0n), endOf(1)])).toEqual([endOf(1), endOf(2, 7n)]);
});
