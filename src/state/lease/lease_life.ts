/**
 * Lives of one party that take a lease over from each other without waiting. Safe, since a supervisor starts
 * a life only when it has seen the former one end; and where nobody saw that (a new supervisor, after its machine
 * or the one before it was lost), the lower life may wake up and believe in its lease for a while, but what it
 * then writes and sends carries a lower number and is refused; it learns so by its watch or renewal, and ends.
 */

/** Which life of which party a holder is. */
export interface LeaseLife {
  /** Only lives of one process have it in common: its role and place in one topology. */
  readonly party: string;
  /** Of its supervisor: larger than that of any supervisor before. */
  readonly epoch: number;
  /** Of its lives under that supervisor. */
  readonly counter: number;
}

/** Below 0 when `a` is the lower life, above 0 when `b` is; undefined unless they are lives of one party. */
export function compareLives(
  a: LeaseLife | undefined,
  b: LeaseLife | undefined,
): number | undefined {
  if (a === undefined || b === undefined || a.party !== b.party) return undefined;
  return a.epoch === b.epoch ? a.counter - b.counter : a.epoch - b.epoch;
}
