/**
 * One round: a run of the durable topology that is struck again and again, then has its input
 * ended, and is compared with what it should have done.
 */

import { mkdirSync } from "node:fs";
import { type Random, seededRandom } from "../../src/base/mod.ts";
import type { CountedCause, DurableOutcome } from "../support/durable_check.ts";
import { type NoticePlace, noticesMax } from "./notice_limit.ts";
import { DurableRun } from "./durable_run.ts";
import { drawStrike, type Fault, recovered, SILENCE_MS, strike } from "./faults.ts";

/** `net.ping.ms` of the topology. */
const PING_MS = 500;
const PAUSE_MIN_MS = 100;
const PAUSE_MAX_MS = 1200;
/** `topology.max.spout.pending`: no spout may have more roots open. */
const PENDING_MAX = 256;
/** Records a second of each source: from nothing under way to spouts at their limit. */
const RATES = [100, 300, 700] as const;

/** What a strike did. */
export interface StrikeResult {
  readonly faults: readonly Fault[];
  /** When it began, from the start of the round. */
  readonly atMs: number;
  /** Roots open just before, of all spouts. */
  readonly open: number;
  /** Why records came again until the next strike. */
  /** Notices at all spouts together, and how many there may be. */
  readonly notices: number;
  readonly noticesMax: number;
  readonly restarts: number;
  readonly timeouts: number;
  /** Records that came again because of it, and how many may. */
  duplicates: number;
  bound: number;
}

/** What a round came to. */
export interface RoundResult {
  readonly round: number;
  readonly seed: number;
  readonly containers: number;
  /** Records a second of each source. */
  readonly rate: number;
  readonly durationMs: number;
  /** How long of it was it struck. */
  readonly strikesMs: number;
  readonly strikes: readonly StrikeResult[];
  readonly expected: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly overBound: number;
  readonly openMax: number;
  /** What may not be, in words. */
  readonly faults: readonly string[];
  /** Why the round did not come to its end. */
  readonly failure?: string;
}

/** What a round is told. */
export interface RoundOptions {
  readonly round: number;
  readonly seed: number;
  /** How long it is struck. */
  readonly strikesMs: number;
  /** Where the files of a round that failed are kept. */
  readonly keepFolder: string;
  /** Ends the round, which then throws. */
  readonly signal: AbortSignal;
  /** Is told the folders of the run once there are some. */
  readonly onFolders: (folders: readonly string[]) => void;
}

interface Struck {
  readonly faults: readonly Fault[];
  readonly startMs: number;
}

/** Plays a round. */
export async function playRound(options: RoundOptions): Promise<RoundResult> {
  const startedMs = Date.now();
  const random = seededRandom(options.seed);
  const containers = random.below(3) === 0 ? 1 : 3;
  const rate = RATES[random.below(RATES.length)] ?? RATES[0];
  await using run = await DurableRun.start({
    containers,
    seed: options.seed,
    rate,
    settings: [
      `net.silence.ms=${SILENCE_MS}`,
      `net.ping.ms=${PING_MS}`,
      `topology.max.spout.pending=${PENDING_MAX}`,
    ],
    signal: options.signal,
  });
  options.onFolders(run.folders);
  const struck: Struck[] = [];
  let failure: string | undefined;
  let outcome: DurableOutcome | undefined;
  try {
    const endMs = Date.now() + options.strikesMs;
    while (Date.now() < endMs) {
      await strikeOnce(run, random, struck);
      await Bun.sleep(PAUSE_MIN_MS + random.below(PAUSE_MAX_MS));
    }
    outcome = await run.finish();
  } catch (thrown) {
    options.signal.throwIfAborted();
    failure = thrown instanceof Error ? thrown.message : String(thrown);
  }
  const parts = { run, options, struck, startedMs, outcome: outcome ?? run.check() };
  const result = resultOf(parts, failure);
  if (result.failure !== undefined || result.faults.length > 0) {
    mkdirSync(options.keepFolder, { recursive: true });
    run.keep(options.keepFolder);
  }
  return result;
}

