/**
 * One life of a simulated stream manager: its core, the links of its
 * instances, of its peers and to the topology master, wherever the store says that one is.
 */

import {
  type PlanUpdate,
  PlanUpdateSchema,
  type TaskEnded,
  TaskEndsSchema,
  type TaskStuck,
} from "../base/gen/heron_bin/packet_pb.ts";
import { decodeRecord, readTmanagerLocation, stmgrId } from "../plan/mod.ts";
import { topologyPaths } from "../state/mod.ts";
import { localTasksOf, StmgrCore } from "../stmgr/mod.ts";
import { PACKET_FIELD, type TaskLife } from "../tuples/mod.ts";
import { batchOf, isTuplePath, packetOf, peekFrame, send, type SimFrame } from "./frames.ts";
import { KeptLink } from "./kept_link.ts";
import type { SimChild } from "./sim_container.ts";
import { compareLives, type Hello, Listener, type PeerHandlers } from "./sim_network.ts";
import type { SimRun } from "./sim_run.ts";
import type { LinkEnd } from "./virtual_link.ts";
import { VirtualProcess } from "./virtual_process.ts";

const FRAMES_A_MEASURE = 16;
/** How long a new socket may wait for its name. */
const NAMING_DELAY_MAX_MS = 30;

/** What a simulated stream manager is made of. */
export interface SimStmgrOptions {
  readonly run: SimRun;
  readonly container: number;
  readonly life: TaskLife;
}

/** A life of a stream manager. */
export class SimStmgr implements SimChild {
  readonly container: number;
  readonly id: string;
  readonly life: TaskLife;
  readonly process: VirtualProcess;
  readonly core: StmgrCore;
  readonly #run: SimRun;
  readonly #peers = new Map<string, { readonly port: number; readonly link: KeptLink }>();
  readonly #peerIds = new Map<LinkEnd, string>();
  #tm: { readonly port: number; readonly link: KeptLink } | undefined;
  #port = 0;
  #isRegistrationDue = false;
  #addressVersion = 0;
  #wakeUp: { readonly dueMs: number; cancel(): void } | undefined;
  #frames = 0;
  #waitingBytesMax = 0;
  /** The newest life of each own task of which a batch came. */
  readonly #newest = new Map<number, TaskLife>();

  /** A stream manager that reads what is stored, and listens then. */
  constructor({ run, container, life }: SimStmgrOptions) {
    this.#run = run;
    this.container = container;
    this.id = stmgrId(container);
    this.life = life;
    this.process = new VirtualProcess(this.id, run.world, 0.3);
    const { config } = run.scenario;
    this.core = new StmgrCore({
      stmgrId: this.id,
      life,
      localTasks: localTasksOf(run.scenario, container),
      lossSettleMs: config.lossSettleMs,
      acksMergeBytes: config.acksMergeBytes,
      backpressureReportMs: config.backpressureReportMs,
      nowMs: () => this.#nowMs,
      ports: {
        dial: (peer) => this.#dial(peer.stmgrId, peer.port),
        registerNow: () => this.#registerNow(),
        tellTm: (value) => this.#tellTm({ case: "taskEnded", value }),
        tellStuck: (value) => this.#tellTm({ case: "taskStuck", value }),
        replaced: (reason) => this.#leave(reason),
        report: (event) => run.world.note(() => `${this.id}: ${event}`),
      },
    });
    this.process.post(() => void this.#start());
  }

  kill(): void {
    this.process.kill();
  }

  stopUntil(timeMs: number): void {
    this.process.holdUntil(timeMs);
  }

  #leave(reason: string): void {
    this.#run.world.note(() => `${this.id} leaves: ${reason}`);
    // At the end of what happens now.
    this.process.post(() => this.kill());
  }

