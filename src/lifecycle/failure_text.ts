/** Why a run failed, for people: who, what, the user's line and where the log is. Pure. */

import type { RunFailure } from "./run_core.ts";
import { userFrames } from "./user_stack.ts";

const STACK_LINES_MAX = 10;

/** Folders that tell the user's files and the logs. */
export interface FailurePlaces {
  /** Folder of the bundle, to which its stacks are relative. */
  readonly topologyFolder: string;
  readonly logsFolder: string;
}

/** The failure as lines for a terminal. */
export function formatFailure(failure: RunFailure, places: FailurePlaces): string {
  const lines = [`${processOf(failure)}${failure.message}`, ...stackOf(failure, places)];
  lines.push(`  log: ${logOf(failure, places)}`);
  return lines.map((line) => `${line}\n`).join("");
}

/** The failure as the JSON object of `--json`. */
export function failureToJson(
  failure: RunFailure,
  places: FailurePlaces,
): Record<string, unknown> {
  const { failed, exited } = failure;
  return {
    type: "failure",
    code: failure.code,
    message: failure.message,
    process: failed?.party?.id ?? exited?.party?.id ?? null,
    component: failed === undefined || failed.component === "" ? null : failed.component,
    index: failed === undefined || failed.component === "" ? null : failed.componentIndex,
    task: failed === undefined || failed.component === "" ? null : failed.task,
    stack: failed === undefined ? [] : userFrames(failed.stack, places.topologyFolder),
    log: logOf(failure, places),
  };
}

function processOf({ failed }: RunFailure): string {
  if (failed === undefined) return "";
  if (failed.component !== "") {
    return `${failed.component}[${failed.componentIndex}] (task ${failed.task}): `;
  }
  return failed.party === undefined ? "" : `${failed.party.id}: `;
}

function stackOf({ failed }: RunFailure, { topologyFolder }: FailurePlaces): readonly string[] {
  if (failed === undefined || failed.stack === "") return [];
  const frames = userFrames(failed.stack, topologyFolder);
  if (frames.length > 0) return frames.map((frame) => `    ${frame}`);
  // None of it is the user's: what there is may still help.
  const lines = failed.stack.split("\n").filter((line) => /^\s+at /.test(line));
  return lines.slice(0, STACK_LINES_MAX);
}

function logOf({ exited }: RunFailure, { logsFolder }: FailurePlaces): string {
  return exited === undefined || exited.logFile === "" ? logsFolder : exited.logFile;
}
