/**
 * States and reasons of Slurm's in plain words, with what one can do. The words are those of
 * Slurm's own list of codes; a code that is not here is told as it is.
 */

import type { SlurmJobState } from "./job_state.ts";

/** A job's state for people. */
export interface JobWords {
  /** A sentence without its period: what is so, and why. */
  readonly text: string;
  /** What one can do; empty when waiting is all. */
  readonly advice: string;
  /** As it stands it will never start, however long one waits. */
  readonly isHopeless: boolean;
}

interface Words {
  readonly text: string;
  readonly advice?: string;
  readonly isHopeless?: true;
}

const SMALLER = "ask for less, or for another partition";

/** Why a job waits. */
const REASONS: Readonly<Record<string, Words>> = Object.freeze({
  None: { text: "Slurm has not looked at it yet" },
  Priority: { text: "others in the queue come first" },
  Resources: { text: "it waits for nodes, CPUs or memory to become free" },
  BeginTime: { text: "it may not begin yet: it was put off, or put back into the queue" },
  Dependency: { text: "it waits for another job" },
  DependencyNeverSatisfied: {
    text: "it waits for another job that failed",
    advice: "remove the dependency, or kill it",
    isHopeless: true,
  },
  JobHeldUser: {
    text: "it is held by its user",
    advice: 'release it by "scontrol release", or submit it without a hold',
    isHopeless: true,
  },
  JobHeldAdmin: {
    text: "it is held by an administrator",
    advice: "ask the administrator of the cluster",
    isHopeless: true,
  },
  JobHoldMaxRequeue: {
    text: "it was started too often and is held",
    advice: 'look into its log, then release it by "scontrol release"',
    isHopeless: true,
  },
  Licenses: { text: "it waits for licenses" },
  Cleaning: { text: "its former run is being cleaned up" },
  Prolog: { text: "the prolog of its nodes runs" },
  Reservation: { text: "its reservation has not begun yet" },
  ReservationDeleted: {
    text: "its reservation was deleted",
    advice: "name another reservation, or none",
    isHopeless: true,
  },
  InvalidAccount: {
    text: "its account is not valid",
    advice: "name an account of yours (sacctmgr show associations)",
    isHopeless: true,
  },
  AccountNotAllowed: {
    text: "its account may not use the partition",
    advice: "name another account or partition",
    isHopeless: true,
  },
  InvalidQOS: {
    text: "its QOS is not valid",
    advice: "name another QOS (sacctmgr show qos)",
    isHopeless: true,
  },
  QOSNotAllowed: {
    text: "its QOS may not be used with the account or the partition",
    advice: "name another QOS",
    isHopeless: true,
  },
  QOSTimeLimit: {
    text: "its time limit is above that of the QOS",
    advice: "ask for less time",
    isHopeless: true,
  },
  QOSJobLimit: { text: "the QOS has as many jobs as it may" },
  QOSResourceLimit: { text: "the QOS has as many resources as it may" },
  QOSUsageThreshold: { text: "the QOS has used up what it may" },
  AssociationJobLimit: { text: "your account has as many jobs as it may" },
  AssociationResourceLimit: { text: "your account has as many resources as it may" },
  AssociationTimeLimit: {
    text: "your account has used up its time",
    advice: "ask the administrator of the cluster, or name another account",
  },
  BadConstraints: {
    text: "no nodes fit what it asks for",
    advice: "change its constraint, or ask for less",
    isHopeless: true,
  },
  FrontEndDown: { text: "the node that starts jobs is down" },
  InactiveLimit: { text: "it was inactive for too long" },
  NodeDown: { text: "a node that it needs is down" },
  PartitionConfig: {
    text: "it asks for more nodes, CPUs, memory or time than the partition has",
    advice: SMALLER,
    isHopeless: true,
  },
  PartitionDown: { text: "the partition is down", advice: "name another partition, or wait" },
  PartitionInactive: {
    text: "the partition is inactive",
    advice: "name another partition, or wait",
  },
  PartitionNodeLimit: {
    text: "it asks for more nodes than the partition gives to one job",
    advice: SMALLER,
    isHopeless: true,
  },
  PartitionTimeLimit: {
    text: "its time limit is above that of the partition",
    advice: 'ask for less time (time.limit; "sinfo" shows the limits), or for another partition',
    isHopeless: true,
  },
  ReqNodeNotAvail: {
    text: "a node that it needs is down, drained or reserved",
    advice: 'look at "sinfo -R"; wait, or ask for other nodes',
  },
  NonZeroExitCode: { text: "its script ended with an error", advice: "look into its log" },
  RaisedSignal: { text: "its script was ended by a signal", advice: "look into its log" },
  TimeLimit: { text: "it ran out of its time limit", advice: "ask for more time" },
  OutOfMemory: { text: "it took more memory than it had asked for", advice: "ask for more memory" },
  JobLaunchFailure: {
    text: "it could not be launched: a file system or a node may be at fault",
    advice: "look into its log, and whether its folder is there on the nodes",
  },
  SystemFailure: { text: "Slurm, a file system or the network failed" },
  MaxRequeue: { text: "it was started too often", advice: "look into its log" },
  launch_failed_requeued_held: {
    text: "it could not be launched and is held",
    advice: 'look whether its folder is there on the nodes, then "scontrol release"',
    isHopeless: true,
  },
  job_requeued_in_held_state: {
    text: "it was put back into the queue and is held",
    advice: 'release it by "scontrol release"',
    isHopeless: true,
  },
});