interface RoundParts {
  readonly run: DurableRun;
  readonly options: RoundOptions;
  readonly struck: readonly Struck[];
  readonly startedMs: number;
  readonly outcome: DurableOutcome;
}

function resultOf(parts: RoundParts, failure: string | undefined): RoundResult {
  const { run, options, struck, startedMs, outcome } = parts;
  const { plan, containers, rate } = run;
  const tasks = Map.groupBy(plan.tasks, ({ containerId }) => containerId).values();
  const strikes = attribute(struck, outcome, {
    startedMs,
    sources: plan.tasksOf("records").length,
    containers,
    tasksInContainer: Math.max(...tasks.map(({ length }) => length)),
    // Who was heard last a ping before it stood still is lost so much earlier.
    silenceMs: SILENCE_MS - PING_MS,
  });
  const over = [
    ...strikes.filter((one) => one.notices > one.noticesMax)
      .map((one) => `${one.notices} notices, at most ${one.noticesMax}, of ${atText(one)}`),
    ...(outcome.openMax > PENDING_MAX ? [`${outcome.openMax} roots open`] : []),
  ];
  // A root that times out was lost without a notice.
  const late = strikes.filter(({ timeouts }) => timeouts > 0)
    .map((one) => `${one.timeouts} time-outs after ${atText(one)}`);
  return {
    round: options.round,
    seed: options.seed,
    containers,
    rate,
    durationMs: Date.now() - startedMs,
    strikesMs: options.strikesMs,
    strikes,
    expected: outcome.expected,
    // Of a run that did not end it is not known.
    lost: failure === undefined ? outcome.lost : 0,
    duplicates: outcome.duplicates,
    overBound: outcome.overBound + over.length,
    openMax: outcome.openMax,
    faults: [...(failure === undefined ? outcome.faults : []), ...over, ...late],
    ...(failure !== undefined && { failure }),
  };
}

function atText({ atMs, faults }: StrikeResult): string {
  return `${faults.map(({ at, type }) => `${type} ${at}`).join(" and ")} at ${atMs} ms`;
}

/** Strikes, and waits until all that was killed works again and tuples reach the sink. */
async function strikeOnce(run: DurableRun, random: Random, struck: Struck[]): Promise<void> {
  const startMs = Date.now();
  const plans = drawStrike(random, run);
  const underWay = plans.flatMap((plan) => strike(run, plan) ?? []);
  if (underWay.length === 0) return;
  const faults = await Promise.all(underWay.map((one) => recovered(run, one)));
  struck.push({ faults, startMs });
  await run.progress(Math.max(...faults.map(({ endMs }) => endMs)));
}

/** What causes are counted by. */
export interface AttributionPlace extends NoticePlace {
  readonly startedMs: number;
  /** Tasks of the spout. */
  readonly sources: number;
}

/** Counts each cause with the strike that came last before it. */
export function attribute(
  struck: readonly Struck[],
  { causes, openAt }: Pick<DurableOutcome, "causes" | "openAt">,
  place: AttributionPlace,
): StrikeResult[] {
  const limitOf = (one: Struck | undefined): number =>
    place.sources * (one?.faults ?? []).reduce((sum, fault) => sum + noticesMax(fault, place), 0);
  return struck.map(({ faults, startMs }, index) => {
    const nextMs = struck[index + 1]?.startMs ?? Infinity;
    const own = causes.filter(({ atMs }) => atMs >= startMs && atMs < nextMs);
    const count = (kind: CountedCause["kind"]): number =>
      own.filter((one) => one.kind === kind).length;
    return {
      faults,
      atMs: startMs - place.startedMs,
      open: openAt(startMs),
      notices: count("notice"),
      // A late one of the strike before may come after this one.
      noticesMax: limitOf(struck[index]) + limitOf(struck[index - 1]),
      restarts: count("restart"),
      timeouts: count("timeout"),
      duplicates: own.reduce((sum, one) => sum + one.duplicates, 0),
      bound: own.reduce((sum, one) => sum + one.bound, 0),
    };
  });
}
