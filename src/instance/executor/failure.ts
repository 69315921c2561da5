/** What went wrong in an executor, as text that can be posted. */

import { HeronError } from "../../base/mod.ts";
import type { PostedFailure } from "../bridge.ts";
import { FatalUserError } from "./work.ts";

/** What was thrown, as text; the user's own error when it is wrapped. */
export function failureOf(thrown: unknown): PostedFailure {
  const error = thrown instanceof FatalUserError ? thrown.cause : thrown;
  const code = error instanceof HeronError
    ? error.code
    : thrown instanceof FatalUserError
    ? "user_code"
    : "internal";
  if (!(error instanceof Error)) {
    return { code, message: `thrown: ${Bun.inspect(error)}`, stack: "" };
  }
  const name = error instanceof HeronError ? "" : `${error.name}: `;
  return { code, message: `${name}${error.message}`, stack: error.stack ?? "" };
}
