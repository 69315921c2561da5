/** The error codes of heron-bin, as help shows them: by whose fault they are, a line each. */

import { ERROR_CODES, type ErrorCode, HeronError, meaningOf } from "../src/base/mod.ts";

/** Codes of which a run only warns. */
const WARNINGS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "call_blocked",
  "call_pending",
  "cleanup_failed",
  "memory_high",
]);

const WIDTH = Math.max(...ERROR_CODES.map((code) => code.length));

/** All error codes with their meanings and exit codes. */
export function errorCodesHelp(): string {
  const byUser = ERROR_CODES.filter((code) => new HeronError(code, "").fault === "user");
  const others = ERROR_CODES.filter((code) => !byUser.includes(code));
  return `Error codes of heron-bin, each with the exit code that it leads to:

The topology, its code or its settings are to be mended:

${byUser.map(lineOf).join("")}
  "warning": the run goes on, and says which task and which method; a call that does not return is
  the run's failure when it cannot drain for it. A task that fails starts again, until it has
  failed task.crashes.max times without having handled a tuple; at least once, its tuples come
  again. Types are not checked when a topology is run: "tsc --noEmit" does that.

Something else is wrong:

${others.map(lineOf).join("")}`;
}

function lineOf(code: ErrorCode): string {
  const exit = String(new HeronError(code, "").exitCode).padStart(2);
  const kind = WARNINGS.has(code) ? "warning: " : "";
  return `  ${code.padEnd(WIDTH)}  ${exit}  ${kind}${meaningOf(code)}\n`;
}
