/** Door of `tm`: the topology master role and its core. */

export { runTm, type TmRoleOptions } from "./tm.ts";
export { type StmgrLink, TmCore, type TmOptions, type TmPorts, type TmState } from "./tm_core.ts";
