/**
 * What was acked in the last half to whole span of time: how many roots, and
 * the longest latency among them. Two halves are kept, no root by itself.
 */

/** The acks of about the last `spanMs`. */
export class RecentAcks {
  readonly #halfMs: number;
  #sinceMs = 0;
  #count = 0;
  #countBefore = 0;
  #worstMs = 0;
  #worstBeforeMs = 0;

  /** None yet. */
  constructor(spanMs: number) {
    this.#halfMs = spanMs / 2;
  }

  /** How many roots were acked; as of the last `advance`. */
  get count(): number {
    return this.#count + this.#countBefore;
  }

  /** The longest latency that was noted; as of the last `advance`. */
  get worstMs(): number {
    return Math.max(this.#worstMs, this.#worstBeforeMs);
  }

  /** Forgets what lies too far back. */
  advance(nowMs: number): void {
    const halves = Math.floor((nowMs - this.#sinceMs) / this.#halfMs);
    if (halves < 1) return;
    this.#countBefore = halves === 1 ? this.#count : 0;
    this.#worstBeforeMs = halves === 1 ? this.#worstMs : 0;
    this.#count = 0;
    this.#worstMs = 0;
    this.#sinceMs = nowMs;
  }

  /** Counts roots that are acked now; `advance` goes before. */
  add(count: number): void {
    this.#count += count;
  }

  /** Notes its latency. */
  note(latencyMs: number): void {
    if (latencyMs > this.#worstMs) this.#worstMs = latencyMs;
  }

  /** Forgets latencies: they say nothing of what is opened from now on. */
  forgetLatencies(): void {
    this.#worstMs = this.#worstBeforeMs = 0;
  }

  /** Forgets all. */
  clear(): void {
    this.#count = this.#countBefore = 0;
    this.forgetLatencies();
  }
}
