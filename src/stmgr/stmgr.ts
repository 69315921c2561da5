/**
 * The stream manager role: the core with its sockets. Instances come over a
 * unix socket, peers over TCP, and it keeps a connection to the topology
 * master wherever the state store says that it is.
 */

import { hostname } from "node:os";
import { join } from "node:path";
import { type LifeLine, openLifeLine } from "../base/supervision/mod.ts";
import { collectAtRest, HeronError, type Logger } from "../base/mod.ts";
import { type SystemConfig, systemConfigFrom } from "../base/config/mod.ts";
import { type Packet, type Party, Role } from "../base/gen/heron_bin/packet_pb.ts";
import {
  type Connection,
  createParty,
  type HelloTable,
  keepConnected,
  listen,
  type ManagedClient,
  type Server,
} from "../base/wire/mod.ts";
import {
  type MetricPublisher,
  MetricRegistry,
  registerProcessMetrics,
  startMetricPublisher,
} from "../metrics/mod.ts";
import {
  backoffOf,
  containerId,
  containerSocket,
  CUT_OFF_EXIT_CODE,
  hostsOf,
  logicalPlanFromProto,
  metricsmgrId,
  openRoleFiles,
  type RoleFiles,
  type RoleOptions,
  stmgrId,
  wireOf,
} from "../plan/mod.ts";
import type { StateManager } from "../state/mod.ts";
import { PACKET_FIELD } from "../tuples/mod.ts";
import { CoreTimer } from "./core_timer.ts";
import { listenInPlace } from "./own_socket.ts";
import { StmgrCore } from "./stmgr_core.ts";
import { localTasksOf } from "./local_tasks.ts";
import { registerStmgrMetrics } from "./stmgr_metrics.ts";
import type { PeerAddress } from "./stmgr_ports.ts";
import { readStoredState } from "./stored_state.ts";
import { TmClient } from "./tm_client.ts";
import { WaitingMaximum } from "./waiting_maximum.ts";

/** What a stream manager is started with. */
export interface StmgrRoleOptions extends RoleOptions {
  openState(root: string): Promise<StateManager>;
}

const RAW_BODIES = [PACKET_FIELD.batch, PACKET_FIELD.marker, PACKET_FIELD.grant, PACKET_FIELD.acks];
/** A queue that a connection writes by itself is not one that it is too slow for, so acks need not wait. */
const FLUSH_BYTES = 32 * 1024;

/** Runs a stream manager until its supervisor stops it. */
export async function runStmgr(options: StmgrRoleOptions): Promise<void> {
  const files = await openRoleFiles(options.jobFile, stmgrId(options.container));
  const stmgr = new Stmgr(options, files);
  await stmgr.start();
}

class Stmgr {
  readonly #options: StmgrRoleOptions;
  readonly #files: RoleFiles;
  readonly #config: SystemConfig;
  readonly #logger: Logger;
  readonly #party: Party;
  readonly #core: StmgrCore;
  readonly #peers = new Map<
    string,
    { readonly address: PeerAddress; readonly client: ManagedClient }
  >();
  #lifeLine: LifeLine | undefined;
  #instances: Server | undefined;
  #data: Server | undefined;
  #tm: TmClient | undefined;
  readonly #fromInstances = new Map<
    Connection,
    { taskId: number; packets: number; bytes: number }
  >();
  readonly #fromPeers = { packets: 0, bytes: 0 };
  readonly #waiting: WaitingMaximum;
  readonly #timer: CoreTimer;
  #publisher: MetricPublisher | undefined;

