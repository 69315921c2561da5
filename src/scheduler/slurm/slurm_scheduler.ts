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
import { type Allocation, readAllocation, type Variables } from "./allocation.ts";
import type { ContainerSize } from "./job_size.ts";
import { findLeftStep } from "./left_step.ts";
import { parseNodeList } from "./node_list.ts";
import { Places } from "./places.ts";
import { createSlurmClient, type SlurmClient } from "./slurm_client.ts";
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
  /** Is asked which nodes the job has left. @default Slurm's commands, as PATH finds them */
  readonly client?: Pick<SlurmClient, "jobState">;
  readonly clock: Clock;
}

/**
 * From the signal to `srun` until it is killed itself. Slurm kills a step at once; then `srun` waits
 * for it for up to KillWait, mostly 30 s, and a little.
 */
const KILL_MS = 40_000;

/** A node that takes longer is down: what is on it cannot be reached, and ends itself. */
const SWEEP_MS = 15_000;

/** Slurm's controller may be gone together with the node. */
const LOOK_MS = 15_000;

/**
 * The scheduler of the job whose script's variables these are.
 * @throws HeronError when they are not those of a job, or the job is too small
 */
export function createSlurmScheduler(options: SlurmSchedulerOptions): Scheduler {
  const allocation = readAllocation(options.variables);
  const steps = new StepStarter(options, allocation);
  return Object.freeze<Scheduler>({
    // A job that was put back into the queue has lost all of its steps.
    allocation: `${allocation.jobId}.${options.variables["SLURM_RESTART_COUNT"] ?? "0"}`,
    start: (container) => steps.start(container),
    adopt: (container) => steps.adopt(container),
  });
}

/** A step that this scheduler watches. */
interface WatchedStep {
  readonly node: string;
  /** Kills its `srun`: nobody else says that it has ended when its node is gone. */
  kill(): void;
}

class StepStarter {
  readonly #options: SlurmSchedulerOptions;
  readonly #jobId: string;
  readonly #places: Places;
  readonly #client: Pick<SlurmClient, "jobState">;
  readonly #srun: readonly string[];
  readonly #variables: Readonly<Record<string, string>>;
  /** Whether the job has a share of the memory, so that steps must ask for theirs. */
  readonly #hasMemory: boolean;
  readonly #steps = new Map<number, WatchedStep>();

  constructor(options: SlurmSchedulerOptions, { jobId, nodes }: Allocation) {
    const { variables, clock } = options;
    this.#options = options;
    this.#jobId = jobId;
    this.#places = new Places({ nodes }, options.sizes);
    this.#client = options.client ??
      createSlurmClient({ clock, environment: variables, user: "", timeoutMs: LOOK_MS });
    this.#srun = options.srun ?? ["srun"];
    this.#variables = stepVariables(variables);
    this.#hasMemory = variables["SLURM_MEM_PER_CPU"] !== undefined;
  }

  start(start: ContainerStart): RunningContainer {
    const { container, command, environment, workingFolder, logFile } = start;
    const node = this.#places.place(container);
    if (node === undefined) return this.#wait(start);
    const ramMib = this.#hasMemory ? this.#places.ramMibOf(container) : undefined;
    const step = this.#stepFor(start, { command, workingFolder, logFile, node, ramMib });
    const spawned = spawnLogged(this.#spawn(step, environment), stepLogOf(logFile));
    this.#watch(container, { node, kill: () => spawned.kill() }, spawned.exited);
    return {
      pid: spawned.pid,
      exited: spawned.exited.then(exitOfStep),
      kill: () => this.#kill(spawned, start),
      killLeft: (told) => this.#killLeft(start, told),
    };
  }

  /** Its `srun` belonged to the earlier scheduler: it is ended on its node, with all that it started. */
  adopt(start: ContainerStart): RunningContainer {
    const { container, marks } = start;
    const { promise: exited, resolve } = Promise.withResolvers<ChildExit>();
    const left = findLeftStep(
      { jobId: this.#jobId, name: nameOf(container) },
      marks,
      this.#options.clock,
    );
    if (left.node !== undefined) this.#places.found(container, left.node);
    const node = this.#places.nodeOf(container);
    this.#watch(container, { node, kill: left.kill }, exited);
    const killed: ChildExit = { pid: left.pid, code: 0, signal: "SIGKILL" };
    void left.ended.then(() => resolve(killed));
    return {
      pid: left.pid,
      exited,
      kill: () =>
        void this.#sweep(start, []).then(() => {
          left.kill();
          resolve(killed);
        }),
      killLeft: (told) => this.#killLeft(start, told),
    };
  }

