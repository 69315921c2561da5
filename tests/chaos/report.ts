/** What rounds came to, for people line by line and for machines in the last line. */

import type { Fault } from "./faults.ts";
import type { Role } from "./recovery.ts";
import type { RoundResult, StrikeResult } from "./round.ts";

/** Times of recovery of one role, in milliseconds. */
export interface RecoveryTimes {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The last line. */
export interface ChaosSummary {
  readonly kills: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly over_bound: number;
  readonly recovery_ms: Readonly<Partial<Record<Role, RecoveryTimes>>>;
}

/**
 * The sum of `rounds`. Times of recovery are of the kills that nothing else was done beside: who
 * stands still, or a container that starts anew, holds up others.
 */
export function summaryOf(rounds: readonly RoundResult[]): ChaosSummary {
  const sum = (read: (round: RoundResult) => number): number =>
    rounds.reduce((total, round) => total + read(round), 0);
  const strikes = rounds.flatMap((round) => round.strikes.map(({ faults }) => faults));
  const kills = strikes.flat().filter(({ type }) => type === "kill");
  const alone = strikes.filter(({ length }) => length === 1).flat();
  const byRole = Map.groupBy(alone.filter(({ type }) => type === "kill"), ({ role }) => role);
  const times = [...byRole].map(([role, own]) => {
    const known = own.flatMap(({ recoveryMs }) => recoveryMs ?? []);
    return [role, timesOf(known)] as const;
  });
  return {
    kills: kills.length,
    lost: sum(({ lost }) => lost),
    duplicates: sum(({ duplicates }) => duplicates),
    over_bound: sum(({ overBound }) => overBound),
    recovery_ms: Object.fromEntries(times),
  };
}

/** Nearest rank. */
export function timesOf(values: readonly number[]): RecoveryTimes {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { p50: rank(0.5), p99: rank(0.99), max: sorted.at(-1) ?? 0 };
}

/** A round in lines. */
export function linesOf(result: RoundResult): string[] {
  const { round, seed, containers, rate, durationMs, strikes, expected, lost, duplicates } = result;
  const seconds = (durationMs / 1000).toFixed(1);
  return [
    `round ${round} (seed ${seed}), containers: ${containers}, 2 × ${rate} records/s, ${seconds} s, at most ` +
    `${result.openMax} roots open: ${expected} records, ${lost} lost, ${duplicates} duplicates, ` +
    `${result.overBound} over bound`,
    ...strikes.map((strike) => `  ${strikeLine(strike)}`),
    ...result.faults.map((fault) => `  FAULT ${fault}`),
    ...(result.failure === undefined ? [] : [`  FAILED ${result.failure}`]),
  ];
}

function strikeLine({ atMs, faults, ...strike }: StrikeResult): string {
  const what = faults.map(faultText).join(" and ");
  const why = [
    strike.notices === 0
      ? ""
      : `${counted(strike.notices, "notice")} of at most ${strike.noticesMax}`,
    counted(strike.restarts, "restart"),
    counted(strike.timeouts, "time-out"),
  ].filter((text) => text !== "").join(", ") || "nothing came again";
  const bound = `${strike.duplicates} duplicates, bound ${strike.bound}`;
  return `${
    (atMs / 1000).toFixed(1).padStart(6)
  } s  ${what}; ${strike.open} roots open; ${why}: ${bound}`;
}

function counted(count: number, noun: string): string {
  return count === 0 ? "" : `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function faultText({ at, endMs, recoveryMs, startMs, type }: Fault): string {
  if (type === "kill") return `kill -9 ${at}, works again after ${recoveryMs ?? "?"} ms`;
  return type === "stop" ? `stop ${at} for ${endMs - startMs} ms` : `cut ${at}`;
}
