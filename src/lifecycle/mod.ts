/** Door of `lifecycle`: from a topology file to a run, and its end. */

export { type Bundle, type BundleOptions, bundleTopology } from "./bundle.ts";
export { type DefineOptions, defineTopology, type Definition } from "./define.ts";
export { formatDuration, parseDurationMs } from "./duration.ts";
export {
  baseEnvironment,
  type Environment,
  LISTED_VARIABLES,
  userEnvironment,
} from "./environment.ts";
export {
  answerOfThrown,
  type DefineAnswer,
  type DefineRequest,
  evaluateDefinition,
} from "./evaluate.ts";
export { type FailurePlaces, failureToJson, formatFailure, taskNamesOf } from "./failure_text.ts";
export { formatOutput, isForStderr, type OutputForm } from "./output_text.ts";
export { formatPlan, type PlanReport, planReport, planToDot } from "./plan_report.ts";
export { EXIT_INTERRUPTED, type RunLimits, type RunOutcome } from "./run_core.ts";
export type { RunFailure } from "./run_failure.ts";
export {
  createRunFolder,
  removeAllButLogs,
  removeRunFolder,
  type RunFolder,
} from "./run_folder.ts";
export { type RunSession, type RunView, startRun } from "./run_session.ts";
export {
  formatSummary,
  formatSurvived,
  type RunSummary,
  summaryToJson,
  totalsByComponent,
} from "./run_summary.ts";
export {
  planTopology,
  type Reach,
  type SubmitOptions,
  type SubmittedTopology,
  submitTopology,
} from "./submit.ts";
export {
  type Deployed,
  type DeployOptions,
  deployTopology,
  schedulerLaunch,
} from "./submitted/deploy.ts";
export {
  describeTopology,
  descriptionToJson,
  formatDescription,
  logsFolderOf,
  readDefinition,
  readPackingPlan,
} from "./submitted/describe_topology.ts";
export { examineCluster, formatFindings } from "./submitted/examination.ts";
export { assertStoreNotLost } from "./submitted/left_behind.ts";
export { chooseLogs, type NamedLog } from "./submitted/log_files.ts";
export { LogTail } from "./submitted/log_tail.ts";
export { findTopology, type TopologyTarget } from "./submitted/find_topology.ts";
export { killTopology, launchedOf } from "./submitted/kill_topology.ts";
export {
  assertThere,
  formatTopologies,
  listTopologies,
  lookAt,
  type LookedAt,
  topologyToJson,
} from "./submitted/list_topologies.ts";
export { isOver, lookAgain } from "./submitted/look_again.ts";
export { restartTopology } from "./submitted/restart_topology.ts";
export { type ActivationOutcome, setActivation } from "./submitted/set_activation.ts";
export { TaskOutputs } from "./submitted/task_outputs.ts";
export { topologyCommand } from "./submitted/topology_command.ts";
export { topologyHome } from "./submitted/topology_home.ts";
export { readTopology, type TopologyRecords } from "./submitted/topology_records.ts";
export { createStoreOwner } from "./submitted/store_owner.ts";
export type { TopologyCondition } from "./submitted/topology_state.ts";
export type { Started } from "./submitted/until_running.ts";
export { fileStemOf } from "./file_stem.ts";
export {
  createTopologyFolder,
  type TopologyFolder,
  type TopologyFolderOptions,
} from "./topology_folder.ts";
export { unknownKeys } from "./unknown_keys.ts";
export { MetricsReader, type MetricsReaderOptions } from "./metrics_reader.ts";
export { figuresOf, questionsFor, type TopologyFacts } from "./live/figures.ts";
export { topologyFacts } from "./live/topology_facts.ts";
export { ENTER_SCREEN, FramePainter, LEAVE_SCREEN, type ScreenSize } from "./live/frame_painter.ts";
export { type Key, readKeys } from "./live/keys.ts";
export { errorRowOf } from "./live/error_rows.ts";
export { isSameDetail, LiveModel } from "./live/live_model.ts";
export { outputsOf } from "./live/output_lines.ts";
export { screenOf } from "./live/screen.ts";
