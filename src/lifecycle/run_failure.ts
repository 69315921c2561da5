/** Why a run, or one process of it, ended: put together from what is told of it. Pure. */

import type { Party, ProcessExited, ProcessFailed } from "../base/gen/heron_bin/packet_pb.ts";
import { type ErrorCode, isErrorCode } from "../base/mod.ts";

/** Why a run failed, or why one of its processes ended. */
export interface RunFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** What the failed process said, when it could. */
  readonly failed: ProcessFailed | undefined;
  /** How the failed process ended, when that was seen. */
  readonly exited: ProcessExited | undefined;
}

/** Which life of which process: words and ends of several may be told in any order. */
export function lifeOf(party: Party | undefined): string {
  const { epoch = 0, counter = 0 } = party?.incarnation ?? {};
  return `${party?.id} ${epoch}.${counter}`;
}

/** Why a process ended, by its own last words and by its end, as far as there are any. */
export function failureOf(
  failed: ProcessFailed | undefined,
  exited: ProcessExited | undefined,
): RunFailure {
  if (failed !== undefined) {
    return { code: codeOf(failed), message: failed.message, failed, exited };
  }
  const who = `process "${exited?.party?.id ?? "?"}" (pid ${exited?.pid})`;
  const message = `Run the topology: ${who} ended unasked with ${endingOf(exited)}`;
  return { code: "process_died", message, failed, exited };
}

function codeOf(failed: ProcessFailed): ErrorCode {
  return isErrorCode(failed.code) ? failed.code : "process_died";
}

/** "exit code 1" or "signal SIGKILL". */
export function endingOf(exited: ProcessExited | undefined): string {
  const { exitCode = 0, signal = "" } = exited ?? {};
  return signal === "" ? `exit code ${exitCode}` : `signal ${signal}`;
}
