/** Broken builds of activation: a topology master that does not hear what is wanted. */

import type { MutantMakers } from "./mutant_run.ts";

type Name = "activation_unheard" | "deactivation_unheard";

/** The makers. */
export const activationMutants: MutantMakers<Name> = Object.freeze({
  /** Once deactivated, always deactivated. */
  activation_unheard: () => ({
    activation: (isActive: boolean) => isActive ? undefined : false,
  }),
  /** Never deactivated. */
  deactivation_unheard: () => ({
    activation: (isActive: boolean) => isActive ? true : undefined,
  }),
});
