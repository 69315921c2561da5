import { expect, test } from "bun:test";
import { SpoutPauses } from "./spout_pauses.ts";

/** Spouts 1 and 2, bolts 3, of both, and 4, of 2 alone. */
const TASKS = [[3], [3, 4], undefined, undefined].map((reached, index) => ({
  taskId: index + 1,
  instanceId: `task-${index + 1}`,
  component: "any",
  componentIndex: 0,
  reaches: reached && new Set(reached),
}));

function openPauses() {
  const told: string[] = [];
  const pauses = new SpoutPauses(
    TASKS,
    (task, culprits) => void told.push(`${task}: ${culprits.join(" ")}`),
  );
  for (const { taskId } of TASKS) pauses.taskCame(taskId, 0);
  return { pauses, told };
}

test("SpoutPauses.set() tells each spout the tasks that it can reach, at each change", () => {
  const { pauses, told } = openPauses();
  pauses.set(new Set([4]), 10);
  expect(told).toEqual(["2: 4"]);
  pauses.set(new Set([4, 3]), 20);
  expect(told.slice(1)).toEqual(["1: 3", "2: 3 4"]);
  pauses.set(new Set([3]), 30);
  pauses.set(new Set(), 40);
  expect(told.slice(3)).toEqual(["2: 3", "1: ", "2: "]);
  expect(pauses.pausedMs(100)).toBe(30);
});

test("SpoutPauses.set() passes over tasks that no spout reaches", () => {
  const { pauses, told } = openPauses();
  pauses.set(new Set([99]), 10);
  expect(told).toEqual([]);
});

test("SpoutPauses.taskCame() tells a new connection, which knows of nothing", () => {
  const { pauses, told } = openPauses();
  pauses.set(new Set([4]), 10);
  pauses.taskLost(2, 20);
  expect(pauses.pausedMs(100)).toBe(10);
  pauses.set(new Set([4, 3]), 25);
  expect(told.slice(1)).toEqual(["1: 3"]);
  pauses.taskCame(2, 30);
  pauses.taskCame(2, 40);
  expect(told.slice(2)).toEqual(["2: 3 4", "2: 3 4"]);
});
