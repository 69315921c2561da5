/**
 * Whether the memory of a role stays as it is: pure, of one figure a minute, each the median of
 * many samples. A collector lets a heap swing by a tenth within seconds, so single samples say
 * nothing, and a minute says little: what is compared are medians of windows of minutes.
 */

/** What is allowed after the fifth minute: this share of what it was, up or down. */
export const DRIFT_SHARE_MAX = 0.05;

const MIB = 1024 * 1024;

/**
 * Or so many bytes, whatever share of a small process that is. Measured: of ten minutes at changing
 * rates, the minutes of three stream managers of 20 MiB had means from 20.0 to 22.1 MiB.
 */
export const DRIFT_BYTES_MAX = 2 * MIB;

/** Until then a process still grows into its work, in minutes. */
export const WARM_MINUTES = 5;

/** A window is a third of the minutes that are looked at, and has at least so many. */
const WINDOW_MINUTES_MIN = 2;

/** The shortest run that is judged: two windows that have no minute in common. */
export const JUDGED_MINUTES = WARM_MINUTES + 2 * WINDOW_MINUTES_MIN;

/** The memory of a role in one minute. */
export interface MemoryMinute {
  /** From 1. */
  readonly minute: number;
  readonly bytes: number;
}

/** How a role's memory went on after the fifth minute. */
export interface Flatness {
  /** Median of the first window. */
  readonly after5Bytes: number;
  /** Median of the last window. */
  readonly endBytes: number;
  /** Of the window that differs most from the first one: by how much, with its sign. */
  readonly driftBytes: number;
  readonly isFlat: boolean;
}

/** The median; NaN of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? NaN : (low + high) / 2;
}

/** Judges a role by its minutes, some of which may be missing; undefined: there are too few. */
export function flatnessOf(minutes: readonly MemoryMinute[]): Flatness | undefined {
  const warm = minutes.filter(({ minute }) => minute > WARM_MINUTES).map(({ bytes }) => bytes);
  if (warm.length < 2 * WINDOW_MINUTES_MIN) return undefined;
  const length = Math.max(WINDOW_MINUTES_MIN, Math.floor(warm.length / 3));
  const windows = Array.from(
    { length: warm.length - length + 1 },
    (_, at) => medianOf(warm.slice(at, at + length)),
  );
  const after5Bytes = windows[0] ?? NaN;
  const driftBytes = windows.map((bytes) => bytes - after5Bytes)
    .reduce((most, drift) => Math.abs(drift) > Math.abs(most) ? drift : most, 0);
  const allowedBytes = Math.max(DRIFT_BYTES_MAX, DRIFT_SHARE_MAX * after5Bytes);
  return {
    after5Bytes,
    endBytes: windows.at(-1) ?? NaN,
    driftBytes,
    isFlat: Math.abs(driftBytes) <= allowedBytes,
  };
}
