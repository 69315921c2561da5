/** Rounds are summed up as the last line has them; seeds in a row have all forms. */

import { expect, test } from "bun:test";
import { linesOf, roleOf, summaryOf } from "./soak_report.ts";
import { formOf, type SoakRound } from "./soak_round.ts";

const MIB = 1024 * 1024;

/** A round of so many minutes, in which each process takes what `bytesAt` says, in MiB. */
function roundOf(
  minutes: number,
  processes: Record<string, (minute: number) => number>,
): SoakRound {
  return {
    round: 1,
    seed: 4,
    mode: "ATMOST_ONCE",
    containers: 1,
    soakMs: minutes * 60_000,
    tuples: 1000,
    lost: 0,
    duplicates: 0,
    cutOff: [],
    faults: [],
    minutes: Array.from({ length: minutes }, (_, at) => ({
      minute: at + 1,
      memory: Object.fromEntries(
        Object.entries(processes).map(([id, bytesAt]) => [id, bytesAt(at) * MIB]),
      ),
      tuplesPerSecond: 10,
      openRoots: 0,
      heldBytes: MIB,
    })),
  };
}

test("roleOf() is the component of an instance, and the role of all others", () => {
  expect(["container_1_words_2", "container_3_my_bolt_12", "stmgr-3", "container-0", "tm"]
    .map(roleOf)).toEqual(["words", "my_bolt", "stmgr", "container", "tm"]);
});

test("summaryOf() tells for each role of the round in which it changed most, and adds counts up", () => {
  const round = roundOf(10, {
    tm: () => 14,
    "stmgr-1": () => 100,
    "stmgr-2": (minute) => minute < 7 ? 100 : 120,
  });
  const calm = { ...roundOf(10, { "stmgr-1": () => 50 }), tuples: 0 };
  const short = { ...roundOf(1, { tm: () => 99 }), lost: 2, duplicates: 3 };
  expect(summaryOf([calm, round, short])).toEqual({
    minutes: 21,
    tuples: 2000,
    lost: 2,
    duplicates: 3,
    memory: {
      stmgr: { after5_mb: 100, end_mb: 110, drift_percent: 10 },
      tm: { after5_mb: 14, end_mb: 14, drift_percent: 0 },
    },
    flat: false,
  });
  expect(linesOf(round)).toContain(
    "  NOT FLAT stmgr: 100.0 MiB after five minutes, 110.0 MiB at the end, 10.0 MiB off at most",
  );
});

test("summaryOf() does not judge a run that is too short, and says so", () => {
  const short = roundOf(1, { tm: () => 14, "container_1_words_1": () => 30 });
  expect(summaryOf([short])).toMatchObject({
    memory: {
      tm: { after5_mb: null, end_mb: 14, drift_percent: null },
      words: { after5_mb: null, end_mb: 30, drift_percent: null },
    },
    flat: true,
  });
  expect(linesOf(short)).toEqual([
    "round 1 (seed 4), ATMOST_ONCE, containers: 1, 1.0 min: 1000 tuples, 0 lost, 0 duplicates",
    "  minute 1: 10 tuples/s, 0 roots open, 1.0 MiB held; tm 14.0 container_1_words_1 30.0",
  ]);
});

test("formOf() alternates: four seeds in a row have both modes with one and three containers", () => {
  const forms = [7, 8, 9, 10].map(formOf).map(({ mode, containers }) => `${mode} ${containers}`);
  expect(forms.toSorted()).toEqual([
    "ATLEAST_ONCE 1",
    "ATLEAST_ONCE 3",
    "ATMOST_ONCE 1",
    "ATMOST_ONCE 3",
  ]);
});
