/**
 * The gateway of an instance, in its main thread. It owns the sockets and the
 * life line, starts the executor and moves frames between it and the stream
 * manager; whether the executor has a thread of its own is not its business.
 */

import { hostname } from "node:os";
import { toBinary } from "@bufbuild/protobuf";
import type { ComponentDefinition, ConfigMap } from "../../api/mod.ts";
import type { LifeLine } from "../../base/supervision/mod.ts";
import {
  type Clock,
  collectAtRest,
  HeronError,
  type Logger,
  type Random,
  type Timer,
} from "../../base/mod.ts";
import type { SystemConfig } from "../../base/config/mod.ts";
import {
  type Packet,
  PacketSchema,
  type Party,
  PlanUpdateSchema,
  Role,
} from "../../base/gen/heron_bin/packet_pb.ts";
import { type Connection, keepConnected, type ManagedClient } from "../../base/wire/mod.ts";
import {
  ExceptionLog,
  type MetricPublisher,
  MetricRegistry,
  startMetricPublisher,
} from "../../metrics/mod.ts";
import {
  backoffOf,
  CUT_OFF_EXIT_CODE,
  logicalPlanFromProto,
  metricsmgrId,
  type PackedInstance,
  reachedTasks,
  type RoleFiles,
  wireOf,
} from "../../plan/mod.ts";
import { CreditTable, PACKET_FIELD, SlotCloser, type TaskLife } from "../../tuples/mod.ts";
import type {
  ExecutorSide,
  PostedFailure,
  PostedTotals,
  TaskMemory,
  ToGateway,
} from "../bridge.ts";
import { type CallNews, CallWatch, LOOKS_PER_WARNING, registerCallMetrics } from "./call_watch.ts";
import { GatewayCore, type SpoutSide } from "./gateway_core.ts";
import { registerInstanceMetrics } from "./instance_metrics.ts";
import { taskEnded } from "./task_ended.ts";
import { LAST_WORDS_MS, TaskFaults } from "./task_faults.ts";

/** How often late tuples are looked for in one message time-out. */
const EXPIRY_LOOKS = 20;

/** A plan goes to the executor as it came. */
const PLAN_UPDATE = PacketSchema.field.planUpdate.number;

/** What a gateway is made of. */
export interface GatewayOptions {
  readonly files: RoleFiles;
  readonly task: PackedInstance;
  readonly component: ComponentDefinition;
  /** The topology's configuration with the component's on top. */
  readonly mergedConfig: ConfigMap;
  readonly container: number;
  readonly life: TaskLife;
  readonly party: Party;
  readonly config: SystemConfig;
  readonly memory: TaskMemory;
  /** Not started yet. */
  readonly executor: ExecutorSide;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly lifeLine: LifeLine;
  /** Path of the stream manager's unix socket. */
  readonly stmgrSocket: string;
  exit(code: number): never;
}

