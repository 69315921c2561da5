/**
 * The topology master role: begins a term, serves the stream managers and tells where it
 * is. When the term is over, whyever, so is this process: its supervisor starts the next.
 */

import { hostname } from "node:os";
import { type LifeLine, openLifeLine } from "../base/supervision/mod.ts";
import { HeronError, type Logger } from "../base/mod.ts";
import { type SystemConfig, systemConfigFrom } from "../base/config/mod.ts";
import { type Packet, type Party, Role } from "../base/gen/heron_bin/packet_pb.ts";
import { type Connection, createParty, listen, type Server } from "../base/wire/mod.ts";
import {
  type MetricPublisher,
  MetricRegistry,
  registerProcessMetrics,
  startMetricPublisher,
} from "../metrics/mod.ts";
import {
  containerId,
  containerSocket,
  CUT_OFF_EXIT_CODE,
  hostsOf,
  logicalPlanFromProto,
  metricsmgrId,
  openRoleFiles,
  type RoleFiles,
  type RoleOptions,
  tmanagerLocationRecord,
  wireOf,
} from "../plan/mod.ts";
import { type StateManager, watchActivation } from "../state/mod.ts";
import { MetricsDesk } from "./metrics_desk.ts";
import type { TmCore, TmPorts } from "./tm_core.ts";
import { beginTerm, type TmTerm } from "./tm_term.ts";

/** Command lines that may read metrics at the same time. */
const READERS_MAX = 32;

/** What a topology master is started with. */
export interface TmRoleOptions extends RoleOptions {
  openState(root: string): Promise<StateManager>;
}

/** Runs a topology master until its supervisor stops it. */
export async function runTm(options: TmRoleOptions): Promise<void> {
  const files = await openRoleFiles(options.jobFile, "tm");
  await new Tm(options, files).start();
}

class Tm {
  readonly #options: TmRoleOptions;
  readonly #files: RoleFiles;
  readonly #config: SystemConfig;
  readonly #logger: Logger;
  readonly #party: Party;
  readonly #stopping = new AbortController();
  #state: StateManager | undefined;
  #term: TmTerm | undefined;
  #server: Server | undefined;
  #lifeLine: LifeLine | undefined;
  #publisher: MetricPublisher | undefined;
  readonly #metrics: MetricsDesk;
  #isDraining = false;

