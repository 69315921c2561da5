/**
 * The scheduler role: starts, watches and stops the containers of one topology, wherever a
 * scheduler runs them and whoever owns it.
 */

import { join } from "node:path";
import { systemConfigFrom } from "../base/config/mod.ts";
import { type Packet, Role } from "../base/gen/heron_bin/packet_pb.ts";
import {
  assertDefined,
  type Clock,
  HeronError,
  type Logger,
  RUNTIME_OPTIONS,
} from "../base/mod.ts";
import {
  type ChildEnd,
  type ChildExit,
  type ChildProcess,
  type SupervisedChild,
  Supervisor,
} from "../base/supervision/mod.ts";
import type { PacketInit } from "../base/wire/mod.ts";
import {
  containerId,
  hostsOf,
  logicalPlanFromProto,
  openRoleFiles,
  readSchedulerAddress,
  type RoleFiles,
  writeSchedulerAddress,
} from "../plan/mod.ts";
import { LeftProcesses } from "./left_processes.ts";
import type { Orders, Owner } from "./owner.ts";
import type { ContainerStart, RunningContainer, Scheduler } from "./scheduler.ts";

/** What the scheduler role is started with. */
export interface SchedulerOptions {
  readonly jobFile: string;
  /** Command line of heron-bin, to which a subcommand and its flags are added. */
  readonly command: readonly string[];
  /** Where containers run. */
  readonly scheduler: Scheduler;
  /** Whom it works for. */
  readonly owner: Owner;
  /** Larger than that of any scheduler of the topology before. @default the job's */
  readonly epoch?: number;
  readonly clock: Clock;
  exit(code: number): never;
}

interface ScheduledContainer extends SupervisedChild {
  readonly container: number;
}

interface Life {
  readonly epoch: number;
  readonly counter: number;
}

/** Exit code of a process whose supervisor is gone. */
const LIFE_LINE_LOST = 5;

// A container has as long as the three phases of its processes, and this to see them end.
const CONTAINER_PHASES = 1.5;
const CONTAINER_STOP_MS = 500;

// Who still carries output to a slow reader is not late.
const OUTPUT_IDLE_MS = 250;

/** Runs the scheduler of a topology until its owner stops it. */
export async function runScheduler(options: SchedulerOptions): Promise<void> {
  const files = await openRoleFiles(options.jobFile, "scheduler");
  await new SchedulerRole(options, files).start();
}

class SchedulerRole {
  readonly #options: SchedulerOptions;
  readonly #files: RoleFiles;
  readonly #logger: Logger;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #supervisor: Supervisor<ScheduledContainer>;
  readonly #owner: Owner;
  readonly #running = new Map<string, RunningContainer>();
  readonly #left = new LeftProcesses();
  /** Why a container cannot be started, of those that cannot. */
  readonly #waiting = new Map<number, string>();
  readonly #epoch: number;
  #isDraining = false;

