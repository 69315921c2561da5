/**
 * The `srun` of a step that an earlier scheduler of the job has started. It runs on this machine,
 * outlives who started it and ends with its step: so the end of a container is seen here, whoever
 * started it.
 */

import { type Clock, sleep } from "../../base/mod.ts";
import {
  isRunning,
  killGroup,
  type ProcessFacts,
  readCommandLine,
  readProcessesWith,
  readProcessFacts,
} from "../../base/supervision/mod.ts";
import { nodeOfStep, type Step, stepWords } from "./step_command.ts";

/** What is left of a step. */
export interface LeftStep {
  /** Of the first process of its `srun`; 0: there is none. */
  readonly pid: number;
  /** On which it runs; undefined: it does not. */
  readonly node: string | undefined;
  /** Resolves when the step has ended; it has when there is no `srun`. */
  readonly ended: Promise<void>;
  /** Kills the `srun`, not the step. */
  kill(): void;
}

/** How often it is looked whether it is still there, in milliseconds. */
const LOOK_MS = 250;

/** Finds the `srun` of a step whose command line has `marks`. */
export function findLeftStep(
  step: Pick<Step, "jobId" | "name">,
  marks: readonly string[],
  clock: Clock,
): LeftStep {
  // The numbers of jobs are those of one Slurm; the marks are of this topology alone.
  const marked = new Set(readProcessesWith(marks));
  const pids = readProcessesWith(stepWords(step)).filter((pid) => marked.has(pid));
  const processes = pids.flatMap((pid) => readProcessFacts(pid) ?? []);
  const [first] = processes;
  return {
    pid: first?.pid ?? 0,
    node: first === undefined ? undefined : nodeOfStep(readCommandLine(first.pid)),
    ended: untilEnded(processes, clock),
    kill: () => {
      for (const { pid } of processes.filter(isRunning)) killGroup(pid);
    },
  };
}

async function untilEnded(processes: readonly ProcessFacts[], clock: Clock): Promise<void> {
  while (processes.some(isRunning)) await sleep(clock, LOOK_MS);
}