  /** There is no node for it, until it is killed. */
  #wait({ container, logger, onWaiting }: ContainerStart): RunningContainer {
    const node = this.#places.nodeOf(container);
    logger.error("no node has room", { container, lost: node });
    onWaiting?.(
      `node ${node} is down, and the others of job ${this.#jobId} have no room; ` +
        `"scontrol requeue ${this.#jobId}" starts all of it anew`,
    );
    const { promise: exited, resolve } = Promise.withResolvers<ChildExit>();
    return {
      pid: 0,
      exited,
      kill: () => resolve({ pid: 0, code: 0, signal: "SIGKILL" }),
      killLeft: () => Promise.resolve(),
    };
  }

  #watch(container: number, step: WatchedStep, exited: Promise<ChildExit>): void {
    this.#steps.set(container, step);
    void exited.then(() => {
      if (this.#steps.get(container) === step) this.#steps.delete(container);
    });
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

  /** A node on which nothing can be started may be lost: then there is nothing left on it. */
  async #killLeft(start: ContainerStart, told: readonly ProcessFacts[]): Promise<void> {
    const isSwept = await this.#sweep(start, told);
    if (!isSwept) await this.#seeNodes(start);
  }

  /** Where Slurm finds the processes of a job by their parents, some outlive their step. */
  async #sweep(start: ContainerStart, told: readonly ProcessFacts[]): Promise<boolean> {
    const { container, marks, environment, workingFolder, logFile, logger } = start;
    const { clock, sweepCommand } = this.#options;
    const node = this.#places.nodeOf(container);
    if (this.#places.isLost(node)) return true;
    // All the memory that the job has there: it must not wait for a container that holds it.
    const ramMib = this.#hasMemory ? 0 : undefined;
    const step = this.#stepFor(start, { command: sweepCommand, workingFolder, node, ramMib });
    const variables = { ...environment, [SWEEP_VARIABLE]: encodeSweep({ marks, told }) };
    try {
      const sweep = { ...step, name: `sweep-${container}` };
      const spawned = spawnLogged(this.#spawn(sweep, variables), stepLogOf(logFile));
      const timer = clock.after(SWEEP_MS, () => spawned.kill());
      const { code, signal } = await spawned.exited;
      timer.cancel();
      if (code === 0 && signal === "") return true;
      logger.warn("node not swept", { container, node, code, signal });
    } catch (thrown) {
      logger.warn("node not swept", { container, node, error: HeronError.from(thrown) });
    }
    return false;
  }

  /** Slurm takes a node that is down out of a job that it lets live. */
  async #seeNodes({ logger }: ContainerStart): Promise<void> {
    let nodes: readonly string[];
    try {
      const job = await this.#client.jobState(this.#jobId);
      nodes = parseNodeList(job?.nodeList ?? "");
    } catch (thrown) {
      logger.warn("nodes of the job not seen", { error: HeronError.from(thrown) });
      return;
    }
    // A job that has ended has none.
    if (nodes.length === 0) return;
    for (const node of this.#places.see(nodes)) {
      logger.error("node lost", { node });
      for (const step of this.#steps.values()) if (step.node === node) step.kill();
    }
  }

  #stepFor(
    { container }: ContainerStart,
    what: Pick<Step, "command" | "workingFolder" | "logFile" | "node" | "ramMib">,
  ): Step {
    const { cpus } = this.#places.sizeOf(container);
    return { ...what, jobId: this.#jobId, name: nameOf(container), cpus };
  }

  #spawn(step: Step, environment: Readonly<Record<string, string>>) {
    return {
      command: [...this.#srun, ...stepArguments(step)],
      workingFolder: "/",
      environment: { ...environment, ...this.#variables },
    };
  }
}

/** The name of a container's step. */
function nameOf(container: number): string {
  return `container-${container}`;
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
