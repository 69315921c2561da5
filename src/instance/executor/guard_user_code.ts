/** Sees what user code does behind the executor's back, in a thread of its own or in the gateway's. */

import { HeronError } from "../../base/mod.ts";
import type { PostedFailure } from "../bridge.ts";
import { failureOf } from "./failure.ts";
import { FatalUserError } from "./work.ts";

/**
 * What user code does unseen fails the task with the user's line, as what it throws does: a
 * promise or a timer of its own that fails, the end of the process. Once the task has ended it is
 * only warned of.
 */
export function guardUserCode(strayed: (failure: PostedFailure) => void): void {
  function fail(thrown: unknown): void {
    strayed(failureOf(new FatalUserError(thrown, "user_unhandled")));
  }
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  function exit(code?: number): never {
    const found = code === undefined ? "process.exit()" : `process.exit(${code})`;
    const error = new HeronError(
      "user_exit",
      `Run user code: found a call of ${found}, expected that a task ends with its input`,
    );
    fail(error);
    // It never returns, as the real one; should it be caught, the task has failed all the same.
    throw error;
  }
  Object.defineProperty(process, "exit", { value: exit });
}
