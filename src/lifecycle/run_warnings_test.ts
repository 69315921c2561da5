import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import {
  ProcessExitedSchema,
  type TaskWarning,
  TaskWarningSchema,
} from "../base/gen/heron_bin/packet_pb.ts";
import { RunWarnings } from "./run_warnings.ts";

function warning(id: string, code: string, message: string): TaskWarning {
  const party = { id, incarnation: { epoch: 1, counter: 1 } };
  return create(TaskWarningSchema, { fault: { party, code, message }, isOver: false });
}

function over(...args: Parameters<typeof warning>): TaskWarning {
  return { ...warning(...args), isOver: true };
}

test("RunWarnings shows three of a kind of each task", () => {
  const warnings = new RunWarnings();
  const shown = [1, 2, 3, 4, 5].flatMap((count) => [
    ...warnings.take(warning("a", "call_pending", `open ${count}`)),
    ...warnings.take(warning("a", "call_pending", `still open ${count}`)),
    ...warnings.take(over("a", "call_pending", `over ${count}`)),
  ]);
  expect(shown.map(({ failure, isOver, isLast }) => [failure.message, isOver, isLast])).toEqual([
    ["open 1", false, false],
    ["over 1", true, false],
    ["open 2", false, false],
    ["over 2", true, false],
    ["open 3", false, true],
    ["over 3", true, false],
  ]);
  expect(warnings.take(warning("b", "call_pending", "open")).length).toBe(1);
  expect(warnings.take(warning("a", "memory_high", "much")).length).toBe(1);
});

test("RunWarnings knows who has not returned: not those who have, or have ended, or only warned", () => {
  const warnings = new RunWarnings();
  warnings.take(warning("a", "call_pending", "open"));
  warnings.take(warning("b", "call_blocked", "kept"));
  warnings.take(warning("c", "memory_high", "much"));
  expect(warnings.standing).toMatchObject({
    code: "call_pending",
    message: "open, and the run could not drain for it",
  });
  warnings.take(over("a", "call_pending", "returned"));
  expect(warnings.standing).toMatchObject({ code: "call_blocked" });
  const party = { id: "b", incarnation: { epoch: 1, counter: 1 } };
  warnings.ended(create(ProcessExitedSchema, { party }));
  expect(warnings.standing).toBeUndefined();
});
