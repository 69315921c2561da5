/**
 * Virtual time with one seed: events run one after the other, time jumps to
 * the next of them, and the promises of user code settle in between. The same
 * seed gives the same run.
 */

import { type Clock, type Random, seededRandom, type Timer } from "../base/mod.ts";
import { EventQueue } from "./event_queue.ts";

/** Microtask rounds in which the promises of one event settle: those of user code, of whole roles. */
const MICROTASK_ROUNDS = 12;
const ROLE_ROUNDS = 80;
const TRACE_LINES_MAX = 30;
/** A run that takes more events than this is taken for one that does not end. */
const EVENTS_MAX = 20_000_000;

/** How a world differs from that of a simulation. */
export interface WorldStyle {
  /** The clocks of all processes show virtual time. @default false */
  readonly hasExactClocks?: boolean;
  /** Events after which a run is taken for one that does not end. */
  readonly eventsMax?: number;
  /** Called after each event: a promise to be waited for before the next, in real time. */
  between?(): Promise<void> | undefined;
}

/** Time, chance and the record of what happened in one simulated run. */
export class VirtualWorld implements Clock {
  readonly random: Random;
  readonly #queue = new EventQueue();
  readonly #isTraced: boolean;
  readonly #style: WorldStyle;
  readonly #trace: string[] = [];
  #nowMs = 0;
  #events = 0;
  #roundsDue = 0;
  #broken: string | undefined;

  /** `isTraced`: keep the last events as text. */
  constructor(seed: number, isTraced = false, style: WorldStyle = {}) {
    this.random = seededRandom(seed);
    this.#isTraced = isTraced;
    this.#style = style;
  }

  /** The clocks of all processes show virtual time. */
  get hasExactClocks(): boolean {
    return this.#style.hasExactClocks === true;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }

  after(delayMs: number, run: () => void): Timer {
    let isCancelled = false;
    this.at(this.#nowMs + Math.max(0, delayMs), () => {
      if (!isCancelled) run();
    });
    return { cancel: () => void (isCancelled = true) };
  }

  every(periodMs: number, run: () => void): Timer {
    let timer = this.after(periodMs, again);
    const after = this.after.bind(this);
    function again(): void {
      timer = after(periodMs, again);
      run();
    }
    return { cancel: () => timer.cancel() };
  }

  /** Runs `run` at `timeMs`, or now if that is over. */
  at(timeMs: number, run: () => void): void {
    this.#queue.push(Math.max(this.#nowMs, timeMs), run);
  }

  /** A delay between 0 and `maxMs`, mostly short. */
  delayMs(maxMs: number): number {
    const unit = this.random.unit();
    return unit * unit * maxMs;
  }

  /** True with probability `probability`. */
  chance(probability: number): boolean {
    return this.random.unit() < probability;
  }

  /** Events so far. */
  get events(): number {
    return this.#events;
  }

  /** The first property that did not hold. */
  get broken(): string | undefined {
    return this.#broken;
  }

  /** The last events as text. */
  get trace(): readonly string[] {
    return this.#trace;
  }

  /** Notes what happens; `text` is called only when somebody will read it. */
  note(text: () => string): void {
    if (!this.#isTraced) return;
    this.#trace.push(`${this.#nowMs.toFixed(3).padStart(11)} ms  ${text()}`);
    if (this.#trace.length > TRACE_LINES_MAX) this.#trace.shift();
  }

  /** Says that a property does not hold: the run ends. */
  break(what: string): void {
    this.note(() => `broken: ${what}`);
    this.#broken ??= what;
  }

  /** Promises may have become ready: they settle before the next event. */
  settle(): void {
    this.#roundsDue = Math.max(this.#roundsDue, MICROTASK_ROUNDS);
  }

  /** The same for promises of a role's own code, which are many behind each other. */
  settleRole(): void {
    this.#roundsDue = ROLE_ROUNDS;
  }

  /** Resolves after `delayMs`. */
  sleep(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.after(delayMs, () => {
      this.settle();
      resolve();
    });
    return promise;
  }

  /** Runs events until `isOver`, a broken property, or the last event. */
  async run(isOver: () => boolean): Promise<void> {
    const { eventsMax = EVENTS_MAX } = this.#style;
    while (!isOver() && this.#broken === undefined) {
      const event = this.#queue.pop();
      if (event === undefined) return;
      this.#nowMs = event.timeMs;
      if (++this.#events > eventsMax) this.break(`the run takes more than ${eventsMax} events`);
      event.run();
      const rounds = this.#roundsDue;
      this.#roundsDue = 0;
      for (let round = 0; round < rounds; round++) await undefined;
      const wait = this.#style.between?.();
      if (wait !== undefined) await wait;
    }
  }
}
