/** Door of `stmgr`: the stream manager role and its core. */

export { type Link, Outlet } from "./outlet.ts";
export { runStmgr, type StmgrRoleOptions } from "./stmgr.ts";
export {
  type FrameView,
  type LocalTask,
  type PeerAddress,
  StmgrCore,
  type StmgrOptions,
  type StmgrPorts,
} from "./stmgr_core.ts";
