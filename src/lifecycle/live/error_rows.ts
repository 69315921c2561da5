/**
 * The errors of a view: what ended processes and what tasks reported, put together. A task that fails
 * is told of on both ways. Pure.
 */

import type { ErrorRow } from "./figures.ts";

/** Whether both are of the same place with the same text. */
export function sameError(one: ErrorRow, other: ErrorRow): boolean {
  return one.who === other.who && one.where === other.where && one.message === other.message;
}

/** Each error once, the newest first. */
export function mergeErrors(
  crashes: readonly ErrorRow[],
  reported: readonly ErrorRow[],
): readonly ErrorRow[] {
  const left = new Set(crashes);
  const merged = reported.map((error) => {
    const same = crashes.filter((crash) => left.has(crash) && isReportOf(error, crash));
    for (const crash of same) left.delete(crash);
    return same.length === 0 ? error : {
      ...newest([...same, error]),
      // Neither counts less than all, and one may not have heard of the last yet.
      times: Math.max(error.times, same.reduce((sum, { times }) => sum + times, 0)),
    };
  });
  return [...left, ...merged].toSorted((one, other) => other.lastMs - one.lastMs);
}

/** The last words of a task say more than its stack: which tuple it was. */
function isReportOf(error: ErrorRow, crash: ErrorRow): boolean {
  return error.who === crash.who && error.where === crash.where &&
    crash.message.includes(error.message);
}

/** That of a crash, the first ones, where the times are the same. */
function newest(errors: readonly ErrorRow[]): ErrorRow {
  return errors.reduce((one, other) => other.lastMs > one.lastMs ? other : one);
}

/** What ended a process at `wallMs`, from the object that `restartToJson` makes. */
export function errorRowOf(object: Readonly<Record<string, unknown>>, wallMs: number): ErrorRow {
  const { component, index, process, message, stack } = object;
  const where: unknown = Array.isArray(stack) ? stack[0] : undefined;
  const isTask = typeof component === "string";
  return {
    who: isTask ? `${component}[${String(index)}]` : String(process),
    component: isTask ? component : "",
    message: String(message),
    where: typeof where === "string" ? where : "",
    times: 1,
    lastMs: wallMs,
  };
}
