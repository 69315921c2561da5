import { expect, test } from "bun:test";
import type { DropReason } from "./intake.ts";
import { taskTotals } from "./task_totals.ts";

const NONE = { emitter: undefined, work: undefined, intake: undefined };

test("taskTotals() counts nothing before there is a plan", () => {
  expect(taskTotals(7, undefined, NONE)).toEqual({
    taskId: 7,
    component: "",
    emitted: 0,
    executed: 0,
    acked: 0,
    failed: 0,
    dropped: new Map(),
  });
});

test("taskTotals() gives a copy of what was dropped", () => {
  const dropped = new Map<DropReason, number>([["other_incarnation", 5]]);
  const totals = taskTotals(7, undefined, {
    ...NONE,
    emitter: { emitted: 1 },
    work: { executed: 2, acked: 3, failed: 4 },
    intake: { dropped },
  });
  dropped.set("other_incarnation", 6);
  expect(totals).toMatchObject({ emitted: 1, executed: 2, acked: 3, failed: 4 });
  expect(totals.dropped).toEqual(new Map([["other_incarnation", 5]]));
});
