/**
 * What Slurm's commands answer when they refuse, as errors of ours: whose fault it is, what was
 * found and what to do. Texts are those of Slurm's programs; one that is not here is passed on.
 */

import { type ErrorCode, HeronError } from "../../base/mod.ts";

interface Refusal {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  /** What is so. */
  readonly found: string;
  /** What was expected, or what to do. */
  readonly expected: string;
  /** It is about how much was asked for. */
  readonly isOfSize?: boolean;
}

function asked(pattern: RegExp, found: string, expected: string): Refusal {
  return { pattern, code: "invalid_config", found, expected };
}

function tooMuch(pattern: RegExp, found: string, expected: string): Refusal {
  return { ...asked(pattern, found, expected), isOfSize: true };
}

function outside(pattern: RegExp, found: string, expected: string): Refusal {
  return { pattern, code: "unavailable", found, expected };
}

// The first that fits: what says more comes before what says less.
const REFUSALS: readonly Refusal[] = Object.freeze([
  tooMuch(
    /CPU count per (node|task) can not be satisfied|More processors requested than permitted/i,
    "a container asks for more CPUs than a node has",
    "fewer CPUs a container (topology.container.cpu), or another partition",
  ),
  tooMuch(
    /Memory (specification|required by task) (can not be satisfied|is not available)/i,
    "a container asks for more memory than a node has",
    "less memory a container (topology.container.ram), or another partition",
  ),
  tooMuch(
    /Node count specification invalid|More nodes requested than/i,
    "the job asks for more nodes than there are",
    "fewer containers, or another partition",
  ),
  asked(
    /Invalid partition name|invalid partition specified/i,
    "there is no such partition",
    'the name of one, as "sinfo" lists them',
  ),
  asked(
    /Invalid account or account\/partition combination/i,
    "the account is not valid, or may not use the partition",
    'an account of yours, as "sacctmgr show associations" lists them',
  ),
  asked(/Invalid qos/i, "there is no such QOS", 'one that "sacctmgr show qos" lists'),
  asked(
    /Requested time limit is invalid|time limit.*exceeds/i,
    "the time limit is missing, or above that of the partition",
    'a time.limit that "sinfo" shows as possible',
  ),
  asked(
    /Invalid --time/i,
    "the time limit is spelt wrong",
    '"hours:minutes:seconds" or "days-hours"',
  ),
  asked(
    /Invalid feature specification/i,
    "no node has the features of the constraint",
    'features as "sinfo -o %f" lists them',
  ),
  asked(
    /Invalid generic resource/i,
    "there are no such generic resources (gres)",
    'resources as "sinfo -o %G" lists them',
  ),
  asked(
    /Requested reservation is invalid|Access denied to requested reservation/i,
    "there is no such reservation, or it is not for you",
    'one that "scontrol show reservation" lists',
  ),
  asked(
    /Invalid node name/i,
    "a node to be left out does not exist",
    'names as "sinfo -N" lists them',
  ),
  asked(
    /group not permitted to use this partition|not (permitted|allowed) to use (this|the) partition/i,
    "you may not use the partition",
    "another partition, or a word with the administrator of the cluster",
  ),
  tooMuch(
    /violates accounting\/QOS policy|QOSMax|AssocMax/i,
    "the job is larger or longer than the account or the QOS allows",
    "a smaller or shorter one, or another account or QOS",
  ),
  tooMuch(
    /(Requested )?node configuration is not available/i,
    "no node has what a container asks for",
    "less CPUs or memory a container, or another partition",
  ),
  asked(
    /Invalid mail type|Invalid mail/i,
    "the mail type is wrong",
    '"BEGIN", "END", "FAIL" or "ALL"',
  ),
  outside(
    /Unable to contact slurm controller|Connection refused|Connection timed out/i,
    "Slurm's controller cannot be reached",
    'it to run: "scontrol ping" says; nothing was changed',
  ),
  outside(
    /Socket timed out|Zero Bytes were transmitted|Unexpected message received/i,
    "Slurm's controller did not answer in time",
    "a less busy one; look at the queue before you try again",
  ),
  outside(
    /munge|Invalid authentication credential|Protocol authentication error/i,
    "Slurm's controller does not believe who you are",
    "munge to run on both machines, with one key and clocks that agree",
  ),
  outside(
    /cannot stat file|Unable to process configuration file|ClusterName needs to be specified/i,
    "Slurm's configuration was not found",
    "slurm.conf in its place, or SLURM_CONF to name it",
  ),
  outside(
    /Access\/permission denied|Permission denied|Invalid user/i,
    "Slurm denies it to you",
    "a job of your own, or a word with the administrator of the cluster",
  ),
]);

/**
 * The error for what a command of Slurm's printed when it failed.
 * @param attempted what was tried, in words
 * @param size how much was asked for, in words @default it does not matter
 */
export function refusalOf(attempted: string, printed: string, size = ""): HeronError {
  const told = lastWords(printed);
  const refusal = REFUSALS.find(({ pattern }) => pattern.test(printed));
  if (refusal === undefined) {
    const message = `${attempted}: found ${told}, expected Slurm to accept it`;
    return new HeronError("unavailable", message);
  }
  const { code, found, expected, isOfSize = false } = refusal;
  const asks = isOfSize && size !== "" ? `; the job asks for ${size}` : "";
  return new HeronError(code, `${attempted}: ${found}, expected ${expected} (${told})${asks}`);
}

/** Whether a command failed as there is no such job any more. */
export function isUnknownJob(printed: string): boolean {
  return /Invalid job id specified/i.test(printed);
}

/** Whether a command failed as the job had ended. */
export function isEndedJob(printed: string): boolean {
  return /already completing or completed|Job\/step already/i.test(printed);
}

/** What Slurm said itself, on one line. */
function lastWords(printed: string): string {
  const lines = printed.split("\n").map((line) =>
    line.replace(/^\w+: (error: |fatal: )?/, "").trim()
  )
    .filter((line) => line !== "");
  return `"${lines.slice(-2).join("; ").slice(0, 400)}"`;
}
