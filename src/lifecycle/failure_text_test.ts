/** Tests of how a failure reads. */

import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { PackingPlanSchema } from "../base/gen/heron/packing_plan_pb.ts";
import { ProcessExitedSchema, ProcessFailedSchema } from "../base/gen/heron_bin/packet_pb.ts";
import {
  failureToJson,
  formatFailure,
  formatRestart,
  formatWarning,
  restartToJson,
  taskNamesOf,
  warningToJson,
} from "./failure_text.ts";
import type { RunFailure } from "./run_failure.ts";

const tasks = taskNamesOf(
  create(PackingPlanSchema, {
    containerPlans: [{
      id: 1,
      instancePlans: [{ taskId: 3, componentName: "count", componentIndex: 1 }],
    }],
  }),
);
const places = { topologyFolder: "/run/topology", logsFolder: "/run/logs", tasks };

const ofUserCode: RunFailure = {
  code: "user_code",
  message: "Error: boom",
  failed: create(ProcessFailedSchema, {
    party: { id: "container_1_count_3" },
    component: "count",
    task: 3,
    componentIndex: 1,
    stack:
      "Error: boom\n    at execute (/run/topology/topology.ts:8:29)\n    at run (/$bunfs/x:1:1)",
  }),
  exited: create(ProcessExitedSchema, { logFile: "/run/logs/container_1_count_3.log" }),
};

test("formatFailure() shows component, task, the user's line and the log", () => {
  expect(formatFailure(ofUserCode, places)).toBe(
    `count[1] (task 3): Error: boom
    at execute (topology.ts:8:29)
  code: user_code ("heron-bin help errors" lists them)
  log: /run/logs/container_1_count_3.log
`,
  );
});

test("formatFailure() shows a foreign stack when there is no other", () => {
  const failed = create(ProcessFailedSchema, {
    party: { id: "tm" },
    stack: "E: x\n    at a (/$bunfs/x:1:1)",
  });
  const text = formatFailure(
    { code: "internal", message: "x", failed, exited: undefined },
    places,
  );
  expect(text).toBe(
    "tm: x\n    at a (/$bunfs/x:1:1)\n" +
      '  code: internal ("heron-bin help errors" lists them)\n  log: /run/logs\n',
  );
});

test("formatFailure() of a process that said nothing names the folder of the logs", () => {
  const text = formatFailure(
    { code: "process_died", message: "gone", failed: undefined, exited: undefined },
    places,
  );
  expect(text).toBe(
    'gone\n  code: process_died ("heron-bin help errors" lists them)\n  log: /run/logs\n',
  );
});

test("formatWarning() shows component, task, code and the user's line, and that more is in the log", () => {
  const warning = { failure: ofUserCode, isOver: false, isLast: false };
  const text = "count[1] (task 3): warning: Error: boom (user_code)\n" +
    "    at execute (topology.ts:8:29)\n";
  expect(formatWarning(warning, places)).toBe(text);
  expect(formatWarning({ ...warning, isLast: true }, places)).toBe(
    `${text}  of its further warnings of this kind only its log tells: ` +
      "/run/logs/container_1_count_3.log\n",
  );
  expect(warningToJson(warning, places)).toMatchObject({
    type: "warning",
    isOver: false,
    code: "user_code",
    component: "count",
    task: 3,
  });
});

test("formatRestart() shows component, task and the user's line of what was thrown", () => {
  expect(formatRestart(ofUserCode, places)).toBe(
    `count[1] (task 3) failed and starts again: Error: boom
    at execute (topology.ts:8:29)
`,
  );
});

/** A process that was killed. */
function killOf(id: string): RunFailure {
  const exited = create(ProcessExitedSchema, { party: { id }, pid: 77, signal: "SIGKILL" });
  return { code: "process_died", message: "gone", failed: undefined, exited };
}

test("formatRestart() names the task of an instance that said nothing, and others by their ids", () => {
  expect(formatRestart(killOf("container_1_count_3"), places))
    .toBe("count[1] (task 3, pid 77) ended with signal SIGKILL and starts again\n");
  expect(formatRestart(killOf("stmgr-2"), places))
    .toBe("stmgr-2 (pid 77) ended with signal SIGKILL and starts again\n");
  expect(restartToJson(killOf("container_1_count_3"), places)).toMatchObject({
    type: "restart",
    code: "process_died",
    process: "container_1_count_3",
    component: "count",
    index: 1,
    task: 3,
    stack: [],
  });
});

test("failureToJson() has the same in fields", () => {
  expect(failureToJson(ofUserCode, places)).toEqual({
    type: "failure",
    code: "user_code",
    message: "Error: boom",
    process: "container_1_count_3",
    component: "count",
    index: 1,
    task: 3,
    stack: ["at execute (topology.ts:8:29)"],
    log: "/run/logs/container_1_count_3.log",
  });
});
