/**
 * The exceptions from the tidy rules, each with its reason. One that is no
 * longer needed is a fault itself.
 */

/** Exceptions by path (and name), each with its reason. */
export interface Exceptions {
  /** Files of 401 to 600 lines. */
  readonly longFiles: Readonly<Record<string, string>>;
  /** Functions with more than three parameters: `path name`, or `* name` for each of that name. */
  readonly wideFunctions: Readonly<Record<string, string>>;
  /** Source files without a test beside them. */
  readonly untested: Readonly<Record<string, string>>;
  /** Files that other rooms may import besides the door. */
  readonly sideDoors: Readonly<Record<string, string>>;
  /** Files that touch time, chance or the process where others may not. */
  readonly effects: Readonly<Record<string, string>>;
}

/** The exceptions of this repository. */
export const EXCEPTIONS: Exceptions = Object.freeze({
  longFiles: {},
  wideFunctions: {
    "* onRaw": "the tuple path: no object is made for a frame",
    "* prepare": "that of custom groupings has Heron's signature",
  },
  untested: {
    "src/instance/bridge.ts": "a layout: both threads read it in executor_test.ts and end to end",
    "src/instance/executor/create_work.ts": "driven by task_core_test.ts and bolt_acks_test.ts",
    "src/instance/executor/emit_errors.ts": "emitter_test.ts and e2e tests read its texts",
    "src/instance/executor/guard_user_code.ts":
      "changes its process: end to end, in both kinds of thread",
    "src/instance/executor/load_topology.ts": "needs a job and a bundle: end to end",
    "src/instance/executor/output_edges.ts": "driven by emitter_test.ts and custom_targets_test.ts",
    "src/instance/executor/task_run.ts": "a thin edge: end to end, with one thread and two",
    "src/instance/executor/thread.ts": "a thin edge: end to end",
    "src/instance/executor/wrong_targets.ts": "custom_targets_test.ts and e2e tests read its texts",
    "src/instance/instance.ts": "a thin edge: end to end",
    "src/instance/one_thread.ts": "puts together what direct_intake_test.ts drives: end to end",
    "src/instance/two_threads.ts": "a thin edge: end to end",
    "src/stmgr/stmgr.ts": "a thin edge around stmgr_core.ts: end to end",
    "src/tm/tm.ts": "a thin edge around tm_core.ts: end to end",
    "src/tuples/shuffle.ts": "driven by router_test.ts",
  },
  sideDoors: {
    "src/instance/executor/thread.ts": "entry of a thread that must not load the gateway",
    "src/base/descriptors.ts": "is for generated code and for what writes it",
    "src/base/log_file.ts": "needs node:fs, and the door of base must load anywhere",
    "src/base/output_file.ts": "needs node:fs, and the door of base must load anywhere",
  },
  effects: {
    "src/lifecycle/shifted_world.ts": "is the other clock and chance that a plan is tried under",
  },
});
