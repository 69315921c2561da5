/**
 * The topology master role: takes the lease, tells where it is, serves the
 * stream managers, and stores the physical plan before it is sent.
 */

import { hostname } from "node:os";
import { type LifeLine, openLifeLine } from "../base/supervision/mod.ts";
import { HeronError, type Logger } from "../base/mod.ts";
import { type SystemConfig, systemConfigFrom } from "../base/config/mod.ts";
import { PhysicalPlanSchema } from "../base/gen/heron/physical_plan_pb.ts";
import { type Packet, type Party, type PlanUpdate, Role } from "../base/gen/heron_bin/packet_pb.ts";
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
  encodeRecord,
  hostsOf,
  logicalPlanFromProto,
  metricsmgrId,
  openRoleFiles,
  type RoleFiles,
  type RoleOptions,
  tmanagerLocationRecord,
  wireOf,
} from "../plan/mod.ts";
import {
  acquireLease,
  type Lease,
  type StateManager,
  topologyPaths,
  type Version,
} from "../state/mod.ts";
import { TmCore } from "./tm_core.ts";

/** What a topology master is started with. */
export interface TmRoleOptions extends RoleOptions {
  openState(root: string): Promise<StateManager>;
}

/** Runs a topology master until its supervisor stops it. */
export async function runTm(options: TmRoleOptions): Promise<void> {
  const files = await openRoleFiles(options.jobFile, () => "tm");
  await new Tm(options, files).start();
}

class Tm {
  readonly #options: TmRoleOptions;
  readonly #files: RoleFiles;
  readonly #config: SystemConfig;
  readonly #logger: Logger;
  readonly #party: Party;
  #core: TmCore | undefined;
  #server: Server | undefined;
  #lifeLine: LifeLine | undefined;
  #planVersion: Version | undefined;
  #publisher: MetricPublisher | undefined;

  constructor(options: TmRoleOptions, files: RoleFiles) {
    this.#options = options;
    this.#files = files;
    this.#logger = files.log.logger;
    this.#config = systemConfigFrom(logicalPlanFromProto(files.job.topology).config);
    this.#party = createParty({ role: Role.TM, id: "tm", incarnation: options.incarnation });
  }

  async start(): Promise<void> {
    const { job } = this.#files;
    const { container, clock, exit } = this.#options;
    const state = await this.#options.openState(job.stateRoot);
    const lease = await acquireLease({
      state,
      path: topologyPaths(job.topologyName).tmLease,
      holder: `tm ${process.pid} on ${hostname()}`,
      durationMs: this.#config.tmLeaseMs,
      clock,
      onLost: (error) => {
        this.#logger.fatal("lease lost", { error });
        exit(CUT_OFF_EXIT_CODE);
      },
    });
    const stored = await state.get(topologyPaths(job.topologyName).physicalPlan);
    this.#planVersion = stored?.version;
    this.#core = this.#createCore(state, lease);
    this.#server = await this.#listen(this.#core);
    this.#lifeLine = await openLifeLine({
      ...this.#wire(),
      socketPath: containerSocket(job, container),
      supervisor: { role: Role.CONTAINER, id: containerId(container) },
      onStop: () => void this.#stop(state, lease),
      onDrain: () => this.#core?.drain(),
      onLost: () => exit(CUT_OFF_EXIT_CODE),
    });
    await this.#publish(state, this.#server.port);
    this.#publisher = this.#publishMetrics(this.#server.port);
    this.#lifeLine.started(this.#server.port);
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

  #createCore(state: StateManager, lease: Lease): TmCore {
    const { job } = this.#files;
    return new TmCore({
      topology: job.topology,
      packingPlan: job.packingPlan,
      schedulerEpoch: job.schedulerEpoch,
      leaseNumber: BigInt(lease.epoch),
      cycleStallMs: this.#config.cycleStallMs,
      ports: {
        storePlan: (update) => void this.#storePlan(state, lease, update),
        running: (tasks, containers) => {
          this.#logger.info("topology runs", { tasks, containers });
          this.#lifeLine?.send({
            body: { case: "topologyRunning", value: { tasks, containers } },
          });
        },
        ended: (totals) => {
          this.#logger.info("topology ended");
          this.#lifeLine?.send({
            body: { case: "topologyEnded", value: { tasks: [...totals] } },
          });
        },
        stalled: (cycle) => this.#tellStall(cycle),
        report: (event, fields) => this.#logger.info(event, fields),
      },
    });
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

  async #storePlan(state: StateManager, lease: Lease, update: PlanUpdate): Promise<void> {
    const { job } = this.#files;
    try {
      if (update.plan === undefined) throw new TypeError("A plan update without a plan");
      const bytes = encodeRecord(PhysicalPlanSchema, update.plan);
      if (!lease.isHeld()) throw new HeronError("fenced", "Store the physical plan: lease lost");
      const path = topologyPaths(job.topologyName).physicalPlan;
      this.#planVersion = await replace(state, { path, bytes, expected: this.#planVersion });
      this.#core?.planStored();
    } catch (thrown) {
      this.#logger.fatal("plan not stored", { error: HeronError.from(thrown) });
      this.#options.exit(CUT_OFF_EXIT_CODE);
    }
  }

  #listen(core: TmCore): Promise<Server> {
    return listen({
      ...this.#wire(),
      // Nobody from another machine need even be refused when the cluster is this one.
      address: {
        hostname: hostsOf(this.#files.job).listen,
        port: 0,
      },
      accept: (hello) =>
        hello.from?.role === Role.STMGR
          ? this.#server?.supersede(hello)
          : `Only stream managers connect here, not "${hello.from?.id}"`,
      handlers: {
        onOpen: (connection) => this.#logger.info("stmgr connected", { stmgr: connection.peer.id }),
        onPacket: (connection, packet) => this.#fromStmgr(core, connection, packet),
        onClose: (connection, reason) => {
          this.#logger.info("stmgr disconnected", { stmgr: connection.peer.id, reason });
          core.linkClosed(connection);
        },
      },
    });
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

  async #publish(state: StateManager, port: number): Promise<void> {
    const { job } = this.#files;
    const location = tmanagerLocationRecord({
      topologyName: job.topologyName,
      topologyId: job.topologyId,
      host: hostsOf(job).reached,
      controllerPort: -1,
      serverPort: port,
      statsPort: -1,
    });
    const path = topologyPaths(job.topologyName).tmanager;
    const known = await state.get(path);
    await replace(state, { path, bytes: location, expected: known?.version });
  }

  async #stop(state: StateManager, lease: Lease): Promise<void> {
    await this.#publisher?.flush();
    this.#publisher?.close();
    await lease.release();
    await state.close();
    await this.#server?.close();
    await this.#files.log.close();
    this.#options.exit(0);
  }
}

/** Compare-and-set: replaces what had the version expected, or makes the record where there was none. */
function replace(
  state: StateManager,
  { path, bytes, expected }: { path: string; bytes: Uint8Array; expected: Version | undefined },
): Promise<Version> {
  return expected === undefined ? state.create(path, bytes) : state.set(path, bytes, expected);
}