  async #start(): Promise<void> {
    const { store, registry, scenario, world } = this.#run;
    const state = store.openFor(this.process);
    const paths = topologyPaths(scenario.definition.name);
    const [plan, ends] = await Promise.all([
      state.get(paths.planUpdate),
      state.get(paths.taskEnds),
    ]);
    const update = plan && decodeRecord(PlanUpdateSchema, plan.bytes, "the stored plan");
    const ended = ends && decodeRecord(TaskEndsSchema, ends.bytes, "the stored ends");
    this.core.load(update, ended?.ended ?? []);
    this.#checkPlan();
    const former = this.core.plan?.stmgrs.find((one) => one.stmgrId === this.id)?.port;
    const peers = this.#listener(
      this.#peerHandlers(),
      (hello) => this.core.refusePeer(hello.id, hello.life),
    );
    this.#port = registry.takePort(former, peers);
    await this.process.sleep(world.delayMs(NAMING_DELAY_MAX_MS));
    const instances = new Listener({
      process: this.process,
      site: this.container,
      hello: () => this.#hello(),
      supersedes: true,
      refuse: (hello) => this.core.refuseInstance(hello.id, hello.life),
      handlers: this.#instanceHandlers,
    });
    registry.takePath(`${this.id}.sock`, instances, this.life);
    await state.watch(paths.tmanager, (record) => {
      if (record !== undefined) this.#foundTm(readTmanagerLocation(record.bytes).serverPort);
    });
    if (this.core.isComplete) this.#registerNow();
    this.#schedule();
  }

  #listener(handlers: PeerHandlers, refuse: (hello: Hello) => string | undefined): Listener {
    return new Listener({
      process: this.process,
      site: this.container,
      hello: () => this.#hello(),
      supersedes: false,
      refuse,
      handlers,
    });
  }

  #hello(): Hello {
    const { tasks, stmgrs } = this.core.table();
    // A copy, as it would be on its way.
    const table = { tasks: [...tasks], stmgrs: [...stmgrs] };
    return { role: "stmgr", id: this.id, life: this.life, table };
  }

  get #nowMs(): number {
    return this.process.clock.nowMs();
  }

  /** Lets the core know when its time has come. */
  #schedule(): void {
    const { dueMs } = this.core;
    if (dueMs === this.#wakeUp?.dueMs) return;
    this.#wakeUp?.cancel();
    this.#wakeUp = undefined;
    if (dueMs === undefined) return;
    const timer = this.process.clock.after(Math.max(0, dueMs - this.#nowMs), () => {
      this.#wakeUp = undefined;
      this.core.timer(this.#nowMs);
      this.#schedule();
    });
    this.#wakeUp = { dueMs, cancel: () => timer.cancel() };
  }

  // The topology master.

  #registerNow(): void {
    this.#isRegistrationDue = true;
    const end = this.#tm?.link.end;
    if (end !== undefined) this.#register(end);
  }

  #register(end: LinkEnd): void {
    this.#run.world.note(() => `${this.id}: registers with the topology master`);
    const value = this.core.registration({
      id: this.id,
      hostName: "simulated",
      dataPort: this.#port,
      localDataPort: 0,
      localEndpoint: "/unused",
      cwd: "",
      pid: this.container,
      shellPort: 0,
    });
    send(end, { requestId: 1, body: { case: "registerStmgr", value } });
  }

  #tellTm(
    body: { case: "taskEnded"; value: TaskEnded } | { case: "taskStuck"; value: TaskStuck },
  ): void {
    const end = this.#tm?.link.end;
    if (end !== undefined) send(end, { body });
  }

  #foundTm(port: number): void {
    if (this.#tm?.port === port) return;
    this.#tm?.link.close();
    const { registry } = this.#run;
    const link = this.#keep({
      kinds: ["tm", "tm"],
      address: () => registry.atPort(port),
      handlers: {
        opened: (end) => {
          if (this.#isRegistrationDue) this.#register(end);
        },
        frame: (end, bytes) => this.#fromTm(end, bytes),
        closed: () => {},
      },
    });
    this.#tm = { port, link };
  }

  #keep(
    options: Pick<ConstructorParameters<typeof KeptLink>[0], "kinds" | "address" | "handlers">,
  ): KeptLink {
    return new KeptLink({
      ...options,
      network: this.#run.network,
      process: this.process,
      site: this.container,
      hello: () => this.#hello(),
      refused: (reason) => this.#leave(reason),
    });
  }

  #fromTm(end: LinkEnd, bytes: Uint8Array): void {
    const { world, terms } = this.#run;
    const { body } = packetOf(peekFrame(bytes));
    if (body.case === "planUpdate") this.takePlan(body.value);
    else if (body.case === "drainSpouts") this.core.drainSpouts();
    else if (body.case === "endsStored") this.core.endsStored(body.value.tasks);
    else if (body.case === "stmgrRegistered") {
      if (body.value.refused !== "") return this.#leave(body.value.refused);
      if (this.core.registered(this.#run.interposer.fromMaster(body.value), this.#nowMs)) {
        terms.accepted(this.#name, body.value);
        this.#checkPlan();
      } else end.close();
    } else world.break(`${this.id} got "${body.case}" from the topology master`);
    this.#schedule();
  }

  get #name(): string {
    return `${this.id} ${this.life.epoch}.${this.life.counter}`;
  }

  /** A plan comes, of whatever master. */
  takePlan(update: PlanUpdate): void {
    const isTaken = this.core.takePlan(this.#run.interposer.fromMaster(update), this.#nowMs);
    if (isTaken) {
      this.#run.terms.accepted(this.#name, update);
      this.#checkPlan();
    }
    this.#schedule();
  }

  #checkPlan(): void {
    const addresses = this.core.plan?.addressVersion ?? 0;
    if (addresses < this.#addressVersion) {
      this.#run.world.break(
        `${this.id}: its plan goes back from ${this.#addressVersion} to ${addresses}`,
      );
    }
    this.#addressVersion = addresses;
  }

  // Peers.

  #dial(peer: string, port: number): void {
    const known = this.#peers.get(peer);
    if (known?.port === port) return;
    known?.link.close();
    const { registry } = this.#run;
    const link = this.#keep({
      kinds: ["peer", "peer"],
      address: () => registry.atPort(port),
      handlers: this.#peerHandlers(),
    });
    this.#peers.set(peer, { port, link });
  }

  #peerHandlers(): PeerHandlers {
    const { world } = this.#run;
    return {
      opened: (end, { id, life, table }) => {
        world.note(() => `${this.id}: link to ${id} is open`);
        this.#peerIds.set(end, id);
        this.core.peerOpened(end, { stmgrId: id, life, table }, this.#nowMs);
        this.#schedule();
      },
      frame: (end, bytes) => {
        this.#fromPeer(end, bytes);
        this.#measure();
      },
      drained: (end) => this.core.linkDrained(end),
      closed: (end) => {
        world.note(() => `${this.id}: link to ${this.#peerIds.get(end)} has ended`);
        this.#peerIds.delete(end);
        this.core.linkClosed(end, this.#nowMs);
        this.#schedule();
      },
    };
  }

  #fromPeer(end: LinkEnd, bytes: Uint8Array): void {
    const peer = this.#peerIds.get(end) ?? "";
    const frame = peekFrame(bytes);
    if (isTuplePath(frame) && frame.body !== PACKET_FIELD.lossNotice) {
      this.core.fromPeer(frame.body, frame);
      return;
    }
    const { body } = packetOf(frame);
    if (body.case === "lossNotice") this.core.lossNotice(peer, body.value, this.#nowMs);
    else if (body.case === "noCredit") this.core.pressure.noCredit(body.value);
    else if (body.case === "backPressure") {
      this.core.pressure.peerAnnounces(end, peer, body.value.culprits);
    } else this.#run.world.break(`${this.id} got "${body.case}" from ${peer}`);
    this.#schedule();
  }

  // Instances.

  readonly #instanceHandlers: PeerHandlers = {
    opened: (_end, { table }) => {
      this.core.takeTable(table, this.#nowMs);
      this.#schedule();
    },
    frame: (end, bytes) => {
      const frame = peekFrame(bytes);
      if (isTuplePath(frame)) {
        this.#checkLife(frame);
        this.core.fromInstance(frame.body, frame);
        this.#measure();
        return;
      }
      const { body } = packetOf(frame);
      if (body.case === "taskEnded") this.core.taskEnded(body.value);
      else if (body.case === "taskStuck") this.core.taskStuck(body.value);
      else if (body.case === "noCredit") {
        this.core.pressure.noCredit(body.value);
        this.#schedule();
      } else if (body.case === "relieved") {
        this.core.pressure.relieved(body.value.task);
        this.#schedule();
      } else if (body.case === "registerInstance") {
        const taskId = body.value.instance?.info?.taskId ?? 0;
        const life = body.value.incarnation ?? { epoch: 0, counter: 0 };
        this.core.registerInstance(end, {
          taskId,
          life,
          answer: (value) =>
            send(end, { responseTo: 1, body: { case: "instanceRegistered", value } }),
        });
        this.#schedule();
      } else this.#run.world.break(`${this.id} got "${body.case}" from an instance`);
    },
    drained: (end) => this.core.linkDrained(end),
    closed: (end) => {
      this.core.linkClosed(end, this.#nowMs);
      this.#schedule();
    },
  };

  /** A task speaks in its newest life only. */
  #checkLife(frame: SimFrame): void {
    const batch = batchOf(frame);
    if (batch === undefined) return;
    const newest = this.#newest.get(batch.source);
    if (newest !== undefined && compareLives(batch.life, newest) < 0) {
      this.#run.world.break(
        `${this.id} takes a batch of an earlier life of task ${batch.source} after one of a later`,
      );
    }
    this.#newest.set(batch.source, batch.life);
  }

  /** The most bytes that were seen waiting in it. */
  get waitingBytesMax(): number {
    return this.#waitingBytesMax;
  }

  /** Looks at its queues, now and then: that takes as long as there are queues. */
  #measure(): void {
    if (++this.#frames % FRAMES_A_MEASURE !== 0) return;
    this.#waitingBytesMax = Math.max(this.#waitingBytesMax, this.core.waitingBytes);
  }
}
