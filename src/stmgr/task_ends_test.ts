import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { type TaskEnded, TaskEndedSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { TaskEnds } from "./task_ends.ts";

function end(task: number, counter: number, emitted = 0n): TaskEnded {
  const incarnation = { epoch: 1, counter };
  return create(TaskEndedSchema, { task, incarnation, totals: { component: "a", emitted } });
}

test("TaskEnds tells a later life that its task has ended, and the same one nothing", () => {
  const ends = new TaskEnds();
  expect(ends.endedBefore(3, { epoch: 1, counter: 1 })).toBe(false);
  ends.take(end(3, 1));
  expect(ends.endedBefore(3, { epoch: 1, counter: 1 })).toBe(false);
  expect(ends.endedBefore(3, { epoch: 1, counter: 2 })).toBe(true);
  expect(ends.endedBefore(3, { epoch: 2, counter: 1 })).toBe(true);
});

test("TaskEnds keeps what the life that ended has counted", () => {
  const ends = new TaskEnds();
  ends.take(end(3, 1, 5n));
  expect(ends.take(end(3, 1, 7n)).totals?.emitted).toBe(7n);
  expect(ends.take(end(3, 2)).totals?.emitted).toBe(7n);
  expect(ends.all.map(({ incarnation }) => incarnation?.counter)).toEqual([1]);
  expect(ends.endedBefore(3, { epoch: 1, counter: 2 })).toBe(true);
});

test("TaskEnds takes a task whose end is stored for one that has ended, whichever life said so", () => {
  const ends = new TaskEnds();
  expect(ends.isStored(3)).toBe(false);
  ends.stored(3);
  expect(ends.isStored(3)).toBe(true);
  expect(ends.endedBefore(3, { epoch: 1, counter: 1 })).toBe(true);
  expect(ends.all).toEqual([]);
});

test("TaskEnds.load() takes an end and that it is stored", () => {
  const ends = new TaskEnds();
  ends.load(end(3, 1));
  expect([ends.isStored(3), ends.all.length]).toEqual([true, 1]);
});
