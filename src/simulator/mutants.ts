/**
 * Broken builds: each breaks one rule of the protocol at a port, and the
 * properties must notice. What they notice shows that they can fail.
 */

import { activationMutants } from "./activation_mutants.ts";
import { ackMutants } from "./ack_mutants.ts";
import { creditMutants } from "./credit_mutants.ts";
import { HONEST, type Interposer } from "./interposer.ts";
import { identityMutants } from "./identity_mutants.ts";
import { lossMutants } from "./loss_mutants.ts";
import type { MutantMakers, MutantRun } from "./mutant_run.ts";
import { partMutants } from "./part_mutants.ts";
import { pressureMutants } from "./pressure_mutants.ts";

const MUTANTS = Object.freeze({
  ...creditMutants,
  ...ackMutants,
  ...lossMutants,
  ...identityMutants,
  ...partMutants,
  ...pressureMutants,
  ...activationMutants,
});

/** The name of a broken build. */
export type MutantName = keyof typeof MUTANTS;

/** All broken builds. */
export const MUTANT_NAMES: readonly MutantName[] = Object.freeze(
  // The keys of a frozen literal are exactly the union.
  Object.keys(MUTANTS) as MutantName[],
);

/** Whether `name` is a broken build. */
export function isMutantName(name: string): name is MutantName {
  return Object.hasOwn(MUTANTS, name);
}

/** The interposer of a broken build, or the honest one. */
export function createMutant(name: MutantName | undefined, run: MutantRun): Interposer {
  if (name === undefined) return HONEST;
  const makers: MutantMakers<MutantName> = MUTANTS;
  return { ...HONEST, ...makers[name](run) };
}
