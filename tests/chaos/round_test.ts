/** Causes are counted with their strikes; rounds are summed up as the last line has them. */

import { expect, test } from "bun:test";
import type { CountedCause } from "../support/durable_check.ts";
import type { Fault } from "./faults.ts";
import { noticesMax } from "./notice_limit.ts";
import { linesOf, type RecoveryTimes, summaryOf, timesOf } from "./report.ts";
import { attribute, type RoundResult } from "./round.ts";

function killOf(role: "instance" | "tm", startMs: number, recoveryMs: number): Fault {
  return { type: "kill", at: role, role, startMs, endMs: startMs, recoveryMs };
}

function causeOf(kind: CountedCause["kind"], atMs: number, duplicates: number): CountedCause {
  return { kind, source: 0, atMs, duplicates, bound: 10, replayed: 2, mayReplay: 4 };
}

const PLACE = { startedMs: 0, sources: 2, containers: 3, tasksInContainer: 4, silenceMs: 2000 };

test("attribute() counts a cause with the last strike before it", () => {
  const struck = [
    { startMs: 100, faults: [killOf("tm", 100, 5)] },
    { startMs: 200, faults: [killOf("instance", 200, 7)] },
  ];
  const causes = [
    causeOf("notice", 150, 3),
    causeOf("notice", 200, 4),
    causeOf("restart", 250, 1),
  ];
  expect(attribute(struck, { causes, openAt: () => 5 }, { ...PLACE, startedMs: 50 })).toMatchObject(
    [
      { atMs: 50, notices: 1, noticesMax: 0, restarts: 0, duplicates: 3, bound: 10 },
      { atMs: 150, notices: 1, noticesMax: 4, restarts: 1, duplicates: 5, bound: 20 },
    ],
  );
});

test("noticesMax() knows who is on the way of tuples, and who was lost at all", () => {
  const stop = (role: "stmgr" | "tm", forMs: number): Fault => ({
    type: "stop",
    at: role,
    role,
    startMs: 0,
    endMs: forMs,
  });
  expect([
    noticesMax(killOf("instance", 0, 1), PLACE),
    noticesMax(killOf("tm", 0, 1), PLACE),
    noticesMax(stop("stmgr", 1999), PLACE),
    noticesMax(stop("stmgr", 2000), PLACE),
    noticesMax(stop("tm", 9000), PLACE),
  ]).toEqual([2, 0, 0, 12, 0]);
});

test("timesOf() takes the nearest rank", () => {
  expect(timesOf([])).toEqual({ p50: 0, p99: 0, max: 0 });
  expect(timesOf([3, 1, 2])).toEqual({ p50: 2, p99: 3, max: 3 });
  const many = Array.from({ length: 200 }, (_, index) => index + 1);
  expect(timesOf(many)).toEqual({ p50: 100, p99: 198, max: 200 });
});

test("summaryOf() sums rounds, and a round says what it was", () => {
  const strikes = attribute(
    [{ startMs: 0, faults: [killOf("tm", 0, 90), killOf("instance", 1, 20)] }],
    { causes: [causeOf("notice", 3, 6)], openAt: () => 5 },
    PLACE,
  );
  const round: RoundResult = {
    round: 1,
    seed: 9,
    containers: 3,
    rate: 100,
    durationMs: 1500,
    strikesMs: 1000,
    strikes,
    expected: 100,
    lost: 1,
    duplicates: 6,
    overBound: 2,
    openMax: 32,
    faults: ["source 0: 3/1 is lost"],
  };
  const times = (ms: number): RecoveryTimes => ({ p50: ms, p99: ms, max: ms });
  const [strike] = strikes;
  if (strike === undefined) throw new Error("Attribute a strike: there is none");
  const alone = {
    ...round,
    strikes: strike.faults.map((fault) => ({ ...strike, faults: [fault] })),
  };
  const sums = { kills: 4, lost: 2, duplicates: 12, over_bound: 4 };
  expect(summaryOf([round, round])).toEqual({ ...sums, recovery_ms: {} });
  expect(summaryOf([alone, alone]))
    .toEqual({ ...sums, recovery_ms: { tm: times(90), instance: times(20) } });
  expect(linesOf(round)).toEqual([
    "round 1 (seed 9), containers: 3, 2 × 100 records/s, 1.5 s, at most 32 roots open: " +
    "100 records, 1 lost, 6 duplicates, 2 over bound",
    "     0.0 s  kill -9 tm, works again after 90 ms and kill -9 instance, works again after " +
    "20 ms; 5 roots open; 1 notice of at most 4: 6 duplicates, bound 10",
    "  FAULT source 0: 3/1 is lost",
  ]);
});
