import { expect, test } from "bun:test";
import { UserCalls } from "./user_calls.ts";
import { FatalUserError } from "./work.ts";

test("UserCalls goes on at once after a call that is not async", () => {
  let turns = 0;
  const calls = new UserCalls(() => void turns++);
  let done = 0;
  calls.run(() => {}, () => void done++);
  expect([done, turns, calls.isPending]).toEqual([1, 0, false]);
  expect(() => calls.run(() => JSON.parse("{"), () => void done++)).toThrow(FatalUserError);
  expect(done).toBe(1);
});

test("UserCalls goes on, and asks for a turn, when an async call returns", async () => {
  let turns = 0;
  const calls = new UserCalls(() => void turns++);
  let done = 0;
  const called = Promise.withResolvers<void>();
  calls.run(() => called.promise, () => void done++);
  expect([done, calls.isPending]).toEqual([0, true]);
  called.resolve();
  await called.promise;
  expect([done, turns, calls.isPending]).toEqual([1, 1, false]);
  calls.throwFailure();
});

test("UserCalls keeps what an async call was rejected with", async () => {
  let turns = 0;
  const calls = new UserCalls(() => void turns++);
  const broken = new Error("broken");
  calls.wait(Promise.reject(broken), () => void (turns += 10));
  await Promise.resolve();
  expect([turns, calls.isPending]).toEqual([1, false]);
  expect(() => calls.throwFailure()).toThrow(
    expect.objectContaining({ name: "FatalUserError", cause: broken }),
  );
});

test("UserCalls takes what is no promise as returned", async () => {
  const calls = new UserCalls(() => {});
  let done = 0;
  const written: unknown = true;
  // As `() => process.stdout.write("x")`, which the types let through.
  calls.run(() => written as void, () => void done++);
  await Promise.resolve();
  expect([done, calls.isPending]).toEqual([1, false]);
  calls.throwFailure();
});

test("UserCalls wraps what was thrown once", () => {
  const wrapped = new FatalUserError(new Error("the user's"), "cleanup_failed");
  const calls = new UserCalls(() => {});
  const rethrow = (): void => {
    throw wrapped;
  };
  expect(() => calls.run(rethrow, () => {})).toThrow(
    expect.objectContaining({ cause: wrapped.cause, code: "cleanup_failed" }),
  );
});
