/**
 * The container role: runs the processes of one container under a supervisor, carries what
 * instances print and what processes report to the scheduler, and Stop and Drain to them.
 */

import { join } from "node:path";
import { environmentOf, type TopologyDefinition } from "../api/mod.ts";
import { systemConfigFrom } from "../base/config/mod.ts";
import { type OutputStream, type Packet, Role } from "../base/gen/heron_bin/packet_pb.ts";
import {
  assertDefined,
  type Clock,
  HeronError,
  type Logger,
  type Random,
  RUNTIME_OPTIONS,
} from "../base/mod.ts";
import {
  type CapturedProcess,
  type ChildEnd,
  type ChildExit,
  type ChildProcess,
  type LifeLine,
  MemoryReader,
  openLastingLine,
  openLifeLine,
  readProcessFacts,
  spawnCaptured,
  spawnLogged,
  type SpawnOptions,
  Supervisor,
} from "../base/supervision/mod.ts";
import { createParty, type PacketInit, type PartyInit } from "../base/wire/mod.ts";
import {
  containerId,
  containerSocket,
  logicalPlanFromProto,
  openRoleFiles,
  outputFile,
  readSchedulerAddress,
  type RoleFiles,
  type SizedInstance,
} from "../plan/mod.ts";
import { argumentsOf, type ContainerProcess, processesOf } from "./container_plan.ts";
import { MEMORY_LOOK_FAR_MS, MemoryLimit, type MemoryVerdict } from "./memory_limit.ts";
import { OutputPump } from "./output_pump.ts";
import { TaskOutput } from "./task_output.ts";

/** What a container's supervisor is started with. */
export interface ContainerOptions {
  readonly jobFile: string;
  readonly container: number;
  /** Its own life, as the scheduler counts. */
  readonly incarnation: Life;
  /** Of the lives of its processes: larger than that of any container or scheduler before. */
  readonly epoch: number;
  /** Command line of heron-bin, to which a subcommand and its flags are added. */
  readonly command: readonly string[];
  /** What tasks get to know of the place where they run. */
  readonly taskVariables: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly random: Random;
  exit(code: number): never;
}

interface LimitedTask {
  readonly pid: number;
  readonly instance: SizedInstance;
  readonly limit: MemoryLimit;
}

interface Life {
  readonly epoch: number;
  readonly counter: number;
}

/** Exit code of a process whose supervisor is gone. */
const LIFE_LINE_LOST = 5;

/** Runs a container until the scheduler stops it. */
export async function runContainer(options: ContainerOptions): Promise<void> {
  const files = await openRoleFiles(options.jobFile, containerId(options.container));
  await new Container(options, files).start();
}

class Container {
  readonly #options: ContainerOptions;
  readonly #files: RoleFiles;
  readonly #logger: Logger;
  readonly #party: PartyInit;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #topology: Pick<TopologyDefinition, "config" | "components">;
  readonly #supervisor: Supervisor<ContainerProcess>;
  /** The processes of tasks whose memory is limited, by their ids. */
  readonly #limited = new Map<string, LimitedTask>();
  readonly #killPercent: number;
  readonly #graceMs: number;
  /** The processes that run, as the scheduler is told. */
  readonly #started = new Map<string, PacketInit>();
  /** The topology master's last word that all runs. */
  #running: PacketInit | undefined;
  readonly #pumps = new Map<string, OutputPump>();
  /** Where tasks print, by their ids, when they were submitted. */
  readonly #outputs = new Map<string, TaskOutput>();
  // One for each process that ended, until the scheduler knows.
  readonly #reports = new Set<Promise<void>>();
  #lifeLine: LifeLine | undefined;
  #isDraining = false;

