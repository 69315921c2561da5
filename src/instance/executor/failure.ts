/** What went wrong in an executor, as text that can be posted. */

import { HeronError } from "../../base/mod.ts";
import type { PostedFailure } from "../bridge.ts";
import { FatalUserError } from "./work.ts";

/** What was thrown, as text; the user's own error when it is wrapped. */
export function failureOf(thrown: unknown): PostedFailure {
  const error = thrown instanceof FatalUserError ? thrown.cause : thrown;
  const code = error instanceof HeronError
    ? error.code
    : isOutOfMemory(error)
    ? "out_of_memory"
    : thrown instanceof FatalUserError
    ? thrown.code
    : "internal";
  if (!(error instanceof Error)) {
    return { code, message: `thrown: ${Bun.inspect(error)}`, stack: "" };
  }
  const name = error instanceof HeronError ? "" : `${error.name}: `;
  const held = code === "out_of_memory" ? `: the process holds ${heldMebibytes()} MiB` : "";
  return { code, message: `${name}${error.message}${held}`, stack: error.stack ?? "" };
}

/** What JavaScriptCore throws where it can: for a buffer or a text that gets no memory. */
function isOutOfMemory(error: unknown): boolean {
  return error instanceof RangeError && /^out of memory/i.test(error.message);
}

function heldMebibytes(): number {
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}
