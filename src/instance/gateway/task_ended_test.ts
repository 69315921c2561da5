import { expect, test } from "bun:test";
import { taskEnded } from "./task_ended.ts";

test("taskEnded() tells all that the task counted", () => {
  const counts = { component: "count", emitted: 1, executed: 2, acked: 3, failed: 4 };
  const packet = taskEnded(7, { epoch: 1, counter: 2 }, { ...counts, dropped: [["lost", 5]] });
  expect(packet.body).toEqual({
    case: "taskEnded",
    value: {
      task: 7,
      incarnation: { epoch: 1, counter: 2 },
      totals: {
        component: "count",
        emitted: 1n,
        executed: 2n,
        acked: 3n,
        failed: 4n,
        dropped: [{ reason: "lost", tuples: 5n }],
      },
    },
  });
});
