/**
 * What the topology master remembers of one source: its last few reports, each a
 * column of values, and from them totals and rates. Counts come as what they have come to; one that
 * shrank began anew and goes on from where it was. Times are those of the topology master's monotonic clock.
 */

/** Reports that are kept of each source. */
const REPORTS_KEPT = 6;

/** Values are kept for so many names more at a time. */
const SLOTS_STEP = 8;
/** Columns: the reports, and what counts had come to before they began anew. */
const COLUMNS = REPORTS_KEPT + 1;
/** A source that tells nothing for so many of its intervals does not count. */
const QUIET_INTERVALS = 2.5;
const QUIET_MS_MIN = 3000;

/** A source of metrics and its last reports. */
export class CachedSource {
  readonly component: string;
  readonly instance: string;
  readonly container: number;
  readonly #times = new Float64Array(REPORTS_KEPT).fill(Number.NaN);
  #values = new Float64Array(0);
  #slots = 0;
  #at = 0;
  /** The time of the last report as it was told. */
  #toldMs = Number.NaN;

  /** A source that has told nothing. */
  constructor(component: string, instance: string, container: number) {
    this.component = component;
    this.instance = instance;
    this.container = container;
  }

  /** How many cells more it takes to have the name of `slot`. */
  cellsFor(slot: number): number {
    return slot < this.#slots ? 0 : roomFor(slot) * COLUMNS - this.#values.length;
  }

  /** When it told last, in milliseconds of the own clock; NaN: never. */
  get lastMs(): number {
    return this.#times[this.#at] ?? Number.NaN;
  }

  /**
   * Begins a report of `timeMs`, which was told as `toldMs` of another clock. One of the same told time
   * goes on with the last.
   */
  begin(timeMs: number, toldMs: number = timeMs): void {
    if (toldMs === this.#toldMs || timeMs <= this.lastMs) return;
    this.#toldMs = toldMs;
    const before = this.#at;
    this.#at = Number.isNaN(this.lastMs) ? 0 : (this.#at + 1) % REPORTS_KEPT;
    this.#times[this.#at] = timeMs;
    const slots = this.#slots;
    this.#values.copyWithin(this.#at * slots, before * slots, (before + 1) * slots);
  }

  /** Takes one value of the report. */
  put(slot: number, value: number, isCount: boolean): void {
    if (slot >= this.#slots) this.#grow(roomFor(slot));
    const at = this.#at * this.#slots + slot;
    if (!isCount) {
      this.#values[at] = value;
      return;
    }
    const base = REPORTS_KEPT * this.#slots + slot;
    const carried = this.#values[base] ?? 0;
    const known = this.#values[at] ?? Number.NaN;
    if (value + carried < known) this.#values[base] = known;
    this.#values[at] = value + (this.#values[base] ?? 0);
  }

  /** The last value, or what a count has come to; NaN: never told. */
  last(slot: number): number {
    return slot < this.#slots ? this.#values[this.#at * this.#slots + slot] ?? NaN : NaN;
  }

  /** Whether nothing was heard for long: what it counted stands still. */
  isQuiet(nowMs: number): boolean {
    const before = this.#times[(this.#at + REPORTS_KEPT - 1) % REPORTS_KEPT] ?? Number.NaN;
    const interval = Number.isNaN(before) ? 0 : this.lastMs - before;
    return !(nowMs - this.lastMs <= Math.max(QUIET_MS_MIN, interval * QUIET_INTERVALS));
  }

  /**
   * By how much a value grew in a second, over the reports of the last `windowMs`, two at least. One
   * that shrank began anew, from 0.
   */
  perSecond(slot: number, windowMs: number): number {
    if (Number.isNaN(this.last(slot))) return Number.NaN;
    let grown = 0;
    let firstMs = this.lastMs;
    let later = this.last(slot);
    for (let back = 1; back < REPORTS_KEPT; back++) {
      const at = (this.#at + REPORTS_KEPT - back) % REPORTS_KEPT;
      const time = this.#times[at] ?? Number.NaN;
      if (!(time < firstMs)) break;
      if (back > 1 && this.lastMs - time > windowMs) break;
      const told = this.#values[at * this.#slots + slot] ?? Number.NaN;
      const value = Number.isNaN(told) ? 0 : told;
      grown += later >= value ? later - value : later;
      [firstMs, later] = [time, value];
    }
    return firstMs === this.lastMs ? Number.NaN : grown * 1000 / (this.lastMs - firstMs);
  }

  #grow(slots: number): void {
    const values = new Float64Array(slots * COLUMNS).fill(Number.NaN);
    for (let column = 0; column < COLUMNS; column++) {
      const from = column * this.#slots;
      values.set(this.#values.subarray(from, from + this.#slots), column * slots);
    }
    values.fill(0, REPORTS_KEPT * slots + this.#slots);
    this.#values = values;
    this.#slots = slots;
  }
}

function roomFor(slot: number): number {
  return Math.ceil((slot + 1) / SLOTS_STEP) * SLOTS_STEP;
}
