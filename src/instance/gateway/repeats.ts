/** What comes again and again, of which less and less is told. Pure. */

/** Different ones that are known apart; what is beyond is one. */
const KINDS_MAX = 64;

/** How often each kind came. */
export class Repeats {
  readonly #times = new Map<string, number>();

  /** `kind` came once more: how often so far, after 1, 2, 4, … times; else undefined. */
  take(kind: string): number | undefined {
    const known = this.#times.has(kind) || this.#times.size < KINDS_MAX ? kind : "";
    const times = (this.#times.get(known) ?? 0) + 1;
    this.#times.set(known, times);
    return (times & (times - 1)) === 0 ? times : undefined;
  }
}
