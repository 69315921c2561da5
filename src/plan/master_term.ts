/** Under what a topology master acts: all that it sends and stores carries it, and who remembers a higher one refuses it. */

/** Epoch of the scheduler, then number of the lease. */
export interface MasterTerm {
  readonly schedulerEpoch: number;
  readonly leaseNumber: bigint;
}

/** Whether `one` is of an older master than `other`. */
export function isOlderTerm(one: MasterTerm, other: MasterTerm): boolean {
  if (one.schedulerEpoch !== other.schedulerEpoch) return one.schedulerEpoch < other.schedulerEpoch;
  return one.leaseNumber < other.leaseNumber;
}
