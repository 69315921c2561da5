/** Tests of how a failure reads. */

import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { ProcessExitedSchema, ProcessFailedSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { failureToJson, formatFailure } from "./failure_text.ts";
import type { RunFailure } from "./run_core.ts";

const places = { topologyFolder: "/run/topology", logsFolder: "/run/logs" };

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
  expect(text).toBe("tm: x\n    at a (/$bunfs/x:1:1)\n  log: /run/logs\n");
});

test("formatFailure() of a process that said nothing names the folder of the logs", () => {
  const text = formatFailure(
    { code: "process_died", message: "gone", failed: undefined, exited: undefined },
    places,
  );
  expect(text).toBe("gone\n  log: /run/logs\n");
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
