/** Durations as people write and read them: `30s`, `1.5m`, `250ms`. */

import { durationMsOf, HeronError } from "../base/mod.ts";

// The longest delay a timer of the machine takes.
const DURATION_MS_MAX = 2 ** 31 - 1;

/**
 * The milliseconds that `text` says: a number and one of the units ms, s, m, h.
 * @throws HeronError `usage` for anything else, for zero and for more than 24 days
 */
export function parseDurationMs(text: string, what: string): number {
  const ms = durationMsOf(text);
  if (ms !== undefined && ms > 0 && ms <= DURATION_MS_MAX) return ms;
  throw new HeronError(
    "usage",
    `Read ${what}: found "${text}", expected a duration from "1ms" to "596h", such as "30s"`,
  );
}

/** A duration for people: "0.24 s", "12.3 s", "3 min 5 s". */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
