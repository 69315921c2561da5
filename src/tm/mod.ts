/** Door of `tm`: the topology master role, and what the simulator runs of it. */

export { runTm, type TmRoleOptions } from "./tm.ts";
export { type StmgrLink, TmCore, type TmOptions, type TmPorts, type TmState } from "./tm_core.ts";
export { TmStore, type TmStored, type TmStoreOptions } from "./tm_store.ts";
export { beginTerm, TmTerm, type TmTermOptions } from "./tm_term.ts";