  constructor(options: SchedulerOptions, files: RoleFiles) {
    const { job, secret, log } = files;
    const { clock } = options;
    this.#options = options;
    this.#files = files;
    this.#logger = log.logger;
    this.#environment = Object.fromEntries(job.environment.map(({ name, value }) => [name, value]));
    this.#owner = options.owner;
    const epoch = this.#epoch = options.epoch ?? job.schedulerEpoch;
    const config = systemConfigFrom(logicalPlanFromProto(job.topology).config);
    this.#supervisor = new Supervisor({
      self: { role: Role.SCHEDULER, id: "scheduler", incarnation: { epoch, counter: 1 } },
      socketPath: join(job.folder, "sockets", "scheduler.sock"),
      ...(job.reach === undefined ? {} : {
        remote: {
          address: { hostname: hostsOf(job).listen, port: 0 },
          graceMs: config.supervisorGraceMs,
        },
      }),
      topologyId: job.topologyId,
      secret,
      clock,
      logger: this.#logger,
      epoch,
      stopMs: config.supervisorStopMs * CONTAINER_PHASES + CONTAINER_STOP_MS,
      restarts: {
        crashesMax: job.submitted ? Infinity : config.taskCrashesMax,
        delayMaxMs: config.supervisorRestartMaxMs,
      },
      children: [0, ...job.packingPlan.containerPlans.map(({ id }) => id)].map(scheduledContainer),
      handlers: {
        spawn: (child, life) => this.#spawn(child, life),
        adopt: (child) => this.#adopt(child),
        onConnected: (child) => this.#onConnected(child.container),
        onPacket: (child, packet) => this.#onPacket(child, packet),
        onExited: (child, exit, end) => this.#onExited(child, exit, end),
        onStopped: () => void this.#end(),
        mayKill: () => this.#owner.idleMs >= OUTPUT_IDLE_MS,
      },
    });
  }

  async start(): Promise<void> {
    await this.#owner.start(this.#orders(), this.#logger);
    const { job } = this.#files;
    if (job.reach === undefined) return await this.#supervisor.start();
    const { allocation = "" } = this.#options.scheduler;
    const before = await readSchedulerAddress(job);
    const isSame = allocation !== "" && before?.allocation === allocation;
    const containers = [0, ...job.packingPlan.containerPlans.map(({ id }) => id)];
    // Those that are still there connect as soon as they read where this one is.
    await this.#supervisor.start(isSame ? containers.map(containerId) : []);
    const { port } = this.#supervisor;
    const address = { hostname: hostsOf(job).reached, port, epoch: this.#epoch, allocation };
    await writeSchedulerAddress(job, address);
    this.#logger.info("reached from other machines", address);
  }

  #orders(): Orders {
    return {
      stop: (reason) => {
        this.#logger.info("asked to stop", { reason });
        this.#supervisor.stop(reason);
      },
      drain: () => {
        this.#logger.info("asked to drain");
        this.#isDraining = true;
        this.#drain(0);
      },
      restart: (container) => {
        this.#logger.info("asked to restart", { container });
        this.#supervisor.restart(containerId(container), "restarted");
      },
      lost: (reason) => this.#endNow(reason),
    };
  }

  #onConnected(container: number): void {
    if (this.#waiting.delete(container)) this.#tellWaiting();
    this.#drain(container);
  }

  #tellWaiting(): void {
    const waiting = [...this.#waiting].map(([container, reason]) => ({ container, reason }));
    this.#owner.waits?.(waiting.toSorted((a, b) => a.container - b.container));
  }

  /** Passes Drain on to the topology master's container, when it was asked for. */
  #drain(container: number): void {
    if (!this.#isDraining || container !== 0) return;
    this.#supervisor.send(containerId(0), { body: { case: "drain", value: {} } });
  }

  #spawn({ id, container }: ScheduledContainer, life: Life): ChildProcess {
    return this.#follow(id, this.#options.scheduler.start(this.#startOf(id, container, life)));
  }

  /** One that an earlier scheduler started. It knows its own life. */
  #adopt({ id, container }: ScheduledContainer): ChildProcess {
    const start = this.#startOf(id, container, { epoch: this.#epoch, counter: 0 });
    const adopted = this.#options.scheduler.adopt?.(start);
    return this.#follow(id, assertDefined(adopted, "a scheduler whose allocation outlives it"));
  }

  #startOf(id: string, container: number, { epoch, counter }: Life): ContainerStart {
    const { command, jobFile } = this.#options;
    const marks = ["--job", jobFile, "--container", String(container)];
    return {
      container,
      command: [...command, "container", ...marks, "--incarnation", `${epoch}.${counter}`],
      marks,
      environment: { ...this.#environment, ...RUNTIME_OPTIONS },
      workingFolder: this.#files.job.folder,
      logFile: this.#logFileOf(id),
      logger: this.#logger.child({ process: id }),
      onWaiting: (reason) => {
        this.#waiting.set(container, reason);
        this.#tellWaiting();
      },
    };
  }

  #follow(id: string, running: RunningContainer): ChildProcess {
    this.#running.set(id, running);
    // It has ended when all of it has: the next life needs its sockets.
    const exited = running.exited.then(async (exit) => {
      await this.#killLeft(id);
      return exit;
    });
    return { ...running, exited };
  }

  #onPacket({ id }: ScheduledContainer, packet: Packet): void | Promise<void> {
    const { body } = packet;
    switch (body.case) {
      case "processStarted": {
        const { party, pid, startTime } = body.value;
        // A container tells of itself too: it has its own supervisor, this one.
        if (party?.role !== Role.CONTAINER) {
          this.#left.started(id, party?.id ?? "", { pid, startTime });
        }
        return;
      }
      case "processExited":
        this.#left.exited(id, body.value.party?.id ?? "", body.value.pid);
        void this.#owner.tell({ body });
        return;
      case "output":
        // Who prints waits for the reader; nothing else does.
        return this.#owner.tell({ body });
      case "processFailed":
      case "taskWarning":
      case "topologyRunning":
      case "topologyEnded":
        void this.#owner.tell({ body });
        return;
      default:
        throw new HeronError(
          "protocol",
          `Read a packet of "${id}": found "${body.case}", expected what a container tells`,
        );
    }
  }

  #onExited({ role, id }: ScheduledContainer, exit: ChildExit, end: ChildEnd): void {
    this.#running.delete(id);
    const { pid, code: exitCode, signal } = exit;
    const { expected, restarts, incarnation } = end;
    const party = { role, id, incarnation };
    const logFile = this.#logFileOf(id);
    void this.#owner.tell(
      {
        body: {
          case: "processExited",
          value: { party, pid, exitCode, signal, logFile, expected, restarts },
        },
      } satisfies PacketInit,
    );
  }

  /** All containers have ended: what they told is handed on, however slowly it is read. */
  async #end(): Promise<void> {
    await this.#supervisor.close();
    await this.#owner.finish();
    await this.#files.log.close();
    this.#options.exit(0);
  }

  /** Nobody is there to stop for: containers first, so that they start nothing more. */
  #endNow(reason: string): never {
    this.#logger.warn("everything is killed", { reason });
    this.#supervisor.kill();
    for (const id of this.#running.keys()) void this.#killLeft(id);
    this.#options.exit(LIFE_LINE_LOST);
  }

  /** Kills what a container left behind; resolves when that is gone. */
  async #killLeft(id: string): Promise<void> {
    const running = this.#running.get(id);
    for (;;) {
      await running?.killLeft(this.#left.take(id));
      // The last words of a container may be read after its end is seen.
      if (this.#left.isEmpty(id)) return;
    }
  }

  #logFileOf(id: string): string {
    return join(this.#files.job.folder, "logs", `${id}.log`);
  }
}

function scheduledContainer(container: number): ScheduledContainer {
  return { role: Role.CONTAINER, id: containerId(container), container, stopPhase: 0 };
}