  constructor(options: TmRoleOptions, files: RoleFiles) {
    this.#options = options;
    this.#files = files;
    this.#logger = files.log.logger;
    this.#config = systemConfigFrom(logicalPlanFromProto(files.job.topology).config);
    this.#metrics = new MetricsDesk({
      clock: options.clock,
      exportMs: this.#config.metricsExportIntervalMs,
      frameBytesMax: this.#config.netFrameBytes,
    });
    this.#party = createParty({ role: Role.TM, id: "tm", incarnation: options.incarnation });
  }

  async start(): Promise<void> {
    const [lifeLine, begun] = await Promise.all([this.#openLifeLine(), this.#tryBegin()]);
    this.#lifeLine = lifeLine;
    if (this.#stopping.signal.aborted) return;
    if (begun instanceof HeronError) return await this.#fail(begun);
    this.#term = begun;
    this.#server = await this.#listen();
    const { port } = this.#server;
    const core = begun.acting();
    core?.start();
    if (this.#isDraining) core?.drain();
    await this.#watchActivation();
    await begun.publish(this.#locationAt(port));
    lifeLine.started(port);
    lifeLine.progressed();
    this.#publisher = this.#publishMetrics(port);
  }

  async #watchActivation(): Promise<void> {
    const { job } = this.#files;
    const state = this.#state;
    // What is run ends with its command line: nobody deactivates it.
    if (state === undefined || !job.submitted) return;
    await watchActivation(state, job.topologyName, {
      onActivation: (isActive) => this.#term?.acting()?.activate(isActive),
      onFault: (error) => this.#logger.error("wishes not read", { error }),
    });
  }

  #openLifeLine(): Promise<LifeLine> {
    const { container, exit } = this.#options;
    return openLifeLine({
      ...this.#wire(),
      socketPath: containerSocket(this.#files.job, container),
      supervisor: { role: Role.CONTAINER, id: containerId(container) },
      onStop: () => void this.#stop(),
      onDrain: () => {
        this.#isDraining = true;
        this.#term?.acting()?.drain();
      },
      onLost: () => exit(CUT_OFF_EXIT_CODE),
    });
  }

  /** Begins a term, or says why it cannot. */
  async #tryBegin(): Promise<TmTerm | HeronError> {
    try {
      return await this.#begin();
    } catch (thrown) {
      return HeronError.from(thrown);
    }
  }

  async #begin(): Promise<TmTerm> {
    const { job } = this.#files;
    const { clock, random, incarnation, container } = this.#options;
    this.#state = await this.#options.openState(job.stateRoot);
    return await beginTerm({
      state: this.#state,
      topology: job.topology,
      packingPlan: job.packingPlan,
      schedulerEpoch: job.schedulerEpoch,
      cycleStallMs: this.#config.cycleStallMs,
      leaseMs: this.#config.tmLeaseMs,
      holder: `tm ${process.pid} on ${hostname()}`,
      life: { party: `${job.topologyId} ${containerId(container)} tm`, ...incarnation },
      clock,
      random,
      signal: this.#stopping.signal,
      news: this.#news(),
      onLost: (error) => {
        this.#logger.fatal("term over", { error });
        this.#options.exit(CUT_OFF_EXIT_CODE);
      },
    });
  }

  /** What is wrong with the records stays wrong: the run is told, so that nobody tries for ever. */
  async #fail(error: HeronError): Promise<void> {
    const { code, message } = error;
    this.#logger.fatal("no term", { error });
    if (code === "corrupt") {
      await this.#lifeLine?.deliver({
        body: { case: "processFailed", value: { party: this.#party, code, message } },
      });
    }
    this.#options.exit(error.code === "fenced" ? CUT_OFF_EXIT_CODE : error.exitCode);
  }

  #wire() {
    const { clock } = this.#options;
    return wireOf(this.#files, this.#party, { config: this.#config, clock });
  }

  #publishMetrics(port: number): MetricPublisher {
    const { job } = this.#files;
    const { clock, random, container } = this.#options;
    const registry = new MetricRegistry(clock);
    registerProcessMetrics(registry, clock);
    registry.total("__tmanager__/unremembered-metrics-count", () => this.#metrics.dropped);
    return startMetricPublisher({
      ...this.#wire(),
      random,
      registry,
      publisher: {
        hostname: hostname(),
        port,
        componentName: "__tmanager__",
        instanceId: "0",
        instanceIndex: -1,
      },
      intervalMs: this.#config.metricsExportIntervalMs,
      folder: job.folder,
      metricsmgrId: metricsmgrId(container),
    });
  }

  #news(): Omit<TmPorts, "storePlan" | "storeEnds"> {
    return {
      running: (tasks, containers) => {
        this.#logger.info("topology runs", { tasks, containers });
        this.#lifeLine?.send({ body: { case: "topologyRunning", value: { tasks, containers } } });
      },
      ended: (totals) => {
        this.#logger.info("topology ended");
        this.#lifeLine?.send({ body: { case: "topologyEnded", value: { tasks: [...totals] } } });
      },
      stalled: (cycle) => this.#tellStall(cycle),
      report: (event, fields) => this.#logger.info(event, fields),
    };
  }

  #tellStall(cycle: string): void {
    const message = `Run topology "${this.#files.job.topologyName}": found the cycle ${cycle} ` +
      `without progress for ${this.#config.cycleStallMs} ms and its credit used, ` +
      "expected a cycle that emits no more than it takes";
    this.#logger.fatal("cycle stalled", { cycle });
    this.#lifeLine?.send({
      body: { case: "processFailed", value: { party: this.#party, code: "stalled", message } },
    });
  }

  #listen(): Promise<Server> {
    return listen({
      ...this.#wire(),
      // Nobody from another machine need even be refused when the cluster is this one.
      address: {
        hostname: hostsOf(this.#files.job).listen,
        port: 0,
      },
      accept: (hello) => {
        const role = hello.from?.role ?? Role.UNSPECIFIED;
        if (role === Role.STMGR || role === Role.METRICSMGR) return this.#server?.supersede(hello);
        if (role !== Role.CLI) return `"${hello.from?.id}" has no business here`;
        const isFull = this.#metrics.readers >= READERS_MAX;
        return isFull ? `There are ${READERS_MAX} readers of metrics already` : undefined;
      },
      handlers: {
        onOpen: (connection) => {
          this.#metrics.opened(connection);
          this.#logger.info("connected", { peer: connection.peer.id });
        },
        onPacket: (connection, packet) => this.#onPacket(connection, packet),
        onClose: (connection, reason) => {
          this.#metrics.closed(connection);
          this.#logger.info("disconnected", { peer: connection.peer.id, reason });
          this.#term?.acting()?.linkClosed(connection);
        },
      },
    });
  }

  #onPacket(connection: Connection, packet: Packet): void {
    if (connection.peer.role !== Role.STMGR) return this.#metrics.take(connection, packet);
    const core = this.#term?.acting();
    if (core !== undefined) this.#fromStmgr(core, connection, packet);
  }

  #fromStmgr(core: TmCore, connection: Connection, packet: Packet): void {
    const { body } = packet;
    switch (body.case) {
      case "registerStmgr": {
        const answer = core.registerStmgr(connection, body.value);
        this.#logger.info("stmgr registered", {
          stmgr: connection.peer.id,
          refused: answer.refused,
        });
        connection.respond(packet.requestId, { case: "stmgrRegistered", value: answer });
        return;
      }
      case "heartbeat":
        connection.respond(packet.requestId, {
          case: "heartbeatAnswer",
          value: { refused: core.heartbeat(connection) ?? "" },
        });
        return;
      case "taskEnded":
        core.taskEnded(body.value);
        return;
      case "taskStuck":
        core.taskStuck(body.value, this.#options.clock.nowMs());
        return;
      default:
        throw new HeronError(
          "protocol",
          `Read a packet of a stream manager: found "${body.case}", expected a registration, heartbeat or end`,
        );
    }
  }

  #locationAt(port: number): Uint8Array {
    const { job } = this.#files;
    return tmanagerLocationRecord({
      topologyName: job.topologyName,
      topologyId: job.topologyId,
      host: hostsOf(job).reached,
      controllerPort: -1,
      serverPort: port,
      statsPort: -1,
    });
  }

  async #stop(): Promise<void> {
    // What comes from now on is left to the next master.
    const released = this.#term?.release();
    this.#stopping.abort();
    await this.#publisher?.flush();
    this.#publisher?.close();
    await released;
    await this.#state?.close();
    await this.#server?.close();
    await this.#files.log.close();
    this.#options.exit(0);
  }
}
