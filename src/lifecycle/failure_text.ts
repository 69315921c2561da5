/** Why a run failed, for people: who, what, the user's line and where the log is. Pure. */

import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import { instanceId } from "../plan/mod.ts";
import { endingOf, type RunFailure } from "./run_failure.ts";
import type { RunWarning } from "./run_warnings.ts";
import { userFrames } from "./user_stack.ts";

const STACK_LINES_MAX = 10;

/** Folders that tell the user's files and the logs. */
export interface FailurePlaces {
  /** Folder of the bundle, to which its stacks are relative. */
  readonly topologyFolder: string;
  readonly logsFolder: string;
  /** Which task an instance is, by its id. */
  readonly tasks: ReadonlyMap<string, TaskName>;
}

/** A task as people know it. */
export interface TaskName {
  readonly component: string;
  readonly componentIndex: number;
  readonly task: number;
}

/** The tasks of a packing plan, by the ids of their instances. */
export function taskNamesOf(plan: PackingPlan): ReadonlyMap<string, TaskName> {
  return new Map(
    plan.containerPlans.flatMap(({ id, instancePlans }) =>
      instancePlans.map(({ componentName: component, componentIndex, taskId: task }) =>
        [instanceId(id, component, task), { component, componentIndex, task }] as const
      )
    ),
  );
}

/** Lines that tell of a process that ended and starts again. */
export function formatRestart(failure: RunFailure, places: FailurePlaces): string {
  const { failed, exited } = failure;
  const id = failed?.party?.id ?? exited?.party?.id ?? "";
  const task = places.tasks.get(id);
  const notes = [
    ...(task === undefined ? [] : [`task ${task.task}`]),
    ...(failed === undefined ? [`pid ${exited?.pid}`] : []),
  ];
  const name = task === undefined ? id : indexed(task);
  const who = notes.length === 0 ? name : `${name} (${notes.join(", ")})`;
  const cause = failed === undefined
    ? `ended with ${endingOf(exited)} and starts again`
    : `failed and starts again: ${failure.message}`;
  const lines = [`${who} ${cause}`, ...stackOf(failure, places)];
  return lines.map((line) => `${line}\n`).join("");
}

/** Lines that tell of what user code does while its task goes on. */
export function formatWarning(
  { failure, isOver, isLast }: RunWarning,
  places: FailurePlaces,
): string {
  const kind = isOver ? "" : `warning: `;
  const what = `${kind}${failure.message} (${failure.code})`;
  const lines = [`${processOf(failure)}${what}`, ...stackOf(failure, places)];
  if (isLast) {
    lines.push(
      `  of its further warnings of this kind only its log tells: ${logOf(failure, places)}`,
    );
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** The same as the JSON object of `--json`. */
export function warningToJson(
  { failure, isOver }: RunWarning,
  places: FailurePlaces,
): Record<string, unknown> {
  return { type: "warning", isOver, ...fieldsOf(failure, places) };
}

/** The failure as lines for a terminal. */
export function formatFailure(failure: RunFailure, places: FailurePlaces): string {
  const lines = [`${processOf(failure)}${failure.message}`, ...stackOf(failure, places)];
  lines.push(`  code: ${failure.code} ("heron-bin help errors" lists them)`);
  lines.push(`  log: ${logOf(failure, places)}`);
  return lines.map((line) => `${line}\n`).join("");
}

/** The failure as the JSON object of `--json`. */
export function failureToJson(
  failure: RunFailure,
  places: FailurePlaces,
): Record<string, unknown> {
  return { type: "failure", ...fieldsOf(failure, places) };
}

/** A process that ended and starts again, as the JSON object of `--json`. */
export function restartToJson(
  failure: RunFailure,
  places: FailurePlaces,
): Record<string, unknown> {
  return { type: "restart", ...fieldsOf(failure, places) };
}

function fieldsOf(failure: RunFailure, places: FailurePlaces): Record<string, unknown> {
  const { failed, exited } = failure;
  const id = failed?.party?.id ?? exited?.party?.id;
  const task = places.tasks.get(id ?? "");
  return {
    code: failure.code,
    message: failure.message,
    process: id ?? null,
    component: task?.component ?? null,
    index: task?.componentIndex ?? null,
    task: task?.task ?? null,
    stack: failed === undefined ? [] : userFrames(failed.stack, places.topologyFolder),
    log: logOf(failure, places),
  };
}

function indexed({ component, componentIndex }: Omit<TaskName, "task">): string {
  return `${component}[${componentIndex}]`;
}

function processOf({ failed }: RunFailure): string {
  if (failed === undefined) return "";
  if (failed.component !== "") return `${indexed(failed)} (task ${failed.task}): `;
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
