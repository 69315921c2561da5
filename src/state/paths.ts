/**
 * Where each record of a topology lies: Heron's tree, which its own tools read, and ours below `heron-bin/`.
 * Heron's tracker takes every file in `topologies/` for a topology, so nothing else is put there.
 */

/** The folder of all submitted topologies. */
export const TOPOLOGIES = "topologies";
/** The folder of who submitted them: what is made first and removed last. */
export const EXECUTION_STATES = "executionstate";

/** The folders of Heron's tree that heron-bin writes; tools expect them even when empty. */
export const HERON_FOLDERS: readonly string[] = Object.freeze([
  TOPOLOGIES,
  "packingplans",
  "pplans",
  EXECUTION_STATES,
  "tmanagers",
  "schedulers",
]);

/** The paths of one topology's records. */
export interface TopologyPaths {
  /** `heron.proto.api.Topology`. */
  readonly topology: string;
  /** `heron.proto.system.PackingPlan`. */
  readonly packingPlan: string;
  /** `heron.proto.system.PhysicalPlan`. */
  readonly physicalPlan: string;
  /** `heron.proto.system.ExecutionState`. */
  readonly executionState: string;
  /** `heron.proto.tmanager.TManagerLocation`. */
  readonly tmanager: string;
  /** `heron.proto.scheduler.SchedulerLocation`. */
  readonly scheduler: string;
  /** The folder of our own records. */
  readonly own: string;
  /** The lease of the active topology master. */
  readonly tmLease: string;
  /** The folder of the epochs that were taken. */
  readonly epochs: string;
  /** `heron_bin.wire.PlanUpdate`: the newest plan with all that its record in Heron's tree has no place for. */
  readonly planUpdate: string;
  /** `heron_bin.wire.TaskEnds`: the tasks that have ended. */
  readonly taskEnds: string;
  /** `heron_bin.submission.Submission`: where it is. */
  readonly submission: string;
  /** `heron_bin.submission.Wanted`: what it is to be. */
  readonly wanted: string;
  /** `heron_bin.submission.SchedulerStatus`: how it is. */
  readonly status: string;
}

/** The paths of the topology named `name`. */
export function topologyPaths(name: string): TopologyPaths {
  const own = `heron-bin/${name}`;
  return Object.freeze({
    topology: `${TOPOLOGIES}/${name}`,
    packingPlan: `packingplans/${name}`,
    physicalPlan: `pplans/${name}`,
    executionState: `${EXECUTION_STATES}/${name}`,
    tmanager: `tmanagers/${name}`,
    scheduler: `schedulers/${name}`,
    own,
    tmLease: `${own}/tm-lease`,
    epochs: `${own}/epochs`,
    planUpdate: `${own}/plan`,
    taskEnds: `${own}/ends`,
    submission: `${own}/submission`,
    wanted: `${own}/wanted`,
    status: `${own}/status`,
  });
}
