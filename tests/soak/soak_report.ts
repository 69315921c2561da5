/** What rounds of a soak came to, for people line by line and for machines in the last line. */

import { type Flatness, flatnessOf, type MemoryMinute } from "./flatness.ts";
import type { SoakRound } from "./soak_round.ts";

const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;

/** The memory of a process of a role, in MiB: of the round in which it changed most. */
export interface RoleMemory {
  /** Null, as the drift: no round was long enough to be judged. */
  readonly after5_mb: number | null;
  readonly end_mb: number;
  readonly drift_percent: number | null;
}

/** The last line. */
export interface SoakSummary {
  readonly minutes: number;
  readonly tuples: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly memory: Readonly<Record<string, RoleMemory>>;
  /** In no round that was long enough to be judged a role has changed by more than is allowed. */
  readonly flat: boolean;
}

interface RoleCourse {
  readonly role: string;
  /** In the last minute. */
  readonly lastBytes: number;
  readonly flatness: Flatness | undefined;
}

/** `stmgr-2`, `container_1_words_3`: stmgr, words. */
export function roleOf(processId: string): string {
  return /^container_\d+_(.+)_\d+$/.exec(processId)?.[1] ?? processId.replace(/-\d+$/, "");
}

/** How the memory of each role went: the mean of its processes, minute by minute. */
function coursesOf({ minutes }: SoakRound): RoleCourse[] {
  const courses = new Map<string, MemoryMinute[]>();
  for (const { minute, memory } of minutes) {
    for (const [role, own] of Map.groupBy(Object.entries(memory), ([id]) => roleOf(id))) {
      const bytes = own.reduce((sum, [, one]) => sum + one, 0) / own.length;
      courses.getOrInsertComputed(role, () => []).push({ minute, bytes });
    }
  }
  return [...courses].map(([role, course]) => ({
    role,
    lastBytes: course.at(-1)?.bytes ?? NaN,
    flatness: flatnessOf(course),
  }));
}

/** The sum of `rounds`. */
export function summaryOf(rounds: readonly SoakRound[]): SoakSummary {
  const sum = (read: (round: SoakRound) => number): number =>
    rounds.reduce((total, round) => total + read(round), 0);
  const courses = rounds.flatMap(coursesOf);
  const memory = [...Map.groupBy(courses, ({ role }) => role)].sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([role, own]) => [role, roleMemory(own)] as const);
  return {
    minutes: rounded(sum(({ soakMs }) => soakMs) / MINUTE_MS),
    tuples: sum(({ tuples }) => tuples),
    lost: sum(({ lost }) => lost),
    duplicates: sum(({ duplicates }) => duplicates),
    memory: Object.fromEntries(memory),
    flat: courses.every(({ flatness }) => flatness?.isFlat !== false),
  };
}

function roleMemory(courses: readonly RoleCourse[]): RoleMemory {
  const [first, ...others] = courses;
  if (first === undefined) throw new TypeError("A role without a course");
  const { flatness, lastBytes } = others.reduce(
    (most, one) => driftOf(one) > driftOf(most) ? one : most,
    first,
  );
  if (flatness === undefined) {
    return { after5_mb: null, end_mb: rounded(lastBytes / MIB), drift_percent: null };
  }
  const { after5Bytes, endBytes, driftBytes } = flatness;
  return {
    after5_mb: rounded(after5Bytes / MIB),
    end_mb: rounded(endBytes / MIB),
    drift_percent: rounded(100 * driftBytes / after5Bytes),
  };
}

/** In bytes; one that was judged comes before those that were not. */
function driftOf({ flatness }: RoleCourse): number {
  return flatness === undefined ? -1 : Math.abs(flatness.driftBytes);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A round in lines. */
export function linesOf(round: SoakRound): string[] {
  const { mode, containers, seed, soakMs, tuples, lost, duplicates, minutes } = round;
  const { cutOff, faults } = round;
  const minutesText = (soakMs / MINUTE_MS).toFixed(1);
  return [
    `round ${round.round} (seed ${seed}), ${mode}, containers: ${containers}, ${minutesText} min: ` +
    `${tuples} tuples, ${lost} lost, ${duplicates} duplicates`,
    ...minutes.map((one) =>
      `  minute ${one.minute}: ${Math.round(one.tuplesPerSecond)} tuples/s, ` +
      `${one.openRoots} roots open, ${(one.heldBytes / MIB).toFixed(1)} MiB held; ` +
      Object.entries(one.memory).map(([id, bytes]) => `${id} ${(bytes / MIB).toFixed(1)}`).join(" ")
    ),
    ...coursesOf(round).flatMap(({ role, flatness }) =>
      flatness === undefined ? [] : [`  ${flatnessText(role, flatness)}`]
    ),
    ...cutOff.map((line) => `  ${line}`),
    ...faults.map((fault) => `  FAULT ${fault}`),
  ];
}

function flatnessText(role: string, flatness: Flatness): string {
  const { after5Bytes, endBytes, driftBytes, isFlat } = flatness;
  const [after5, end, drift] = [after5Bytes, endBytes, driftBytes].map((bytes) =>
    `${(bytes / MIB).toFixed(1)} MiB`
  );
  return `${isFlat ? "flat" : "NOT FLAT"} ${role}: ${after5} after five minutes, ${end} at the ` +
    `end, ${drift} off at most`;
}
