/** Door of `state`: the state store, its paths, leases and epochs; the members are for who wires. */

export { takeEpoch } from "./epoch.ts";
export { acquireLease, type Lease, type LeaseOptions } from "./lease/lease.ts";
export type { LeaseLife } from "./lease/lease_life.ts";
export type { LeaseRecord } from "./lease/lease_record.ts";
export { type LocalFsOptions, openLocalFs } from "./local_fs.ts";
export { MemoryState, openMemory } from "./memory.ts";
export {
  EXECUTION_STATES,
  HERON_FOLDERS,
  TOPOLOGIES,
  type TopologyPaths,
  topologyPaths,
} from "./paths.ts";
export { put } from "./put.ts";
export { checkRecordPath } from "./record_path.ts";
export {
  RECORD_BYTES_MAX,
  type StateManager,
  type Version,
  type Versioned,
  type Watch,
  type WatchListener,
} from "./state_manager.ts";
export { type ActivationListener, watchActivation } from "./watch_activation.ts";
export { watchTmanager } from "./watch_tmanager.ts";
