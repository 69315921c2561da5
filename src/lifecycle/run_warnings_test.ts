import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import {
  ProcessExitedSchema,
  Role,
  type TaskWarning,
  TaskWarningSchema,
} from "../base/gen/heron_bin/packet_pb.ts";
import { RunWarnings } from "./run_warnings.ts";

function lifeAt(id: string, counter: number) {
  return { id, incarnation: { epoch: 1, counter } };
}

function warning(id: string, code: string, message: string): TaskWarning {
  const party = lifeAt(id, 1);
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
  warnings.ended(create(ProcessExitedSchema, { party: lifeAt("b", 1) }));
  expect(warnings.standing).toBeUndefined();
});

test("RunWarnings blames no call of a task whose container died", () => {
  const warnings = new RunWarnings();
  warnings.take(warning("container_1_word_3", "call_pending", "of the container that died"));
  warnings.take(warning("container_12_word_4", "call_pending", "of another"));
  const party = { ...lifeAt("container-1", 1), role: Role.CONTAINER };
  warnings.ended(create(ProcessExitedSchema, { party }));
  expect(warnings.standing?.message).toStartWith("of another");
});

test("RunWarnings knows of a task the calls of its last life alone", () => {
  const warnings = new RunWarnings();
  const blocked = (counter: number, message: string, isOver = false) =>
    create(TaskWarningSchema, {
      fault: { party: lifeAt("a", counter), code: "call_blocked", message },
      isOver,
    });
  warnings.take(blocked(1, "of the first life"));
  warnings.take(blocked(2, "of the second"));
  warnings.take(blocked(1, "late words of the first"));
  warnings.take(blocked(1, "late words of the first", true));
  warnings.ended(create(ProcessExitedSchema, { party: lifeAt("a", 1) }));
  expect(warnings.standing?.message).toStartWith("of the second,");
  warnings.take(blocked(3, "returned", true));
  expect(warnings.standing).toBeUndefined();
});
