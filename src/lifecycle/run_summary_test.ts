/** Tests of the summary of a run. */

import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import {
  ProcessExitedSchema,
  Role,
  type TaskTotals,
  TaskTotalsSchema,
} from "../base/gen/heron_bin/packet_pb.ts";
import { RestartTally } from "./restart_tally.ts";
import { formatSummary, formatSurvived, summaryToJson, totalsByComponent } from "./run_summary.ts";

const tasks: readonly TaskTotals[] = [
  create(TaskTotalsSchema, { component: "count", executed: 700n }),
  create(TaskTotalsSchema, {
    component: "count",
    executed: 800n,
    dropped: [{ reason: "stopped", tuples: 2n }, { reason: "lost", tuples: 0n }],
  }),
  create(TaskTotalsSchema, { component: "words", emitted: 1502n }),
];

test("totalsByComponent() sums tasks in the order of the plan", () => {
  const totals = totalsByComponent(["words", "count"], tasks);
  expect(totals.map(({ component, tasks, emitted, executed }) => [
    component,
    tasks,
    emitted,
    executed,
  ])).toEqual([["words", 1, 1502, 0], ["count", 2, 0, 1500]]);
  expect(totals[1]?.dropped).toEqual({ stopped: 2, lost: 0 });
});

test("formatSummary() shows a line a component and drops by reason", () => {
  const components = totalsByComponent(["words", "count"], tasks);
  expect(formatSummary({ topology: "wc", timeMs: 1234, components, restarts: [] })).toBe(
    `summary of "wc" after 1.23 s
  component  tasks  emitted  executed  a second  failed  dropped
  words          1    1,502         0     1,217       0  0
  count          2        0     1,500     1,216       0  2 stopped
`,
  );
});

test("formatSummary() shows restarts by role, also when there are no totals", () => {
  const restarts = [["instance", 1200], ["tm", 1]] as const;
  const line =
    "\n  restarts: instance 1,200, tm 1; what a task counted before is not in the figures\n";
  expect(formatSummary({ topology: "wc", timeMs: 50, components: undefined, restarts }))
    .toEndWith(line);
  const components = totalsByComponent([], tasks);
  expect(formatSummary({ topology: "wc", timeMs: 50, components, restarts })).toEndWith(line);
});

test("formatSurvived() counts failures, tasks and what they cost", () => {
  const tally = new RestartTally();
  const failure = { code: "user_code", message: "x", failed: undefined } as const;
  const ofTask = (id: string) => ({
    ...failure,
    exited: create(ProcessExitedSchema, { party: { id, role: Role.INSTANCE } }),
  });
  tally.add(ofTask("a"));
  expect(formatSurvived(tally, undefined)).toBe(
    "user code failed once in 1 task: what it held then is lost; at first:\n",
  );
  tally.add({ ...ofTask("b"), code: "process_died" });
  tally.add(ofTask("b"));
  tally.add(ofTask("b"));
  expect(formatSurvived(tally, tasks))
    .toBe(
      "user code failed 3 times in 2 tasks: what it held then is lost and 2 tuples more were dropped; at first:\n",
    );
});

test("formatSummary() says when there are no totals", () => {
  expect(formatSummary({ topology: "wc", timeMs: 50, components: undefined, restarts: [] }))
    .toContain("no totals, it was stopped");
});

test("summaryToJson() is plain JSON", () => {
  const components = totalsByComponent([], tasks);
  const json = JSON.parse(
    JSON.stringify(
      summaryToJson({ topology: "t", timeMs: 500, components, restarts: [["tm", 2]] }),
    ),
  );
  expect(json).toMatchObject({
    type: "summary",
    topology: "t",
    seconds: 0.5,
    restarts: { tm: 2 },
  });
  expect(json.components[0]).toMatchObject({ component: "count", executed: 1500 });
});
