/** What the driver of a task core is to do after a turn: take another, or wait. */

/** Another turn is due at once, or at a time, or when something comes. */
export type TurnResult =
  | { readonly kind: "again" }
  | { readonly kind: "wait"; readonly untilMs: number | undefined };

/** Take another turn. */
export const AGAIN: TurnResult = Object.freeze({ kind: "again" });

/** Wait until something comes. */
export const WAITING: TurnResult = Object.freeze({ kind: "wait", untilMs: undefined });

/** Waits until the earliest of `timesMs`; without any, until something comes. */
export function waitUntil(...timesMs: readonly (number | undefined)[]): TurnResult {
  const known = timesMs.filter((time) => time !== undefined);
  return known.length === 0 ? WAITING : { kind: "wait", untilMs: Math.min(...known) };
}
