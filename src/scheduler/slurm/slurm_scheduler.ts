/**
 * Scheduler "slurm": each container is a step of the job in which the scheduler itself runs, started
 * by `srun` on the node that the container has. What `srun` prints lies beside the container's log.
 */

import { constants } from "node:os";
import { type Clock, HeronError } from "../../base/mod.ts";
import {
  type ChildExit,
  type ChildProcess,
  killGroup,
  type ProcessFacts,
  signalProcess,
  spawnLogged,
} from "../../base/supervision/mod.ts";
import type { ContainerStart, RunningContainer, Scheduler } from "../scheduler.ts";
import { encodeSweep, SWEEP_VARIABLE } from "../sweep.ts";
import { placeContainers, readAllocation, type Variables } from "./allocation.ts";
import type { ContainerSize } from "./job_size.ts";
import { type Step, stepArguments, stepVariables } from "./step_command.ts";

/** What the scheduler of a job is made with. */
export interface SlurmSchedulerOptions {
  /** Variables of the job's script. */
  readonly variables: Variables;
  /** All containers of the topology. */
  readonly sizes: readonly ContainerSize[];
  /** Sweeps the machine on which it runs, as the variable `SWEEP_VARIABLE` says. */
  readonly sweepCommand: readonly string[];
  /** @default srun, as PATH finds it */
  readonly srun?: readonly string[];
  readonly clock: Clock;
}

const MIB = 1024 * 1024;

/**
 * From the signal to `srun` until it is killed itself. Slurm kills a step at once; then `srun` waits
 * for it for up to KillWait, mostly 30 s, and a little.
 */
const KILL_MS = 40_000;

/** A node that takes longer is down: what is on it cannot be reached, and ends itself. */
const SWEEP_MS = 15_000;

/**
 * The scheduler of the job whose script's variables these are.
 * @throws HeronError when they are not those of a job, or the job is too small
 */
export function createSlurmScheduler(options: SlurmSchedulerOptions): Scheduler {
  const allocation = readAllocation(options.variables);
  const containers = options.sizes.map(({ container }) => container);
  const steps = new StepStarter(options, {
    jobId: allocation.jobId,
    nodes: placeContainers(containers, allocation),
  });
  return Object.freeze<Scheduler>({
    // A job that was put back into the queue has lost all of its steps.
    allocation: `${allocation.jobId}.${options.variables["SLURM_RESTART_COUNT"] ?? "0"}`,
    start: (container) => steps.start(container),
    adopt: (container) => steps.adopt(container),
  });
}

interface Places {
  readonly jobId: string;
  /** The node of each container. */
  readonly nodes: ReadonlyMap<number, string>;
}

class StepStarter {
  readonly #options: SlurmSchedulerOptions;
  readonly #places: Places;
  readonly #srun: readonly string[];
  readonly #variables: Readonly<Record<string, string>>;
  /** Whether the job asked for memory, so that steps must. */
  readonly #hasMemory: boolean;

  constructor(options: SlurmSchedulerOptions, places: Places) {
    this.#options = options;
    this.#places = places;
    this.#srun = options.srun ?? ["srun"];
    this.#variables = stepVariables(options.variables);
    this.#hasMemory = options.variables["SLURM_MEM_PER_CPU"] !== undefined;
  }

  start(start: ContainerStart): RunningContainer {
    const { container, command, environment, workingFolder, logFile } = start;
    const step = this.#stepFor(container, { command, workingFolder, logFile });
    const spawned = spawnLogged(this.#spawn(step, environment), stepLogOf(logFile));
    return {
      pid: spawned.pid,
      exited: spawned.exited.then(exitOfStep),
      kill: () => this.#kill(spawned, start),
      killLeft: (told) => this.#sweep(start, told),
    };
  }

  /** Its `srun` belonged to the earlier scheduler: it is ended on its node, with all that it started. */
  adopt(start: ContainerStart): RunningContainer {
    const { promise: exited, resolve } = Promise.withResolvers<ChildExit>();
    const killed: ChildExit = { pid: 0, code: 0, signal: "SIGKILL" };
    return {
      pid: 0,
      exited,
      kill: () => void this.#sweep(start, []).then(() => resolve(killed)),
      killLeft: (told) => this.#sweep(start, told),
    };
  }

  /** Slurm kills all of the step when its `srun` is asked to end. */
  #kill({ pid, exited }: ChildProcess, { logger }: ContainerStart): void {
    if (!signalProcess(pid, "SIGTERM")) return;
    const timer = this.#options.clock.after(KILL_MS, () => {
      logger.warn("srun does not end and is killed", { pid });
      killGroup(pid);
    });
    void exited.then(() => timer.cancel());
  }

  /** Where Slurm finds the processes of a job by their parents, some outlive their step. */
  async #sweep(start: ContainerStart, told: readonly ProcessFacts[]): Promise<void> {
    const { container, marks, environment, workingFolder, logFile, logger } = start;
    const { clock, sweepCommand } = this.#options;
    const step = this.#stepFor(container, { command: sweepCommand, workingFolder });
    const variables = { ...environment, [SWEEP_VARIABLE]: encodeSweep({ marks, told }) };
    try {
      const sweep = { ...step, name: `sweep-${container}`, ramMib: this.#ramOfSweep };
      const spawned = spawnLogged(this.#spawn(sweep, variables), stepLogOf(logFile));
      const timer = clock.after(SWEEP_MS, () => spawned.kill());
      const { code, signal } = await spawned.exited;
      timer.cancel();
      if (code !== 0 || signal !== "") logger.warn("node not swept", { container, code, signal });
    } catch (thrown) {
      logger.warn("node not swept", { container, error: HeronError.from(thrown) });
    }
  }

  /** All that the job has there: it must not wait for a container that holds it. */
  get #ramOfSweep(): number | undefined {
    return this.#hasMemory ? 0 : undefined;
  }

  #stepFor(
    container: number,
    what: Pick<Step, "command" | "workingFolder" | "logFile">,
  ): Step {
    const size = this.#options.sizes.find((one) => one.container === container);
    const node = this.#places.nodes.get(container);
    if (size === undefined || node === undefined) {
      const expected = `one of ${this.#places.nodes.size} that the job was made for`;
      throw new HeronError(
        "corrupt",
        `Start container ${container}: not found, expected ${expected}`,
      );
    }
    return {
      ...what,
      jobId: this.#places.jobId,
      name: `container-${container}`,
      node,
      cpus: size.cpus,
      ramMib: this.#hasMemory ? Math.ceil(size.ramBytes / MIB) : undefined,
    };
  }

  #spawn(step: Step, environment: Readonly<Record<string, string>>) {
    return {
      command: [...this.#srun, ...stepArguments(step)],
      workingFolder: "/",
      environment: { ...environment, ...this.#variables },
    };
  }
}

/** Where `srun` writes: two that append to one file from two machines would overwrite each other. */
function stepLogOf(logFile: string): string {
  return `${logFile.replace(/\.log$/, "")}.srun`;
}

const SIGNALS: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name]),
);

/** `srun` ends as a shell would: 128 and the signal that ended the step's process. */
function exitOfStep({ pid, code, signal }: ChildExit): ChildExit {
  const ofProcess = SIGNALS.get(code - 128);
  return ofProcess === undefined ? { pid, code, signal } : { pid, code: 0, signal: ofProcess };
}
