/** A simulated stream manager: its core, the links of its instances, of its peers and to the master. */

import type { PlanUpdate, TaskEnded, TaskStuck } from "../base/gen/heron_bin/packet_pb.ts";
import { encodeFrame, type PacketInit } from "../base/wire/mod.ts";
import { instanceId, stmgrId } from "../plan/mod.ts";
import { type LocalTask, StmgrCore } from "../stmgr/mod.ts";
import { isTuplePath, packetOf, peekFrame } from "./frames.ts";
import { EPOCH } from "./sim_tm.ts";
import type { LinkEnd, LinkHandlers } from "./virtual_link.ts";
import { VirtualProcess } from "./virtual_process.ts";
import type { VirtualWorld } from "./virtual_world.ts";

const FRAMES_A_MEASURE = 16;

/** What a simulated stream manager is made of. */
export interface SimStmgrOptions {
  readonly world: VirtualWorld;
  readonly container: number;
  readonly tasks: readonly { taskId: number; componentName: string; componentIndex: number }[];
  /** Keep a link from this stream manager to that of `container`. */
  dial(container: number): void;
}

/** A stream manager of a run. */
export class SimStmgr {
  readonly container: number;
  readonly id: string;
  readonly process: VirtualProcess;
  readonly core: StmgrCore;
  readonly #world: VirtualWorld;
  readonly #peers = new Map<LinkEnd, string>();
  #tm: LinkEnd | undefined;
  #isRegistrationDue = false;
  #addressVersion = 0;
  #frames = 0;
  #waitingBytesMax = 0;
  #controlBytes = 0;

  /** A stream manager without links. */
  constructor(options: SimStmgrOptions) {
    const { world, container, tasks } = options;
    this.#world = world;
    this.container = container;
    this.id = stmgrId(container);
    this.process = new VirtualProcess(this.id, world, 0.3);
    const localTasks: LocalTask[] = tasks.map((task) => ({
      taskId: task.taskId,
      instanceId: instanceId(container, task.componentName, task.taskId),
      component: task.componentName,
      componentIndex: task.componentIndex,
    }));
    this.core = new StmgrCore({
      stmgrId: this.id,
      life: { epoch: EPOCH, counter: container },
      localTasks,
      ports: {
        dial: (peer) => options.dial(Number(peer.stmgrId.slice("stmgr-".length))),
        registerNow: () => this.#registerNow(),
        tellTm: (value) => this.#tellTm({ case: "taskEnded", value }),
        tellStuck: (value) => this.#tellTm({ case: "taskStuck", value }),
        report: (event) => world.note(() => `${this.id}: ${event}`),
      },
    });
  }

  #registerNow(): void {
    this.#isRegistrationDue = true;
    if (this.#tm !== undefined) this.#register(this.#tm);
  }

  #register(end: LinkEnd): void {
    const value = this.core.registration({
      id: this.id,
      hostName: "simulated",
      dataPort: 1000 + this.container,
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
    if (this.#tm !== undefined) send(this.#tm, { body });
  }

  /** The most bytes that were seen waiting in it, control packets beside. */
  get waitingBytesMax(): number {
    return this.#waitingBytesMax;
  }

  /** Looks at its queues, now and then: that takes as long as there are queues. */
  #measure(): void {
    if (++this.#frames % FRAMES_A_MEASURE !== 0) return;
    const waiting = this.core.waitingBytes - this.#controlBytes;
    this.#waitingBytesMax = Math.max(this.#waitingBytesMax, waiting);
  }

  /** Counts what is sent besides the tuple path: no credit bounds it. */
  countControl(bytes: Uint8Array): void {
    this.#controlBytes += bytes.length;
  }

  /** A plan comes, of whatever master. */
  takePlan(update: PlanUpdate): void {
    const isTaken = this.core.takePlan(update);
    if (!isTaken) return;
    this.#checkPlan();
  }

  #checkPlan(): void {
    const addresses = this.core.plan?.addressVersion ?? 0;
    if (addresses < this.#addressVersion) {
      this.#world.break(
        `${this.id}: its plan goes back from ${this.#addressVersion} to ${addresses}`,
      );
    }
    this.#addressVersion = addresses;
  }

  /** The link to the topology master. */
  readonly tmHandlers: LinkHandlers = {
    opened: (end) => {
      this.#tm = end;
      if (this.#isRegistrationDue) this.#register(end);
    },
    frame: (_end, bytes) => {
      const { body } = packetOf(peekFrame(bytes));
      if (body.case === "planUpdate") this.takePlan(body.value);
      else if (body.case === "drainSpouts") this.core.drainSpouts();
      else if (body.case === "stmgrRegistered") {
        this.core.registered(body.value);
        this.#checkPlan();
      } else this.#world.break(`${this.id} got "${body.case}" from the topology master`);
    },
    closed: (end) => {
      if (this.#tm === end) this.#tm = undefined;
    },
  };

  /** Links to and from peers; `peer` is on the other side. */
  peerHandlers(peer: string, closed: () => void): LinkHandlers {
    return {
      opened: (end) => {
        this.#world.note(() => `${this.id}: link to ${peer} is open`);
        this.#peers.set(end, peer);
        this.core.peerOpened(end, peer);
      },
      frame: (_end, bytes) => {
        const frame = peekFrame(bytes);
        this.core.fromPeer(frame.body, frame);
        this.#measure();
      },
      closed: (end) => {
        this.#world.note(() => `${this.id}: link to ${peer} has ended`);
        this.#peers.delete(end);
        this.core.linkClosed(end);
        closed();
      },
    };
  }

  /** Links of instances. */
  readonly instanceHandlers: LinkHandlers = {
    opened: () => {},
    frame: (end, bytes) => {
      const frame = peekFrame(bytes);
      if (isTuplePath(frame)) {
        this.core.fromInstance(frame.body, frame);
        this.#measure();
        return;
      }
      const { body } = packetOf(frame);
      if (body.case === "taskEnded") this.core.taskEnded(body.value);
      else if (body.case === "taskStuck") this.core.taskStuck(body.value);
      else if (body.case === "registerInstance") {
        const task = body.value.instance?.info?.taskId ?? 0;
        const life = body.value.incarnation ?? { epoch: 0, counter: 0 };
        const plan = this.core.registerInstance(end, task, life);
        const value = plan === undefined ? {} : { plan };
        send(end, { responseTo: 1, body: { case: "instanceRegistered", value } });
      } else this.#world.break(`${this.id} got "${body.case}" from an instance`);
    },
    closed: (end) => this.core.linkClosed(end),
  };
}

/** Sends a packet over an end. */
export function send(end: LinkEnd, packet: PacketInit): void {
  const frame = encodeFrame(packet);
  end.sendFrame(frame, 0, frame.length);
}