  constructor(options: StmgrRoleOptions, files: RoleFiles) {
    this.#options = options;
    this.#files = files;
    this.#logger = files.log.logger;
    const definition = logicalPlanFromProto(files.job.topology);
    this.#config = systemConfigFrom(definition.config);
    const id = stmgrId(options.container);
    this.#party = createParty({ role: Role.STMGR, id, incarnation: options.incarnation });
    this.#core = new StmgrCore({
      stmgrId: id,
      life: options.incarnation,
      localTasks: localTasksOf(
        { definition, packingPlan: files.job.packingPlan },
        options.container,
      ),
      lossSettleMs: this.#config.lossSettleMs,
      acksMergeBytes: Math.max(this.#config.acksMergeBytes, FLUSH_BYTES),
      backpressureReportMs: this.#config.backpressureReportMs,
      nowMs: () => this.#nowMs(),
      ports: {
        dial: (peer) => this.#dial(peer),
        registerNow: () => this.#tm?.registerNow(),
        tellTm: (value) => this.#tm?.tell({ body: { case: "taskEnded", value } }),
        tellStuck: (value) => this.#tm?.tell({ body: { case: "taskStuck", value } }),
        replaced: (reason) =>
          this.#replaced(new HeronError("fenced", `Keep ${id}: found that ${reason}`)),
        report: (event, fields) => this.#logger.info(event, fields),
      },
    });
    this.#timer = new CoreTimer(this.#core, options.clock);
    this.#waiting = new WaitingMaximum(options.clock, () => this.#core.waitingBytes);
  }

  async start(): Promise<void> {
    const { job } = this.#files;
    const { container, clock, exit } = this.#options;
    const state = await this.#options.openState(job.stateRoot);
    const { update, ends } = await readStoredState(state, job);
    this.#core.load(update, ends);
    this.#data = await this.#listenForPeers();
    this.#instances = await this.#listenForInstances();
    this.#tm = new TmClient({
      core: this.#core,
      state,
      topologyName: job.topologyName,
      wire: this.#wire(),
      config: this.#config,
      clock,
      random: this.#options.random,
      address: {
        id: this.#party.id,
        hostName: hostsOf(job).reached,
        dataPort: this.#data.port,
        cwd: job.folder,
      },
      onFenced: (error) => this.#replaced(error),
    });
    await this.#tm.start();
    if (this.#core.isComplete) this.#tm.registerNow();
    this.#lifeLine = await openLifeLine({
      ...this.#wire(),
      socketPath: containerSocket(job, container),
      supervisor: { role: Role.CONTAINER, id: containerId(container) },
      onStop: () => void this.#stop(state),
      onLost: () => exit(CUT_OFF_EXIT_CODE),
    });
    this.#publisher = this.#publish(this.#data.port);
    collectAtRest({ clock, done: () => this.#receivedBytes(), collect: () => Bun.gc(true) });
    this.#lifeLine.started(this.#data.port);
  }

  #receivedBytes(): number {
    return this.#fromInstances.values().reduce(
      (sum, { bytes }) => sum + bytes,
      this.#fromPeers.bytes,
    );
  }

  #publish(port: number): MetricPublisher {
    const { clock, random, container } = this.#options;
    const { metricsExportIntervalMs } = this.#config;
    const registry = new MetricRegistry(clock);
    registerProcessMetrics(registry, clock);
    registerStmgrMetrics(registry, {
      fromInstances: () => this.#fromInstances.values().map((one) => [one.taskId, one] as const),
      toInstances: () => this.#core.toInstances(),
      fromPeers: () => this.#fromPeers,
      toPeers: () => this.#core.toPeers(),
      instanceBuffers: () =>
        Iterator.from(this.#core.toInstances()).map(([id, outlet]) =>
          [id, outlet.waitingBytes] as const
        ),
      dropped: () => this.#core.dropped,
      pressure: () => this.#core.pressure,
      waitingBytes: () => this.#core.waitingBytes,
      waitingBytesMax: () => this.#waiting.bytesMax,
    });
    return startMetricPublisher({
      ...this.#wire(),
      random,
      registry,
      publisher: {
        hostname: hostname(),
        port,
        componentName: "__stmgr__",
        instanceId: this.#party.id,
        instanceIndex: -1,
      },
      intervalMs: metricsExportIntervalMs,
      folder: this.#files.job.folder,
      metricsmgrId: metricsmgrId(container),
    });
  }

  #wire() {
    const { clock } = this.#options;
    return wireOf(this.#files, this.#party, { config: this.#config, clock });
  }

  #listenForInstances(): Promise<Server> {
    const path = join(this.#files.job.folder, "sockets", `${this.#party.id}.sock`);
    const core = this.#core;
    return listenInPlace(path, {
      ...this.#wire(),
      rawBodies: RAW_BODIES,
      accept: (hello) =>
        core.refuseInstance(hello.from?.id ?? "", hello.from?.incarnation) ??
          this.#instances?.supersede(hello),
      handlers: {
        onOpen: (_connection, table) => {
          core.takeTable(table, this.#nowMs());
          this.#timer.schedule();
        },
        onRaw: (connection, body, bytes, start, bodyStart, end) => {
          const traffic = this.#fromInstances.get(connection);
          if (traffic === undefined) throw unexpected("an unregistered instance", `body ${body}`);
          traffic.packets++;
          traffic.bytes += end - start;
          this.#waiting.frameCame();
          core.fromInstance(body, { bytes, start, bodyStart, end });
        },
        onPacket: (connection, packet) => this.#fromInstance(connection, packet),
        onDrain: (connection) => core.linkDrained(connection),
        onClose: (connection, reason) => {
          this.#logger.info("instance disconnected", { instance: connection.peer.id, reason });
          this.#fromInstances.delete(connection);
          core.linkClosed(connection, this.#nowMs());
          this.#timer.schedule();
        },
      },
    });
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }

  #fromInstance(connection: Connection, packet: Packet): void {
    const { body } = packet;
    switch (body.case) {
      case "registerInstance": {
        const taskId = body.value.instance?.info?.taskId ?? 0;
        const life = body.value.incarnation ?? { epoch: 0, counter: 0 };
        this.#fromInstances.set(connection, { taskId, packets: 0, bytes: 0 });
        this.#core.registerInstance(connection, {
          taskId,
          life,
          answer: (value) =>
            connection.respond(packet.requestId, { case: "instanceRegistered", value }),
        });
        return;
      }
      case "taskEnded":
        this.#core.taskEnded(body.value);
        return;
      case "taskStuck":
        this.#core.taskStuck(body.value);
        return;
      case "noCredit":
        this.#core.pressure.noCredit(body.value);
        return this.#timer.schedule();
      case "relieved":
        this.#core.pressure.relieved(body.value.task);
        return this.#timer.schedule();
      default:
        throw unexpected("an instance", body.case);
    }
  }

  /** Where it listened before, if it can: peers find it there without a topology master. */
  async #listenForPeers(): Promise<Server> {
    const before = this.#core.plan?.stmgrs.find(({ stmgrId }) => stmgrId === this.#party.id);
    try {
      return await this.#listenForPeersAt(before?.port ?? 0);
    } catch (thrown) {
      const error = HeronError.from(thrown);
      if (before === undefined || error.code !== "unavailable") throw error;
      this.#logger.warn("former port is taken", { error });
      return await this.#listenForPeersAt(0);
    }
  }

  #listenForPeersAt(port: number): Promise<Server> {
    const core = this.#core;
    return listen({
      ...this.#wire(),
      table: () => core.table(),
      // Nobody from another machine need even be refused when the cluster is this one.
      address: { hostname: hostsOf(this.#files.job).listen, port },
      rawBodies: RAW_BODIES,
      accept: (hello) =>
        hello.from?.role === Role.STMGR
          ? core.refusePeer(hello.from.id, hello.from.incarnation) ?? this.#data?.supersede(hello)
          : `Only stream managers connect here, not "${hello.from?.id}"`,
      handlers: this.#peerHandlers(),
    });
  }

  #peerHandlers() {
    const core = this.#core;
    return {
      onOpen: (connection: Connection, table: HelloTable) => {
        this.#logger.info("peer connected", { peer: connection.peer.id });
        const { id: stmgrId, incarnation: life } = connection.peer;
        core.peerOpened(connection, { stmgrId, life, table }, this.#nowMs());
        this.#timer.schedule();
      },
      onRaw: (
        _connection: Connection,
        body: number,
        bytes: Uint8Array,
        start: number,
        bodyStart: number,
        end: number,
      ) => {
        this.#fromPeers.packets++;
        this.#fromPeers.bytes += end - start;
        this.#waiting.frameCame();
        core.fromPeer(body, { bytes, start, bodyStart, end });
      },
      onPacket: (connection: Connection, { body }: Packet) => {
        const { id } = connection.peer;
        if (body.case === "lossNotice") core.lossNotice(id, body.value, this.#nowMs());
        else if (body.case === "noCredit") core.pressure.noCredit(body.value);
        else if (body.case === "backPressure") {
          core.pressure.peerAnnounces(connection, id, body.value.culprits);
        } else throw unexpected("a peer", body.case);
        this.#timer.schedule();
      },
      onDrain: (connection: Connection) => core.linkDrained(connection),
      onClose: (connection: Connection, reason: HeronError | undefined) => {
        this.#logger.warn("peer disconnected", { peer: connection.peer.id, reason });
        core.linkClosed(connection, this.#nowMs());
        this.#timer.schedule();
      },
    };
  }

  #dial(peer: PeerAddress): void {
    const known = this.#peers.get(peer.stmgrId);
    if (
      known !== undefined && known.address.host === peer.host && known.address.port === peer.port
    ) {
      return;
    }
    known?.client.close("The peer has another address");
    const client = keepConnected({
      ...this.#wire(),
      table: () => this.#core.table(),
      address: () => ({ hostname: peer.host, port: peer.port }),
      to: { role: Role.STMGR, id: peer.stmgrId },
      random: this.#options.random,
      backoff: backoffOf(this.#config),
      rawBodies: RAW_BODIES,
      handlers: this.#peerHandlers(),
      onFailure: (error, attempts) => {
        this.#logger.warn("peer not reached", { error, attempts });
        if (error.code === "fenced") this.#replaced(error);
      },
    });
    this.#peers.set(peer.stmgrId, { address: peer, client });
  }

  /** Another incarnation has taken this one's place. */
  #replaced(error: HeronError): void {
    this.#logger.fatal("replaced", { error });
    this.#options.exit(CUT_OFF_EXIT_CODE);
  }

  async #stop(state: StateManager): Promise<void> {
    await this.#publisher?.flush();
    this.#publisher?.close();
    for (const { client } of this.#peers.values()) client.close("The stream manager stops");
    this.#tm?.close();
    await state.close();
    await this.#files.log.close();
    this.#options.exit(0);
  }
}

function unexpected(from: string, found: string | undefined): HeronError {
  return new HeronError("protocol", `Read a packet of ${from}: found "${found}", expected another`);
}
