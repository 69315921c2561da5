/** What the driver of a task core is to do after a turn: take another, or wait. */

/** Another turn is due at once, or at a time, or when something comes. */
export type TurnResult =
  | { readonly kind: "again" }
  | { readonly kind: "wait"; readonly untilMs: number | undefined };

/** Take another turn. */
export const AGAIN: TurnResult = Object.freeze({ kind: "again" });

/** Wait until something comes. */
export const WAITING: TurnResult = Object.freeze({ kind: "wait", untilMs: undefined });

/** Waits until the earlier of two times, each of which may be none; without any, until something comes. */
export function waitUntil(oneMs: number | undefined, otherMs?: number): TurnResult {
  const untilMs = earlier(oneMs, otherMs);
  return untilMs === undefined ? WAITING : { kind: "wait", untilMs };
}

/** The earlier of two times, each of which may be none. */
export function earlier(oneMs: number | undefined, otherMs?: number): number | undefined {
  if (oneMs === undefined || otherMs === undefined) return oneMs ?? otherMs;
  return Math.min(oneMs, otherMs);
}
