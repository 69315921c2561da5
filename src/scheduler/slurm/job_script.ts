/**
 * The script of a job: what it asks Slurm for, and the scheduler of one topology, which starts the
 * containers as steps. A scheduler that crashes is started again, and finds its containers. Text
 * only; `sbatch` is the client's.
 */

import { HeronError } from "../../base/mod.ts";
import type { JobSize } from "./job_size.ts";
import { isPlainFolder, quoteWord } from "./shell_words.ts";
import {
  commandsOf,
  directive,
  directivesOf,
  isOneLine,
  type SlurmOptions,
} from "./slurm_options.ts";

/** A job to be rendered. */
export interface SlurmJob {
  /** Names the job unless the options do. */
  readonly topologyName: string;
  /** Told by `squeue`, so that the job is known again. */
  readonly topologyId: string;
  /** Absolute path on the shared file system: the job's working folder, which has a folder `logs`. */
  readonly folder: string;
  /** The scheduler's command line; its program by its absolute path. */
  readonly command: readonly string[];
  readonly size: JobSize;
  readonly options: SlurmOptions;
}

/** Before a topology's id in the comment of its job. */
export const COMMENT_PREFIX = "heron-bin ";

/** What the job itself prints: Slurm's own words, and the last ones of a scheduler. */
export const JOB_LOG = "logs/job.log";

// A scheduler that lives so long is alright: its crash is not one of a row.
const CALM_SECONDS = 60;
const CRASHES_MAX = 5;

/**
 * The script of `job`.
 * @throws HeronError `invalid_config` for what no script can hold
 */
export function renderJobScript(job: SlurmJob): string {
  assertRenderable(job);
  const directives = directivesOf(job.options);
  const commands = commandsOf(job.options);
  return [
    "#!/bin/sh",
    ...ownDirectives(job),
    ...directives,
    "",
    ...(commands.length === 0 ? [] : ["# The cluster file's own.", ...commands, ""]),
    ...schedulerLines(job),
    "",
  ].join("\n");
}

function assertRenderable({ topologyName, topologyId, folder, command }: SlurmJob): void {
  const [program = ""] = command;
  const attempted = `Write the job script of ${JSON.stringify(topologyName)}`;
  if (![topologyName, topologyId].every(isOneLine)) {
    throw new HeronError("invalid_config", `${attempted}: found that name, expected one line`);
  }
  if (!isPlainFolder(folder) || !program.startsWith("/")) {
    const found = `folder "${folder}" and program "${program}"`;
    const expected = 'absolute paths, the folder without " \\ % and control characters';
    throw new HeronError("invalid_config", `${attempted}: found ${found}, expected ${expected}`);
  }
}

function ownDirectives({ topologyName, topologyId, folder, size, options }: SlurmJob): string[] {
  const { jobName = topologyName, requestMemory = true } = options;
  return [
    directive("job-name", jobName),
    directive("comment", `${COMMENT_PREFIX}${topologyId}`),
    directive("chdir", folder),
    directive("output", `${folder}/${JOB_LOG}`),
    "#SBATCH --open-mode=append",
    // A node that dies takes only its own containers along.
    "#SBATCH --no-kill",
    "#SBATCH --requeue",
    "#SBATCH --export=NONE",
    `#SBATCH --ntasks=${size.tasks}`,
    `#SBATCH --cpus-per-task=${size.cpusPerTask}`,
    ...(requestMemory ? [`#SBATCH --mem-per-cpu=${size.ramMibPerCpu}M`] : []),
  ];
}

/**
 * The scheduler, again and again while it crashes. The shell waits for it when it is told to end:
 * the scheduler then writes down why.
 */
function schedulerLines({ command }: SlurmJob): string[] {
  return [
    "# Nothing of the login's environment may load code into heron-bin.",
    "for name in $(env | sed -n 's/^\\(BUN_[A-Za-z0-9_]*\\|NODE_OPTIONS\\)=.*/\\1/p'); do",
    '  unset "$name"',
    "done",
    "",
    "crashes=0",
    "ending=",
    "scheduler=",
    'trap \'ending=1; [ -z "$scheduler" ] || kill -TERM "$scheduler"\' TERM',
    "while :; do",
    "  began=$(date +%s)",
    `  ${command.map(quoteWord).join(" ")} </dev/null &`,
    "  scheduler=$!",
    '  [ -z "$ending" ] || kill -TERM "$scheduler"',
    "  # A signal ends the wait, not the scheduler.",
    "  while :; do",
    '    wait "$scheduler"',
    "    code=$?",
    '    kill -0 "$scheduler" 2>/dev/null || break',
    "  done",
    "  scheduler=",
    "  # Below 70 it has said all that there is to say; above, it crashed or was killed.",
    '  if [ -n "$ending" ] || [ "$code" -lt 70 ]; then exit "$code"; fi',
    `  [ $(($(date +%s) - began)) -lt ${CALM_SECONDS} ] || crashes=0`,
    "  crashes=$((crashes + 1))",
    `  if [ "$crashes" -ge ${CRASHES_MAX} ]; then exit "$code"; fi`,
    '  echo "heron-bin: the scheduler ended with $code and is started again" >&2',
    "done",
  ];
}
