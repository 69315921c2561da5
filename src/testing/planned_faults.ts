/** The faults that a test plans for the calls of bolts. */

/** Faults by component. */
export class PlannedFaults {
  readonly #fails = new Map<string, number>();
  readonly #delays = new Map<string, number>();

  /** The next `times` tuples of `component` fail. */
  fail(component: string, times: number): void {
    this.#fails.set(component, (this.#fails.get(component) ?? 0) + times);
  }

  /** Takes one of the planned failures of `component`, if there is one. */
  takeFail(component: string): boolean {
    const left = this.#fails.get(component) ?? 0;
    if (left === 0) return false;
    this.#fails.set(component, left - 1);
    return true;
  }

  /** Each tuple of `component` takes `ms` from now on. */
  delay(component: string, ms: number): void {
    this.#delays.set(component, ms);
  }

  /** How long a tuple of `component` takes, in ms. */
  delayMs(component: string): number {
    return this.#delays.get(component) ?? 0;
  }
}
