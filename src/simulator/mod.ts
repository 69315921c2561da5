/** Door of `simulator`: whole clusters of the real cores on virtual time, from one seed. */

export { createRun } from "./create_run.ts";
export { HONEST } from "./interposer.ts";
export { isMutantName, MUTANT_NAMES, type MutantName } from "./mutants.ts";
export { createScenario, type Scenario } from "./scenario.ts";
export { simulate, type SimulateOptions, type SimulationResult } from "./simulate.ts";
export { SimCluster } from "./sim_cluster.ts";
export type { CodePlace, Hosting, SimRun, TaskCode, TaskPlace } from "./sim_run.ts";
export { VirtualWorld } from "./virtual_world.ts";
