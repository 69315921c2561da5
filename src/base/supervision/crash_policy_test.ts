import { expect, test } from "bun:test";
import { type CrashLimits, CrashPolicy, isPermanent } from "./crash_policy.ts";

const LIMITS: CrashLimits = { crashesMax: 3, delayMaxMs: 5000 };
const KILLED = { pid: 7, code: 0, signal: "SIGKILL" };
const FAILED = { pid: 7, code: 1, signal: "" };

/** One life, and what follows it. */
interface Played {
  readonly ms?: number;
  readonly says?: readonly ("up" | "progressed")[];
  readonly fails?: string;
  readonly code?: string;
}

/** Plays lives one after the other; gives the delay before each next one, or why there is none. */
function play(policy: CrashPolicy, lives: readonly Played[]): (number | string)[] {
  let nowMs = 1000;
  const outcomes: (number | string)[] = [];
  for (const { ms = 10, says = [], fails, code = "user_code" } of lives) {
    policy.spawned(nowMs);
    for (const word of says) policy[word]();
    if (fails !== undefined) policy.failed({ code, message: fails });
    nowMs += ms;
    const verdict = policy.ended(fails === undefined ? KILLED : FAILED, nowMs);
    if (verdict.type === "restart") nowMs += verdict.delayMs;
    outcomes.push(verdict.type === "restart" ? verdict.delayMs : verdict.reason);
  }
  return outcomes;
}

function many(count: number, life: (at: number) => Played): Played[] {
  return Array.from({ length: count }, (_, at) => life(at));
}

test("CrashPolicy gives a task up after three lives in a row without progress", () => {
  const barren: Played = { says: ["up"], fails: "no database" };
  const good: Played = { says: ["up", "progressed"] };
  const given = "3 lives in a row came to nothing";
  expect(play(new CrashPolicy(LIMITS, true), [barren, barren, barren])).toEqual([0, 50, given]);
  // Killed from outside without a word counts the same: memory may have run out.
  expect(play(new CrashPolicy(LIMITS, true), many(3, () => ({ says: ["up"] }))))
    .toEqual([0, 50, given]);
  expect(play(new CrashPolicy(LIMITS, true), [barren, barren, good, barren, barren, barren]))
    .toEqual([0, 50, 0, 0, 50, given]);
});

test("CrashPolicy does not count a kill after a long life, however idle", () => {
  const policy = new CrashPolicy(LIMITS, true);
  expect(play(policy, many(20, () => ({ ms: 10_000, says: ["up"] })))).toEqual(Array(20).fill(0));
  // But words count: who needs a minute to find that he cannot open never opens.
  expect(play(policy, many(3, () => ({ ms: 70_000, says: ["up"], fails: "no database" }))))
    .toEqual([0, 50, "3 lives in a row came to nothing"]);
});

test("CrashPolicy starts a task that progresses again at once, however often it is killed", () => {
  const policy = new CrashPolicy(LIMITS, true);
  expect(play(policy, many(50, () => ({ says: ["up", "progressed"] })))).toEqual(Array(50).fill(0));
});

test("CrashPolicy waits longer from crash to crash, up to the limit, and begins anew after a long life", () => {
  const policy = new CrashPolicy(LIMITS, true);
  const crash = (at: number): Played => ({ says: ["progressed"], fails: `tuple ${at} is bad` });
  expect(play(policy, many(10, crash)))
    .toEqual([0, 50, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  expect(play(policy, [{ ...crash(11), ms: 10_000 }, crash(12), crash(13)])).toEqual([0, 0, 50]);
});

test("CrashPolicy gives up after ten equal failures within a minute, progress or not", () => {
  const crash: Played = { says: ["progressed"], fails: "always" };
  expect(play(new CrashPolicy(LIMITS, true), many(10, () => crash)).at(-1))
    .toBe('it ended 10 times within 60 s with "always"');
  const slow = many(30, () => ({ ...crash, ms: 7000 }));
  expect(play(new CrashPolicy(LIMITS, true), slow).filter((one) => typeof one === "string"))
    .toEqual([]);
  const other = many(30, (at) => ({ ...crash, fails: at === 5 ? "once" : "always" }));
  expect(play(new CrashPolicy(LIMITS, true), other.slice(0, 15)).at(-1)).toBe(5000);
});

test("CrashPolicy asks of other processes only that they are up", () => {
  const up: Played = { says: ["up"] };
  expect(play(new CrashPolicy(LIMITS, false), many(50, () => up))).toEqual(Array(50).fill(0));
  const never = many(3, () => ({}));
  expect(play(new CrashPolicy(LIMITS, false), never).at(-1)).toContain("came to nothing");
  const short = many(3, () => ({ ...up, ms: 900, fails: "no port" }));
  expect(play(new CrashPolicy(LIMITS, false), short).at(-1)).toContain("came to nothing");
});

test("CrashPolicy never starts again what fails for good", () => {
  for (const code of ["invalid_topology", "unstable_topology", "stalled", "corrupt"]) {
    expect(isPermanent(code)).toBe(true);
    const life: Played = { says: ["up", "progressed"], fails: "bad", code, ms: 100_000 };
    expect(play(new CrashPolicy(LIMITS, true), [life]))
      .toEqual([`"${code}" is the same in every life`]);
  }
  for (const code of ["user_code", "internal", "io", "timeout"]) {
    expect(isPermanent(code)).toBe(false);
  }
});

test("CrashPolicy without a limit never gives up what fails in a way that may pass", () => {
  const limits = { ...LIMITS, crashesMax: Infinity };
  const barren = many(100, (): Played => ({ fails: "always" }));
  expect(play(new CrashPolicy(limits, true), barren).filter((one) => typeof one === "string"))
    .toEqual([]);
  const life: Played = { fails: "bad", code: "corrupt" };
  expect(play(new CrashPolicy(limits, true), [life])).toEqual([
    '"corrupt" is the same in every life',
  ]);
});
