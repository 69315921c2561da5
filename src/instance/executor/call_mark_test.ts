import { expect, test } from "bun:test";
import { CALL_WORD, METHODS } from "../bridge.ts";
import { CallMark } from "./call_mark.ts";

function marked(kind: "spout" | "bolt") {
  const words = new Int32Array(5);
  const work = { kind, openCall: 0 };
  const task = { state: "opening", pendingCall: 0, work, awaitsCredit: false };
  const mark = new CallMark(words, task);
  const methodAt = (word: number) => METHODS[words[word] ?? 0];
  return {
    task,
    mark,
    words,
    inside: () => methodAt(CALL_WORD.inside),
    pending: () => methodAt(CALL_WORD.pending),
  };
}

test.each(
  [["spout", "open", "nextTuple"], ["bolt", "prepare", "execute"]] as const,
)("CallMark shows which method of a %s is being called", (kind, first, second) => {
  const { task, mark, inside } = marked(kind);
  mark.beginTurn();
  expect(inside()).toBe(first);
  mark.endTurn();
  expect(inside()).toBe("");
  task.state = "running";
  mark.beginTurn();
  expect(inside()).toBe(second);
});

test("CallMark shows the open promise, under a number of its own, until it is done", () => {
  const { task, mark, words, pending } = marked("bolt");
  task.state = "running";
  mark.beginTurn();
  task.pendingCall = 1;
  mark.endTurn();
  expect([pending(), words[CALL_WORD.serial]]).toEqual(["execute", 1]);
  // A turn while it is open: nothing of it changes.
  mark.beginTurn();
  mark.endTurn();
  expect([pending(), words[CALL_WORD.serial]]).toEqual(["execute", 1]);
  mark.beginTurn();
  Object.assign(task, { state: "ending", pendingCall: 2 });
  mark.endTurn();
  expect([pending(), words[CALL_WORD.serial]]).toEqual(["finish", 2]);
  task.pendingCall = 0;
  mark.beginTurn();
  mark.endTurn();
  expect(pending()).toBe("");
});

test("CallMark excuses a wait for credit, within a call and between turns", () => {
  const { task, mark, words } = marked("spout");
  expect(mark.excuse(() => words[CALL_WORD.excused])).toBe(1);
  expect(words[CALL_WORD.excused]).toBe(0);
  task.awaitsCredit = true;
  mark.beginTurn();
  mark.endTurn();
  expect(words[CALL_WORD.excused]).toBe(1);
});

test("CallMark excuses no call of a turn for what the turn before it waited for", () => {
  const { task, mark, words } = marked("spout");
  task.state = "running";
  task.awaitsCredit = true;
  mark.beginTurn();
  mark.endTurn();
  // There is credit now, which the task finds out in this turn.
  mark.beginTurn();
  expect(words[CALL_WORD.excused]).toBe(0);
  task.pendingCall = 1;
  mark.endTurn();
  // The call that is open awaits ready(), in this turn as between the two.
  mark.beginTurn();
  expect(words[CALL_WORD.excused]).toBe(1);
});

test("CallMark.calling() shows a method in place of the usual one, until it has returned", () => {
  const { task, mark, inside, pending } = marked("spout");
  task.state = "running";
  mark.beginTurn();
  mark.calling("ack");
  expect(inside()).toBe("ack");
  mark.calling("");
  expect(inside()).toBe("nextTuple");
  mark.calling("timer");
  task.pendingCall = 1;
  mark.endTurn();
  expect(pending()).toBe("timer");
  mark.beginTurn();
  expect(inside()).toBe("nextTuple");
});

test("CallMark shows the oldest of the calls that a bolt has open beside one another", () => {
  const { task, mark, words, pending } = marked("bolt");
  task.state = "running";
  const serials = [1, 1, 2, 0].map((openCall) => {
    mark.beginTurn();
    task.work.openCall = openCall;
    mark.endTurn();
    return `${pending()} ${words[CALL_WORD.serial]}`;
  });
  expect(serials).toEqual(["execute -1", "execute -1", "execute -2", " 0"]);
});

test("CallMark shows what is called when the state changes within a turn", () => {
  const { task, mark, inside } = marked("bolt");
  mark.beginTurn();
  expect(inside()).toBe("prepare");
  task.state = "running";
  mark.calling("");
  expect(inside()).toBe("execute");
  task.state = "ending";
  mark.calling("");
  expect(inside()).toBe("finish");
});