/** What a state is, where its reason does not say it. */
const STATES: Readonly<Record<string, Words>> = Object.freeze({
  PENDING: { text: "it waits" },
  CONFIGURING: { text: "its nodes are being made ready" },
  RUNNING: { text: "it runs" },
  COMPLETING: { text: "it is ending" },
  SUSPENDED: { text: "it is suspended", advice: 'resume it by "scontrol resume"' },
  STOPPED: { text: "it is stopped", advice: 'let it go on by "scancel --signal=CONT"' },
  REQUEUED: { text: "it is put back into the queue" },
  REQUEUE_HOLD: {
    text: "it is put back into the queue and held",
    advice: 'release it by "scontrol release"',
  },
  SPECIAL_EXIT: { text: "it is held for how it ended", advice: 'release it by "scontrol release"' },
  COMPLETED: { text: "it has ended by itself" },
  CANCELLED: { text: "it was cancelled, by its user or by an administrator" },
  FAILED: { text: "it failed", advice: "look into its log" },
  TIMEOUT: { text: "it ran out of its time limit", advice: "ask for more time" },
  DEADLINE: { text: "its deadline passed" },
  NODE_FAIL: { text: "a node of it failed" },
  BOOT_FAIL: { text: "a node of it did not boot" },
  OUT_OF_MEMORY: {
    text: "it took more memory than it had asked for",
    advice: "ask for more memory in the topology's configuration",
  },
  PREEMPTED: { text: "a job of a higher priority took its nodes" },
  REVOKED: { text: "another cluster runs it" },
});

/** What the state of a job means. */
export function wordsOfJob(job: Pick<SlurmJobState, "state" | "reason">): JobWords {
  const { state, reason } = job;
  const ofState = STATES[state] ?? { text: `Slurm calls it ${state}` };
  const ofReason = reasonWords(reason);
  const tells = state === "PENDING" || (state !== "RUNNING" && reason !== "None");
  if (!tells) return complete(ofState);
  const { text, advice = ofState.advice ?? "", isHopeless } = ofReason;
  // A cancelled job keeps the reason for which it had waited.
  if (state === "CANCELLED") {
    return complete({ ...ofState, text: `${ofState.text}; before, ${text}` });
  }
  const said = text.startsWith(ofState.text) ? text : `${ofState.text}: ${text}`;
  return {
    text: `${said} (${reason})`,
    advice,
    isHopeless: isHopeless === true && state === "PENDING",
  };
}

/** What is said of a job, with its number before it. */
export function sentenceOf(jobId: string, { text, advice }: Omit<JobWords, "isHopeless">): string {
  return `job ${jobId}: ${text}${advice === "" ? "" : `; ${advice}`}`;
}

/** States that jobs end in, by the reason that says so while they are still ending. */
const ENDS: Readonly<Record<string, string>> = Object.freeze({
  TimeLimit: "TIMEOUT",
  OutOfMemory: "OUT_OF_MEMORY",
});

/** Why a job that is ending does; undefined: Slurm does not say. As it is told when it has ended. */
export function wordsOfEnding(
  { state, reason }: Pick<SlurmJobState, "state" | "reason">,
): JobWords | undefined {
  const end = ENDS[reason];
  return state !== "COMPLETING" || end === undefined
    ? undefined
    : wordsOfJob({ state: end, reason });
}

function complete({ text, advice = "" }: Words): JobWords {
  return { text, advice, isHopeless: false };
}

/** Slurm adds what it concerns: "ReqNodeNotAvail, UnavailableNodes:n2". */
function reasonWords(reason: string): Words {
  const [said = "", ...more] = reason.split(/[,(]/);
  // squeue and sacct spell some of them differently.
  const code = said.trim().replaceAll(" ", "_");
  const found = REASONS[code] ?? limitWords(code);
  if (found === undefined) return { text: "Slurm gives a reason of its own" };
  const concerned = more.join(",").replace(/\)$/, "").trim();
  return concerned === "" ? found : { ...found, text: `${found.text}, ${concerned}` };
}

/** Slurm has a code for each limit of each kind of thing: "QOSMaxCpuPerUserLimit", "AssocGrpNodeLimit". */
function limitWords(code: string): Words | undefined {
  const [, owner = "", what = ""] = /^(QOS|Assoc)?((?:Grp|Max|Min).*)$/.exec(code) ?? [];
  if (what === "") return undefined;
  const whose = owner === "QOS" ? "the QOS" : "your account";
  if (what.startsWith("Min")) return ofThisJob(`it asks for less than ${whose} wants`, "more");
  // These are of this job alone; all others are free again when other jobs end.
  if (!what.startsWith("Grp") && /Per(Job|Node)|^MaxMemPerLimit$|^MaxWall/.test(what)) {
    return ofThisJob(`it asks for more than ${whose} allows`, "less");
  }
  return { text: `${whose} has as much as it may at a time` };
}

function ofThisJob(text: string, wanted: string): Words {
  const advice = `ask for ${wanted}, or name another QOS or account`;
  return { text, advice, isHopeless: true };
}
