/**
 * What Slurm says of jobs: the answers of `squeue` and `sacct`, read. What a state or a reason means
 * to people is told elsewhere.
 */

import { HeronError } from "../../base/mod.ts";
import { parseNodeList } from "./node_list.ts";

/** A job as Slurm knows it. */
export interface SlurmJobState {
  readonly jobId: string;
  /** Slurm's word, in capitals: PENDING, RUNNING, COMPLETED… */
  readonly state: string;
  /** Slurm's word: why it waits, or why it ended; "None" when there is nothing to say. */
  readonly reason: string;
  /** Its nodes as Slurm spells them; empty while it has none. */
  readonly nodeList: string;
  /** Time left in seconds; undefined: without a limit, or it does not run. */
  readonly secondsLeft: number | undefined;
  /** The time limit, as Slurm spells it. */
  readonly timeLimit: string;
  readonly partition: string;
  readonly user: string;
  /** When it began, or is thought to begin; empty: not known. */
  readonly startTime: string;
  /** The node on which its script runs; empty while it has none. */
  readonly batchNode: string;
  readonly comment: string;
}

/** What `squeue` is asked for; the comment comes last, as it alone may hold the separator. */
export const QUEUE_FORMAT = "%i|%T|%r|%N|%L|%l|%P|%u|%S|%B|%k";
const QUEUE_FIELDS = 11;

/** What `sacct` is asked for. */
export const ACCOUNT_FORMAT = "JobID,State,Reason,NodeList,Timelimit,Partition,User,Start,Comment";
const ACCOUNT_FIELDS = 9;

/** States in which a job has ended for good. */
const ENDED: ReadonlySet<string> = new Set([
  "BOOT_FAIL",
  "CANCELLED",
  "COMPLETED",
  "DEADLINE",
  "FAILED",
  "LAUNCH_FAILED",
  "NODE_FAIL",
  "OUT_OF_MEMORY",
  "PREEMPTED",
  "RECONFIG_FAIL",
  "REVOKED",
  "TIMEOUT",
]);

/** Whether a job is over, so that nothing of it runs or will run. */
export function hasEnded({ state }: Pick<SlurmJobState, "state">): boolean {
  return ENDED.has(state);
}

/** Whether a job has not begun, or not again: its script does not run. */
export function isWaiting({ state }: Pick<SlurmJobState, "state">): boolean {
  return ["PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT"].includes(state);
}

/** Whether a job is on its nodes, be it on its way out. */
export function isOnNodes({ state }: Pick<SlurmJobState, "state">): boolean {
  return ["RUNNING", "COMPLETING", "CONFIGURING", "SUSPENDED", "STOPPED", "STAGE_OUT", "SIGNALING"]
    .includes(state);
}

/**
 * Whether a job has lost the node of its script, and runs on without it: Slurm takes a node that is
 * down out of a job with --no-kill, whichever it is.
 * @throws HeronError `corrupt` when its nodes cannot be read
 */
export function hasLostScript(
  job: Pick<SlurmJobState, "state" | "nodeList" | "batchNode">,
): boolean {
  const { state, nodeList, batchNode } = job;
  if (state !== "RUNNING" || nodeList === "" || batchNode === "") return false;
  return !parseNodeList(nodeList).includes(batchNode);
}

/**
 * The jobs in the answer of `squeue` to `QUEUE_FORMAT`.
 * @throws HeronError `corrupt` for a line that is none
 */
export function parseQueue(output: string): readonly SlurmJobState[] {
  return linesOf(output).map((line) => {
    const field = fieldsOf(line, QUEUE_FIELDS);
    return {
      jobId: field(0),
      state: field(1),
      reason: field(2),
      nodeList: known(field(3)),
      secondsLeft: parseDuration(field(4)),
      timeLimit: field(5),
      partition: field(6),
      user: field(7),
      startTime: known(field(8)),
      batchNode: known(field(9)),
      comment: known(field(10)),
    };
  });
}

/**
 * The jobs in the answer of `sacct --parsable2` to `ACCOUNT_FORMAT`; steps are passed over.
 * @throws HeronError `corrupt` for a line that is none
 */
export function parseAccounts(output: string): readonly SlurmJobState[] {
  return linesOf(output).flatMap((line) => {
    const field = fieldsOf(line, ACCOUNT_FIELDS);
    const jobId = field(0);
    if (jobId.includes(".")) return [];
    return [{
      jobId,
      // "CANCELLED by 1000" names the user by a number; "+" says that the word was cut.
      state: field(1).replace(/[ +].*$/, ""),
      reason: field(2) === "" ? "None" : field(2),
      nodeList: known(field(3)),
      secondsLeft: undefined,
      timeLimit: field(4),
      partition: field(5),
      user: field(6),
      startTime: known(field(7)),
      batchNode: "",
      comment: known(field(8)),
    }];
  });
}

/** Seconds in a duration of Slurm's, `[days-][[hours:]minutes:]seconds`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const found = /^(?:(\d{1,6})-)?(\d{1,3}(?::\d{1,2}){1,2})$/.exec(text);
  const [, days = "0", clock = ""] = found ?? [];
  if (clock === "") return undefined;
  const parts = clock.split(":").map(Number);
  return Number(days) * 86_400 + parts.reduce((sum, part) => sum * 60 + part, 0);
}

function linesOf(output: string): readonly string[] {
  return output.split("\n").map((line) => line.trimEnd()).filter((line) => line !== "");
}

/** The fields of a line by their place; the last one takes what is left. */
function fieldsOf(line: string, count: number): (at: number) => string {
  const parts = line.split("|");
  if (parts.length < count) {
    throw new HeronError(
      "corrupt",
      `Read an answer of Slurm: found "${line.slice(0, 200)}", expected ${count} fields`,
    );
  }
  const fields = [...parts.slice(0, count - 1), parts.slice(count - 1).join("|")];
  return (at) => fields[at] ?? "";
}

const UNKNOWN: readonly string[] = ["(null)", "N/A", "n/a", "Unknown", "None", "None assigned"];

function known(text: string): string {
  return UNKNOWN.includes(text) ? "" : text;
}