  constructor(options: ContainerOptions, files: RoleFiles) {
    const { container, incarnation, epoch, clock } = options;
    const { job, secret, log } = files;
    this.#options = options;
    this.#files = files;
    this.#logger = log.logger;
    this.#party = { role: Role.CONTAINER, id: containerId(container), incarnation };
    this.#environment = Object.fromEntries(job.environment.map(({ name, value }) => [name, value]));
    this.#topology = logicalPlanFromProto(job.topology);
    const config = systemConfigFrom(this.#topology.config);
    this.#killPercent = config.instanceMemoryKillPercent;
    this.#graceMs = config.supervisorGraceMs;
    this.#supervisor = new Supervisor({
      self: this.#party,
      socketPath: containerSocket(job, container),
      topologyId: job.topologyId,
      secret,
      clock,
      logger: this.#logger,
      epoch,
      stopMs: config.supervisorStopMs,
      restarts: {
        // Who submitted it is not there to mend it at once.
        crashesMax: job.submitted ? Infinity : config.taskCrashesMax,
        delayMaxMs: config.supervisorRestartMaxMs,
      },
      children: processesOf(job, container),
      handlers: {
        spawn: (child, life) => this.#spawn(child, life),
        onConnected: (child) => this.#drain(child.id),
        onPacket: (child, packet) => this.#onPacket(child, packet),
        onExited: (child, exit, end) => this.#onExited(child, exit, end),
        onStopped: () => void this.#end(),
      },
    });
  }

  async start(): Promise<void> {
    this.#lifeLine = await this.#openLifeLine();
    await this.#supervisor.start();
    if (this.#killPercent > 0) this.#lookAtMemory(new MemoryReader());
    this.#lifeLine.started();
  }

  /** On this machine by a socket, to another by TCP, where it may break and the scheduler may change. */
  #openLifeLine(): Promise<LifeLine> {
    const { job, secret } = this.#files;
    const { clock, exit, random } = this.#options;
    const common = {
      self: this.#party,
      supervisor: { role: Role.SCHEDULER, id: "scheduler" },
      topologyId: job.topologyId,
      secret,
      clock,
      logger: this.#logger,
      onStop: (reason: string) => this.#supervisor.stop(reason),
      onDrain: () => {
        this.#isDraining = true;
        this.#drain("tm");
      },
      onLost: () => {
        this.#supervisor.kill();
        exit(LIFE_LINE_LOST);
      },
    };
    if (job.reach === undefined) {
      const socketPath = join(job.folder, "sockets", "scheduler.sock");
      return openLifeLine({ ...common, socketPath });
    }
    return openLastingLine({
      ...common,
      find: () => readSchedulerAddress(job),
      graceMs: this.#graceMs,
      random,
      onReturn: () => this.#tellAnew(),
    });
  }

  /** The scheduler may be another process, which knows nothing of this container. */
  #tellAnew(): void {
    for (const packet of this.#started.values()) this.#up.send(packet);
    if (this.#running !== undefined) this.#up.send(this.#running);
  }

  #spawn(child: ContainerProcess, incarnation: Life): ChildProcess {
    const { jobFile, container, command } = this.#options;
    const { job } = this.#files;
    const { instance } = child;
    const options: SpawnOptions = {
      command: [...command, ...argumentsOf(child, { jobFile, container, incarnation })],
      workingFolder: instance === undefined ? job.folder : job.workingFolder,
      environment: { ...this.#environment, ...this.#ofTask(instance), ...RUNTIME_OPTIONS },
    };
    const started = instance === undefined
      ? spawnLogged(options, this.#logFileOf(child.id))
      : this.#startInstance(instance, options);
    this.#tellStarted(child, { pid: started.pid, incarnation });
    return started;
  }

  /** What its place and the topology set for the process of a task: its component's wins. */
  #ofTask(instance: SizedInstance | undefined): Readonly<Record<string, string>> {
    if (instance === undefined) return {};
    const { config, components } = this.#topology;
    const own = components.find(({ name }) => name === instance.component)?.config ?? {};
    return { ...this.#options.taskVariables, ...environmentOf(config), ...environmentOf(own) };
  }

  #startInstance(instance: SizedInstance, options: SpawnOptions): CapturedProcess {
    const child = spawnCaptured(options);
    const { component, componentIndex, taskId: task, instanceId } = instance;
    const logger = this.#logger.child({ process: instanceId });
    const file = this.#outputFileOf(instanceId, logger);
    const pump = new OutputPump({
      stdout: child.stdout,
      stderr: child.stderr,
      clock: this.#options.clock,
      logger,
      deliver: (stream: OutputStream, lines: string[]) =>
        file?.append(lines) ?? this.#deliver({
          body: { case: "output", value: { component, task, componentIndex, stream, lines } },
        }),
    });
    this.#pumps.set(instanceId, pump);
    const limits = { ramBytes: instance.ramBytes, killPercent: this.#killPercent };
    this.#limited.set(instanceId, { pid: child.pid, instance, limit: new MemoryLimit(limits) });
    return child;
  }

  /** Whoever runs a topology reads what it prints; who submitted it does not. */
  #outputFileOf(instanceId: string, logger: Logger): TaskOutput | undefined {
    const { job } = this.#files;
    if (!job.submitted) return undefined;
    const known = this.#outputs.get(instanceId);
    const file = known ?? new TaskOutput(outputFile(job.folder, instanceId), logger);
    this.#outputs.set(instanceId, file);
    return file;
  }

  /** Looks, and then again. */
  #lookAtMemory(memory: MemoryReader): void {
    let nextMs = MEMORY_LOOK_FAR_MS;
    for (const { pid, instance, limit } of this.#limited.values()) {
      const verdict = limit.look(memory.bytesOf(pid) ?? 0);
      if (verdict !== undefined) this.#onMemory(instance, verdict);
      nextMs = Math.min(nextMs, limit.nextLookMs);
    }
    this.#options.clock.after(nextMs, () => this.#lookAtMemory(memory));
  }

  /** Warns of a task, or ends it: from here, as one that allocates may not get to say anything. */
  #onMemory(instance: SizedInstance, { code, message }: MemoryVerdict): void {
    const { component, componentIndex, taskId: task, instanceId: id } = instance;
    const incarnation = this.#supervisor.incarnationOf(id);
    const party = { role: Role.INSTANCE, id, incarnation };
    const fault = { party, code, message, component, task, componentIndex };
    this.#logger.warn("memory of a task", { process: id, code, message });
    if (code === "memory_high") {
      void this.#deliver({ body: { case: "taskWarning", value: { fault, isOver: false } } });
      return;
    }
    void this.#deliver({ body: { case: "processFailed", value: fault } });
    // The figures differ each time, and are the same failure.
    this.#supervisor.end(id, { code, message: "out of memory" });
  }

  /** The scheduler knows all processes, to kill them should this one die first. */
  #tellStarted(
    { role, id }: ContainerProcess,
    { pid, incarnation }: { readonly pid: number; readonly incarnation: Life },
  ): void {
    const startTime = readProcessFacts(pid)?.startTime ?? 0n;
    const party = { role, id, incarnation };
    const packet: PacketInit = {
      body: { case: "processStarted", value: { party, pid, startTime } },
    };
    this.#started.set(id, packet);
    this.#up.send(packet);
  }

  #onPacket({ role, id }: ContainerProcess, { body }: Packet): void | Promise<void> {
    switch (body.case) {
      case "processStarted":
        return;
      case "processFailed": {
        const party = createParty({ ...body.value.party, role, id });
        return this.#deliver({ body: { case: body.case, value: { ...body.value, party } } });
      }
      case "topologyRunning":
        this.#running = { body };
        return this.#deliver({ body });
      case "taskWarning":
      case "topologyEnded":
        return this.#deliver({ body });
      default:
        throw new HeronError(
          "protocol",
          `Read a packet of "${id}": found "${body.case}", expected what a process tells its supervisor`,
        );
    }
  }

  #onExited(child: ContainerProcess, exit: ChildExit, end: ChildEnd): void {
    // The next life has a pump of its own.
    const pump = this.#pumps.get(child.id);
    this.#pumps.delete(child.id);
    this.#limited.delete(child.id);
    this.#started.delete(child.id);
    const report = this.#reportExit(child, { ...exit, ...end }, pump).finally(() =>
      this.#reports.delete(report)
    );
    this.#reports.add(report);
  }

  async #reportExit(
    { role, id }: ContainerProcess,
    end: ChildExit & ChildEnd,
    pump: OutputPump | undefined,
  ): Promise<void> {
    // All that it printed comes before the word that it ended.
    await pump?.finish();
    const { pid, code: exitCode, signal, expected, restarts, incarnation } = end;
    const party = { role, id, incarnation };
    const logFile = this.#logFileOf(id);
    await this.#deliver({
      body: {
        case: "processExited",
        value: { party, pid, exitCode, signal, logFile, expected, restarts },
      },
    });
  }

  /** Resolves when the scheduler has it. Without a scheduler this process ends anyhow. */
  async #deliver(packet: PacketInit): Promise<void> {
    try {
      await this.#up.deliver(packet);
    } catch (thrown) {
      this.#logger.error("not delivered", {
        body: packet.body?.case,
        error: HeronError.from(thrown),
      });
    }
  }

  /** Passes Drain on to the topology master, when there is one and it was asked for. */
  #drain(id: string): void {
    if (this.#isDraining && id === "tm") {
      this.#supervisor.send(id, { body: { case: "drain", value: {} } });
    }
  }

  async #end(): Promise<void> {
    while (this.#reports.size > 0) await Promise.all(this.#reports);
    await Promise.all([...this.#outputs.values()].map((output) => output.close()));
    await this.#supervisor.close();
    await this.#files.log.close();
    this.#options.exit(0);
  }

  #logFileOf(id: string): string {
    return join(this.#files.job.folder, "logs", `${id}.log`);
  }

  get #up(): LifeLine {
    return assertDefined(this.#lifeLine, "the life line to the scheduler");
  }
}
