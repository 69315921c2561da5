/**
 * Whether a process that ended unasked is started again: at once, after growing waits while it
 * crashes again and again, and no more when that cannot help. One policy a process; pure.
 */

import type { ErrorCode } from "../mod.ts";
import type { ChildExit } from "./child_process.ts";

/** Limits of restarts. */
export interface CrashLimits {
  /** Lives in a row that came to nothing, after which a process is given up; Infinity: it never is for those it had. */
  readonly crashesMax: number;
  /** The longest wait before a start, in milliseconds. */
  readonly delayMaxMs: number;
}

/** Why a process ended, in its own words. */
export interface LifeFailure {
  readonly code: string;
  readonly message: string;
}

/** What follows the end of a life. */
export type CrashVerdict =
  | { readonly type: "restart"; readonly delayMs: number }
  | { readonly type: "give_up"; readonly reason: string };

// What is wrong with the topology, its settings or its files is so in the next life too.
const PERMANENT: ReadonlySet<string> = new Set<ErrorCode>([
  "usage",
  "invalid_config",
  "bad_default_export",
  "invalid_topology",
  "unstable_topology",
  "corrupt",
  "stalled",
]);

// The second crash in a row waits so long, each later one twice as long as the one before.
const DELAY_FIRST_MS = 50;

// Who lives so long is alright: a crash after it is not one of a row, and what ended it without
// a word came from outside.
const CALM_MS = 10_000;

// A process that is no task, and that ends by itself sooner, came to nothing.
const SHORT_MS = 1000;

const SAME_MAX = 10;
const SAME_WITHIN_MS = 60_000;

/** Whether a failure with this code is the same in every life, so that a restart cannot help. */
export function isPermanent(code: string): boolean {
  return PERMANENT.has(code);
}

/** What is known of one life. */
interface Life {
  readonly startMs: number;
  isUp: boolean;
  hasProgressed: boolean;
  failure: LifeFailure | undefined;
}

/** The policy for one process. */
export class CrashPolicy {
  readonly #limits: CrashLimits;
  readonly #needsProgress: boolean;
  #life: Life = lifeFrom(0);
  #barren = 0;
  #quick = 0;
  #cause = "";
  // When the last crashes with that cause were.
  #causeTimes: number[] = [];

  /** @param needsProgress it came to nothing unless it says that it progressed; others need only be up */
  constructor(limits: CrashLimits, needsProgress: boolean) {
    this.#limits = limits;
    this.#needsProgress = needsProgress;
  }

  /** A life begins. */
  spawned(nowMs: number): void {
    this.#life = lifeFrom(nowMs);
  }

  /** It says that it is up. */
  up(): void {
    this.#life.isUp = true;
  }

  /** It says that it has done what it is for. */
  progressed(): void {
    this.#life.hasProgressed = true;
  }

  /** It says why it is about to end. */
  failed(failure: LifeFailure): void {
    this.#life.failure = failure;
  }

  /** Its life ended, unasked. */
  ended(exit: ChildExit, nowMs: number): CrashVerdict {
    const { failure, startMs } = this.#life;
    const livedMs = nowMs - startMs;
    const cause = causeOf(exit, failure);
    const isBarren = this.#isBarren(livedMs, cause);
    this.#barren = isBarren ? this.#barren + 1 : 0;
    const isQuick = isBarren || (cause !== "" && livedMs < CALM_MS);
    this.#quick = isQuick ? this.#quick + 1 : 0;
    const same = this.#countSame(cause, nowMs);
    if (failure !== undefined && isPermanent(failure.code)) {
      return { type: "give_up", reason: `"${failure.code}" is the same in every life` };
    }
    if (this.#barren >= this.#limits.crashesMax) {
      return { type: "give_up", reason: `${this.#barren} lives in a row came to nothing` };
    }
    if (same >= SAME_MAX && this.#limits.crashesMax !== Infinity) {
      const within = `${SAME_WITHIN_MS / 1000} s`;
      return { type: "give_up", reason: `it ended ${same} times within ${within} with "${cause}"` };
    }
    return { type: "restart", delayMs: this.#delayMs() };
  }

  #isBarren(livedMs: number, cause: string): boolean {
    const { hasProgressed, isUp } = this.#life;
    if (cause === "" && livedMs >= CALM_MS) return false;
    if (this.#needsProgress) return !hasProgressed;
    return !isUp || (cause !== "" && livedMs < SHORT_MS);
  }

  #countSame(cause: string, nowMs: number): number {
    if (cause === "") return 0;
    const times = cause === this.#cause ? this.#causeTimes : [];
    this.#cause = cause;
    this.#causeTimes = [...times.filter((time) => nowMs - time < SAME_WITHIN_MS), nowMs];
    return this.#causeTimes.length;
  }

  #delayMs(): number {
    if (this.#quick <= 1) return 0;
    return Math.min(this.#limits.delayMaxMs, DELAY_FIRST_MS * 2 ** (this.#quick - 2));
  }
}

function lifeFrom(startMs: number): Life {
  return { startMs, isUp: false, hasProgressed: false, failure: undefined };
}

/** Empty when it was killed from outside: nobody can kill himself so by mistake. */
function causeOf({ code, signal }: ChildExit, failure: LifeFailure | undefined): string {
  if (failure !== undefined) return failure.message;
  if (signal === "SIGKILL") return "";
  return signal === "" ? `exit code ${code}` : `signal ${signal}`;
}