/** The running gateway of one instance. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #core: GatewayCore;
  readonly #client: ManagedClient;
  #connection: Connection | undefined;
  /** A plan that came behind the registration's answer, before that was looked at. */
  #earlyPlan: Uint8Array | undefined;
  #ended: PostedTotals | undefined;
  #isStopping = false;
  #hasFailed = false;
  #closed = Promise.withResolvers<void>();
  /** Undefined until there is a plan: before it others are still starting, and nothing is counted. */
  #publisher: MetricPublisher | undefined;
  readonly #exceptions: ExceptionLog;
  readonly #rest: Timer;
  readonly #calls: CallWatch;
  readonly #faults: TaskFaults;

  /** Starts the executor and connects to the stream manager. */
  constructor(options: GatewayOptions) {
    this.#options = options;
    const { memory, life, executor } = options;
    const core = new GatewayCore({
      life,
      dataIn: executor.dataIn,
      dataOut: executor.dataOut,
      credit: new CreditTable(new Int32Array(memory.credit)),
      executorBell: executor.bell,
      spout: this.#spoutSide(),
      pauseSpout: (isPaused) => executor.post({ kind: "pause", isPaused }),
      nowMs: () => options.clock.nowMs(),
    });
    this.#core = core;
    this.#faults = new TaskFaults(options);
    this.#exceptions = new ExceptionLog(options.clock);
    executor.start({
      send: (bytes, start, end) => core.send(bytes, start, end),
      pump: () => core.pump(),
      hasWork: () => core.hasWork(),
      take: (message) => this.#fromExecutor(message),
    });
    const { callWarnMs: warnMs } = options.config;
    const words = new Int32Array(memory.calls);
    this.#calls = new CallWatch({ words, warnMs, ring: () => executor.bell.ring() });
    this.#client = this.#connect();
    this.#rest = collectAtRest({
      clock: options.clock,
      done: () => core.receivedBytes + core.sentBytes + executor.workDone,
      collect: () => Bun.gc(true),
    });
  }

  /** From now on the executor takes a turn when it is rung. */
  #watchCalls(): void {
    const { clock, config: { callWarnMs } } = this.#options;
    if (callWarnMs > 0) clock.every(callWarnMs / LOOKS_PER_WARNING, () => this.#lookAtCalls());
  }

  #lookAtCalls(): void {
    // Behind its end it takes no turns; how long it may take then is the supervisor's business.
    if (!this.#isStopping) this.#tellCalls(this.#calls.look(this.#options.clock.nowMs()));
  }

  #tellCalls(told: readonly CallNews[]): void {
    for (const { isOver, ...news } of told) void this.#faults.warn({ ...news, stack: "" }, isOver);
  }

  /** The open tuples of a spout; undefined: this task follows none. */
  #spoutSide(): SpoutSide | undefined {
    const { memory, config, clock, component, files } = this.#options;
    if (memory.slots === undefined) return undefined;
    const timeoutMs = config.topologyMessageTimeoutSecs * 1000;
    const isTimed = config.topologyEnableMessageTimeouts;
    const slots = new SlotCloser(memory.slots, { timeoutMs: isTimed ? timeoutMs : undefined });
    if (isTimed) clock.every(timeoutMs / EXPIRY_LOOKS, () => this.#core.expire());
    const reached = reachedTasks(
      logicalPlanFromProto(files.job.topology),
      files.job.packingPlan,
      component.name,
    );
    return { slots, reaches: (task) => reached.has(task) };
  }

  #publish(): MetricPublisher {
    const { files, task, component, memory, party, clock, random, config } = this.#options;
    const registry = new MetricRegistry(clock);
    registerInstanceMetrics({
      registry,
      clock,
      counters: new Float64Array(memory.counters),
      component,
      config: this.#options.mergedConfig,
      gateway: this.#core,
      exceptions: this.#exceptions,
      published: () => publisher.sent,
    });
    registerCallMetrics(registry, this.#calls);
    const publisher = startMetricPublisher({
      ...wireOf(files, party, { config, clock }),
      random,
      registry,
      exceptions: this.#exceptions,
      publisher: {
        hostname: hostname(),
        port: task.taskId,
        componentName: task.component,
        instanceId: task.instanceId,
        instanceIndex: task.componentIndex,
      },
      intervalMs: config.metricsExportIntervalMs,
      folder: files.job.folder,
      metricsmgrId: metricsmgrId(this.#options.container),
    });
    return publisher;
  }

  #connect(): ManagedClient {
    const { files, party, task, clock, random, logger, stmgrSocket, config } = this.#options;
    return keepConnected({
      address: () => ({ unix: stmgrSocket }),
      ...wireOf(files, party, { config, clock }),
      to: { role: Role.STMGR, id: task.stmgrId },
      random,
      backoff: backoffOf(config),
      rawBodies: [...Object.values(PACKET_FIELD), PLAN_UPDATE],
      onFailure: (error, attempts) => {
        logger.debug("stmgr not reached", { error, attempts });
        if (error.code !== "fenced") return;
        logger.fatal("replaced", { error });
        this.#options.exit(CUT_OFF_EXIT_CODE);
      },
      handlers: {
        onOpen: (connection) => void this.#register(connection),
        onRaw: (_connection, body, bytes, start, bodyStart, end) => {
          if (body === PLAN_UPDATE) this.#planCame(bytes.slice(bodyStart, end));
          else this.#core.takeFrame(body, { bytes, start, bodyStart, end });
        },
        onPacket: (_connection, packet) => this.#fromStmgr(packet),
        onDrain: () => this.#core.pump(),
        onClose: (connection, reason) => {
          logger.warn("stmgr connection ended", { reason });
          if (this.#connection !== connection) return;
          this.#connection = undefined;
          this.#core.detach();
        },
      },
    });
  }

  async #register(connection: Connection): Promise<void> {
    const { task, life, config, logger } = this.#options;
    try {
      const answer = await connection.request({
        body: {
          case: "registerInstance",
          value: {
            instance: {
              instanceId: task.instanceId,
              stmgrId: task.stmgrId,
              info: {
                taskId: task.taskId,
                componentIndex: task.componentIndex,
                componentName: task.component,
              },
            },
            incarnation: life,
          },
        },
      }, config.netRequestTimeoutMs);
      if (answer.body.case !== "instanceRegistered") {
        connection.close(`Answered registerInstance with ${answer.body.case}`);
        return;
      }
      this.#connection = connection;
      const { plan, ended } = answer.body.value;
      if (ended && this.#ended === undefined) this.#options.executor.post({ kind: "endedBefore" });
      if (plan !== undefined) this.#takePlan(toBinary(PlanUpdateSchema, plan));
      if (this.#earlyPlan !== undefined) this.#takePlan(this.#earlyPlan);
      this.#earlyPlan = undefined;
      if (this.#core.attach(connection)) this.#options.executor.post({ kind: "linkUp" });
      if (this.#ended !== undefined) this.#tellEnd(this.#ended);
    } catch (thrown) {
      logger.warn("registration failed", { error: HeronError.from(thrown) });
      connection.close("Registration failed");
    }
  }

  #fromStmgr({ body }: Packet): void {
    switch (body.case) {
      case "drainSpouts":
        this.#options.executor.post({ kind: "drain" });
        return;
      case "peerUp":
        this.#options.executor.post({ kind: "peerUp", stmgr: body.value.stmgr });
        return;
      case "endsStored":
        this.#options.executor.post({ kind: "endStored" });
        return;
      case "backPressure":
        this.#core.takePressure(body.value.culprits);
        return;
      default:
        throw new HeronError(
          "protocol",
          `Read a packet of the stream manager: found "${body.case}", expected another`,
        );
    }
  }

  #planCame(update: Uint8Array): void {
    // What the registration's answer says of an earlier end is to be known first.
    if (this.#connection === undefined) this.#earlyPlan = update;
    else this.#takePlan(update);
  }

  #takePlan(update: Uint8Array): void {
    this.#options.executor.post({ kind: "plan", update });
    this.#publisher ??= this.#publish();
  }

  #fromExecutor(message: ToGateway): void {
    const { logger, lifeLine } = this.#options;
    switch (message.kind) {
      case "up":
        return;
      case "loaded":
        logger.info("topology loaded");
        this.#watchCalls();
        return;
      case "progressed":
        lifeLine.send({ body: { case: "progressed", value: {} } });
        return;
      case "ended":
        // The call that was waited for has returned: who was told of it is told so before the end.
        this.#tellCalls(this.#calls.end(this.#options.clock.nowMs()));
        this.#ended = message.totals;
        this.#tellEnd(message.totals);
        return;
      case "reported":
        logger.error("reported by user code", { ...message.failure, count: message.count });
        this.#exceptions.add(message.failure, message.count);
        return;
      case "published":
        this.#publisher?.publish(message.metrics);
        return;
      case "emitted":
        for (const emit of message.emits) logger.info("emit", { ...emit });
        if (message.leftOut > 0) logger.info("emits not logged", { count: message.leftOut });
        return;
      case "failed":
        this.#fail(message.failure);
        return;
      case "strayed":
        // When the task has ended, it costs no tuple.
        if (this.#isStopping || this.#ended !== undefined) this.#faults.strayed(message.failure);
        else this.#fail(message.failure);
        return;
      case "closed":
        this.#closed.resolve();
        return;
    }
  }

  #tellEnd(totals: PostedTotals): void {
    const { task, life } = this.#options;
    // What the executor sent before its end goes first.
    this.#core.pump();
    this.#connection?.send(taskEnded(task.taskId, life, totals));
  }

  #fail(failure: PostedFailure): void {
    const { logger, clock, exit } = this.#options;
    if (this.#hasFailed) {
      logger.error("failed again", { ...failure });
      return;
    }
    if (this.#isStopping) {
      // The executor has given up: it will not say that it is closed.
      return void this.#faults.warn(failure).finally(() => this.#closed.resolve());
    }
    this.#isStopping = true;
    this.#hasFailed = true;
    logger.fatal("task failed", { ...failure });
    const leave = (): never => exit(1);
    clock.after(LAST_WORDS_MS, leave);
    this.#exceptions.add(failure);
    void Promise.allSettled([this.#faults.failed(failure), this.#publisher?.flush()]).then(leave);
  }

  /** Ends the executor in an orderly way: `close` and `cleanup` run. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#options.executor.post({ kind: "close" });
    await this.#closed.promise;
    await this.#publisher?.flush();
    this.#publisher?.close();
    this.#rest.cancel();
    this.#client.close("The instance stops");
  }
}
