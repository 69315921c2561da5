/** Door of `simulator`: whole clusters of the real cores on virtual time, from one seed. */

export { isMutantName, MUTANT_NAMES, type MutantName } from "./mutants.ts";
export { createScenario, type Scenario } from "./scenario.ts";
export { simulate, type SimulateOptions, type SimulationResult } from "./simulate.ts";
