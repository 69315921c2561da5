/** Door of `plan`: logical and physical plan, ids, and their records. */

export {
  buildPhysicalPlan,
  buildPlanUpdate,
  type PhysicalPlanParts,
  type PlanUpdateParts,
} from "./build_physical_plan.ts";
export { ComponentGraph } from "./component_graph.ts";
export {
  containerId,
  containerOfStmgr,
  instanceId,
  metricsmgrId,
  newTopologyId,
  stmgrId,
} from "./ids.ts";
export { componentSettings } from "./component_settings.ts";
export { type CheckedJob, decodeJob, encodeJob } from "./job.ts";
export { keyGroupsFor, keyGroupsOf } from "./key_group_count.ts";
export { logicalPlanFromProto, logicalPlanToProto } from "./logical_plan.ts";
export { isOlderTerm, type MasterTerm } from "./master_term.ts";
export { type Consumer, PhysicalPlan, type StmgrAddress, type TaskPlan } from "./physical_plan.ts";
export { describeDifference, planHash } from "./plan_hash.ts";
export { decodeRecord, encodeRecord } from "./record_codec.ts";
export {
  type ExecutionStateParts,
  executionStateRecord,
  NO_ENDPOINT,
  readExecutionState,
  readSchedulerLocation,
  readTmanagerLocation,
  type SchedulerLocationParts,
  schedulerLocationRecord,
  type TmanagerLocationParts,
  tmanagerLocationRecord,
} from "./records.ts";
export {
  type Plain,
  readSchedulerStatus,
  readSubmission,
  readWanted,
  schedulerStatusRecord,
  submissionRecord,
  wantedRecord,
} from "./submission_records.ts";
export { callFactory, importBundle, registerUserApi } from "./topology_module.ts";
export { addressOf, type Interfaces, type Reach } from "./reach.ts";
export {
  readSchedulerAddress,
  type SchedulerAddress,
  writeSchedulerAddress,
} from "./scheduler_address.ts";
export {
  containerSocket,
  CUT_OFF_EXIT_CODE,
  instanceIn,
  openRoleFiles,
  outputFile,
  type PackedInstance,
  packedInstances,
  reachedTasks,
  readJob,
  type RoleFiles,
  type RoleOptions,
  type SizedInstance,
} from "./role_files.ts";
export { backoffOf, hostsOf, limitsOf, wireOf } from "./wire_settings.ts";
