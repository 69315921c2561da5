/** Door of `stmgr`: the stream manager role and its core. */

export type { KnownLives } from "./losses.ts";
export { type FrameView, type Link, Outlet } from "./outlet.ts";
export { runStmgr, type StmgrRoleOptions } from "./stmgr.ts";
export { StmgrCore } from "./stmgr_core.ts";
export type {
  LocalTask,
  PeerAddress,
  PeerHello,
  Registration,
  StmgrOptions,
  StmgrPorts,
} from "./stmgr_ports.ts";
export { localTasksOf } from "./local_tasks.ts";
