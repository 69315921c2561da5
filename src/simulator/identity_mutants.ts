/** Broken builds of identity: lives, and under what a topology master acts. */

import type { TaskLife } from "../tuples/mod.ts";
import type { Interposer, MasterTerm } from "./interposer.ts";
import type { MutantMakers } from "./mutant_run.ts";
import { compareLives } from "./sim_network.ts";

type Name =
  | "incarnation_repeated"
  | "stale_lease_accepted"
  | "late_rename"
  | "double_adopt"
  | "end_before_stored";

/** The makers. */
export const identityMutants: MutantMakers<Name> = Object.freeze({
  /** A supervisor gives the next life of a process the number of the one before. */
  incarnation_repeated: () => ({
    life: (id: string, life: TaskLife) =>
      id === "tm" ? life : { epoch: life.epoch, counter: Math.min(life.counter, 1) },
  }),
  /** Nobody looks under what a topology master acts. */
  stale_lease_accepted: staleLeaseAccepted,
  /** A process that was replaced takes what its replacement has. */
  late_rename: () => ({ lateRename: () => true }),
  /** A process that was replaced is let in. */
  double_adopt: doubleAdopt,
  /** A task tells those it sends to of its end while it may still be forgotten. */
  end_before_stored: () => ({ endWaits: () => false }),
});

function staleLeaseAccepted(): Partial<Interposer> {
  let newest: MasterTerm | undefined;
  return {
    fromMaster: (word) => {
      const isOlder = newest !== undefined &&
        (word.schedulerEpoch < newest.schedulerEpoch ||
          (word.schedulerEpoch === newest.schedulerEpoch && word.leaseNumber < newest.leaseNumber));
      if (!isOlder) newest = word;
      const { schedulerEpoch, leaseNumber } = newest ?? word;
      return { ...word, schedulerEpoch, leaseNumber };
    },
  };
}

function doubleAdopt(): Partial<Interposer> {
  const newest = new Map<string, TaskLife>();
  return {
    life: (id, life) => {
      const known = newest.get(id);
      if (known === undefined || compareLives(known, life) < 0) newest.set(id, life);
      return life;
    },
    helloLife: (id, life) => newest.get(id) ?? life,
  };
}
