/**
 * A clock that moves only when told to: the time of tests. It can also jump, as time does for
 * a process that was stopped: time is later then and the timers have not fired yet.
 */

import type { Timer } from "./beats.ts";
import type { Clock } from "./clock.ts";

/** Event-loop turns after each timer, so that what it began in memory can end. */
const TURNS = 4;

interface Alarm {
  readonly dueMs: number;
  readonly periodMs: number | undefined;
  readonly run: () => void;
}

/** A clock for tests; it starts at 0 ms. */
export class ManualClock implements Clock {
  readonly #wallStartMs: number;
  readonly #alarms = new Map<number, Alarm>();
  #nowMs = 0;
  #lastId = 0;

  /** @param wallStartMs wall-clock time at the start, in milliseconds since 1970 */
  constructor(wallStartMs = 1_700_000_000_000) {
    this.#wallStartMs = wallStartMs;
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#alarms.size;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#wallStartMs + this.#nowMs;
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#set({ dueMs: this.#nowMs + Math.max(0, delayMs), periodMs: undefined, run });
  }

  every(periodMs: number, run: () => void): Timer {
    if (!(periodMs > 0)) throw new RangeError(`Set a timer: period "${periodMs}", expected > 0 ms`);
    return this.#set({ dueMs: this.#nowMs + periodMs, periodMs, run });
  }

  /** Lets `ms` pass: fires each timer at its time, in order, with event-loop turns between. */
  async advance(ms: number): Promise<void> {
    const targetMs = this.#nowMs + ms;
    await turns();
    for (let next = this.#next(targetMs); next !== undefined; next = this.#next(targetMs)) {
      const [id, alarm] = next;
      this.#nowMs = Math.max(this.#nowMs, alarm.dueMs);
      if (alarm.periodMs === undefined) this.#alarms.delete(id);
      else this.#alarms.set(id, { ...alarm, dueMs: this.#nowMs + alarm.periodMs });
      alarm.run();
      await turns();
    }
    this.#nowMs = Math.max(this.#nowMs, targetMs);
  }

  /** Lets `ms` pass without firing a timer; those due fire with the next `advance`. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }

  #set(alarm: Alarm): Timer {
    const id = ++this.#lastId;
    this.#alarms.set(id, alarm);
    return { cancel: () => void this.#alarms.delete(id) };
  }

  /** The earliest timer due by `targetMs`; of several, the one set first. */
  #next(targetMs: number): [number, Alarm] | undefined {
    let first: [number, Alarm] | undefined;
    for (const entry of this.#alarms) {
      const { dueMs } = entry[1];
      if (dueMs <= targetMs && (first === undefined || dueMs < first[1].dueMs)) first = entry;
    }
    return first;
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
}
