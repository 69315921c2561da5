/** Durations with their unit, as they are written in options and files: `250ms`, `30s`, `1.5m`, `2h`. */

const UNITS: readonly (readonly [unit: string, ms: number])[] = Object.freeze([
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
]);

/** The milliseconds that `text` says: a number and one of the units ms, s, m, h; else undefined. */
export function durationMsOf(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? [];
  const found = UNITS.find(([name]) => name === unit);
  const ms = found === undefined ? NaN : Number(number) * found[1];
  return Number.isFinite(ms) ? ms : undefined;
}

/** A duration in the largest unit of which it has a whole number: `90s`, `2h`. */
export function durationText(ms: number): string {
  const [unit, size] = UNITS.find(([, one]) => ms > 0 && ms % one === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}
