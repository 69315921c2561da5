/** Door of `plan`: logical and physical plan, ids, and their records. */

export { buildPhysicalPlan, type PhysicalPlanParts } from "./build_physical_plan.ts";
export { ComponentGraph } from "./component_graph.ts";
export { containerId, containerOfStmgr, instanceId, metricsmgrId, newTopologyId, stmgrId } from "./ids.ts";
export { type CheckedJob, decodeJob, encodeJob } from "./job.ts";
export { KEY_GROUPS_KEY, keyGroupsFor, keyGroupsOf } from "./key_group_count.ts";
export { logicalPlanFromProto, logicalPlanToProto } from "./logical_plan.ts";
export { type Consumer, PhysicalPlan, type StmgrAddress, type TaskPlan } from "./physical_plan.ts";
export { describeDifference, planHash } from "./plan_hash.ts";
export { decodeRecord, encodeRecord } from "./records.ts";
export { callFactory, importBundle, registerUserApi } from "./topology_module.ts";
