/**
 * A supervisor: listens for the life lines of its children, keeps the timer, starts and
 * kills as its core says. How a child is started and what its words mean is its owner's.
 */

import type { Hello, Incarnation, Packet, Role } from "../gen/heron_bin/packet_pb.ts";
import { assertDefined, type Clock, HeronError, type Logger, type Timer } from "../mod.ts";
import {
  type Connection,
  listen,
  type PacketInit,
  type PartyInit,
  type Server,
  type TcpAddress,
} from "../wire/mod.ts";
import type { ChildExit, ChildProcess } from "./child_process.ts";
import { lastingLimits } from "./lasting_line.ts";
import { LIFE_LINE_LIMITS } from "./life_line.ts";
import type { CrashLimits, LifeFailure } from "./crash_policy.ts";
import {
  type SupervisorAction,
  SupervisorCore,
  type SupervisorEvent,
  type WatchedChild,
} from "./supervisor_core.ts";

/** A child of a supervisor. */
export interface SupervisedChild extends WatchedChild {
  readonly role: Role;
}

/** What the end of a child means. */
export interface ChildEnd {
  /** Which life ended. */
  readonly incarnation: Pick<Incarnation, "epoch" | "counter">;
  /** It was told to, or killed when all were to end. */
  readonly expected: boolean;
  /** It starts again, if it has not yet. */
  readonly restarts: boolean;
}

/** What a supervisor needs. */
export interface SupervisorOptions<Child extends SupervisedChild> {
  readonly self: PartyInit;
  /** Where its children reach it, unless they are elsewhere. */
  readonly socketPath: string;
  /** Its children are on other machines. @default on this one */
  readonly remote?: RemoteChildren;
  readonly topologyId: string;
  readonly secret: Uint8Array;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of the incarnations of its children. */
  readonly epoch: number;
  /** Time that children have from Stop to their end, in milliseconds. */
  readonly stopMs: number;
  /** How often a child that ends unasked is started again. */
  readonly restarts: CrashLimits;
  readonly children: readonly Child[];
  readonly handlers: SupervisorHandlers<Child>;
}

/** How children on other machines reach their supervisor. */
export interface RemoteChildren {
  readonly address: TcpAddress;
  /** Time that they have to open a lost life line again, in milliseconds. */
  readonly graceMs: number;
}

/** Who starts the children and is told what they do. */
export interface SupervisorHandlers<Child extends SupervisedChild> {
  /** Starts a child; throws HeronError when that fails. */
  spawn(child: Child, incarnation: Pick<Incarnation, "epoch" | "counter">): ChildProcess;
  /** A child that an earlier supervisor may have left. @default children are never adopted */
  adopt?(child: Child): ChildProcess;
  /** Its life line is open. @default nothing */
  onConnected?(child: Child): void;
  /** A packet of a child. What is asked for is acknowledged when the promise resolves; it never rejects. */
  onPacket(child: Child, packet: Packet): void | Promise<void>;
  onExited(child: Child, exit: ChildExit, end: ChildEnd): void;
  /** All have ended, as was asked; called once. */
  onStopped(): void;
  /** Whether children that are late may be killed now. @default yes */
  mayKill?(): boolean;
}

/** Exit code of a child that could not be started, as shells have it. */
const NOT_STARTED = 127;

/** So long an adopted child may take to open a life line that was closed; it tries again at once. */
const RETURN_MS = 3000;

/** The supervisor of some children. */
export class Supervisor<Child extends SupervisedChild> {
  readonly #options: SupervisorOptions<Child>;
  readonly #children: ReadonlyMap<string, Child>;
  readonly #processes = new Map<string, ChildProcess>();
  readonly #lines = new Map<string, Connection>();
  /** Of children that an earlier supervisor started: its epoch. */
  readonly #adoptedEpochs = new Map<string, number>();
  readonly #core: SupervisorCore;
  #server: Server | undefined;
  #timer: Timer | undefined;

  constructor(options: SupervisorOptions<Child>) {
    const { children, stopMs, restarts: limits, remote } = options;
    this.#options = options;
    this.#children = new Map(children.map((child) => [child.id, child]));
    this.#core = new SupervisorCore({
      ...{ children, stopMs, limits },
      graceMs: remote?.graceMs ?? 0,
    });
  }

  /** The TCP port on which it listens for children elsewhere; 0: it does not. */
  get port(): number {
    return this.#server?.port ?? 0;
  }

  /**
   * Listens and starts all children; those in `orphans`, who may still be there from an earlier
   * supervisor, only when they do not connect within the grace.
   * @throws HeronError `unavailable` when it cannot listen
   */
  async start(orphans: readonly string[] = []): Promise<void> {
    const { self, socketPath, remote, topologyId, secret, clock, logger } = this.#options;
    this.#server = await listen({
      address: remote?.address ?? { unix: socketPath },
      self,
      topologyId,
      secret,
      clock,
      logger,
      limits: remote === undefined ? LIFE_LINE_LIMITS : lastingLimits(remote.graceMs),
      accept: (hello) => this.#refusalOf(hello),
      handlers: {
        onOpen: (connection) => this.#onOpen(connection),
        onPacket: (connection, packet) => this.#onPacket(connection, packet),
        onClose: (connection) => this.#onClose(connection),
      },
    });
    const adopted = new Set<string>();
    for (const id of orphans) {
      const left = this.#options.handlers.adopt?.(this.#child(id));
      if (left === undefined) continue;
      this.#follow(id, left);
      adopted.add(id);
    }
    this.#handle({ type: "start", orphans: adopted });
  }

  /** Asks all children to end; late ones are killed. Idempotent. */
  stop(reason: string): void {
    this.#handle({ type: "stop", reason });
  }

  /** Kills all children now. */
  kill(): void {
    this.#handle({ type: "kill" });
  }

  /** Kills one child, which starts again unless its crashes are too many; `failure` is why. */
  end(id: string, failure: LifeFailure): void {
    this.#handle({ type: "failed", id, failure });
    this.#options.logger.warn("process killed", { process: id, ...failure });
    this.#processes.get(id)?.kill();
  }

  /** Asks one child to end, which then starts again; nothing when it is just about to start. */
  restart(id: string, reason: string): void {
    this.#handle({ type: "restart", id, reason });
  }

  /** Which life of a child runs, or ran last. */
  incarnationOf(id: string): Pick<Incarnation, "epoch" | "counter"> {
    const state = this.#core.stateOf(id);
    return { epoch: this.#epochOf(id), counter: "counter" in state ? state.counter : 0 };
  }

  /** Sends a packet to a child; false when its life line is not open. */
  send(id: string, packet: PacketInit): boolean {
    const line = this.#lines.get(id);
    line?.send(packet);
    return line !== undefined;
  }

  /** Stops to listen, when all children have ended. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#server?.close();
  }

  #handle(event: SupervisorEvent): void {
    const { clock } = this.#options;
    for (const action of this.#core.handle(event, clock.nowMs())) this.#perform(action);
    this.#timer?.cancel();
    const { dueMs } = this.#core;
    if (dueMs === undefined) return;
    this.#timer = clock.after(Math.max(0, dueMs - clock.nowMs()), () => {
      this.#handle({ type: "timer", mayKill: this.#options.handlers.mayKill?.() ?? true });
    });
  }

  #perform(action: SupervisorAction): void {
    const { logger, handlers } = this.#options;
    switch (action.type) {
      case "spawn":
        return this.#spawn(this.#child(action.id), action.counter);
      case "tell_stop":
        this.send(action.id, { body: { case: "stop", value: { reason: action.reason } } });
        return;
      case "kill":
        logger.warn("process killed", { process: action.id });
        this.#processes.get(action.id)?.kill();
        return;
      case "exited":
        return this.#exited(action);
      case "stopped":
        logger.info("all processes ended");
        return handlers.onStopped();
    }
  }

  #exited(action: SupervisorAction & { readonly type: "exited" }): void {
    const { logger, handlers } = this.#options;
    const { id, exit, counter, expected, restarts, givenUp } = action;
    const epoch = this.#epochOf(id);
    this.#adoptedEpochs.delete(id);
    this.#processes.delete(id);
    if (expected) logger.info("process ended", { process: id, ...exit });
    else logger.error("process ended unasked", { process: id, ...exit, restarts });
    if (givenUp !== "") logger.error("process given up", { process: id, reason: givenUp });
    handlers.onExited(this.#child(id), exit, {
      incarnation: { epoch, counter },
      expected,
      restarts,
    });
  }

  #spawn(child: Child, counter: number): void {
    const { epoch, logger, handlers } = this.#options;
    const { id } = child;
    let started: ChildProcess;
    try {
      started = handlers.spawn(child, { epoch, counter });
      logger.info("process started", {
        process: id,
        pid: started.pid,
        incarnation: [epoch, counter],
      });
    } catch (thrown) {
      logger.error("process not started", { process: id, error: HeronError.from(thrown) });
      started = notStarted();
    }
    this.#follow(id, started);
  }

  #follow(id: string, process: ChildProcess): void {
    this.#processes.set(id, process);
    void process.exited.then((exit) => this.#handle({ type: "exited", id, exit }));
  }

  #refusalOf({ from }: Hello): string | undefined {
    const child = this.#children.get(from?.id ?? "");
    if (from === undefined || child === undefined || child.role !== from.role) {
      return "it is no child of this supervisor";
    }
    const { epoch = 0, counter = 0 } = from.incarnation ?? {};
    const isOrphan = this.#core.stateOf(from.id).type === "orphaned";
    const isOfEpoch = isOrphan ? epoch < this.#options.epoch : epoch === this.#epochOf(from.id);
    const isAwaited = isOfEpoch && this.#core.awaits(from.id, counter);
    const isOpen = this.#lines.get(from.id)?.peer.incarnation?.counter === counter;
    // One on another machine may know sooner that its connection is lost.
    const isRefused = isOpen && this.#options.remote === undefined;
    return isAwaited && !isRefused ? undefined : "this life of it is not awaited";
  }

  #epochOf(id: string): number {
    return this.#adoptedEpochs.get(id) ?? this.#options.epoch;
  }

  #onOpen(connection: Connection): void {
    const { id, incarnation } = connection.peer;
    const older = this.#lines.get(id);
    this.#lines.set(id, connection);
    // Its process has ended, as was seen; the end of its connection only was not yet.
    older?.close();
    if (this.#core.stateOf(id).type === "orphaned") {
      this.#adoptedEpochs.set(id, incarnation?.epoch ?? 0);
      this.#options.logger.info("process adopted", { process: id });
    }
    this.#handle({ type: "connected", id, counter: incarnation?.counter ?? 0 });
    this.#options.handlers.onConnected?.(this.#child(id));
  }

  #onPacket(connection: Connection, packet: Packet): void {
    const { id } = connection.peer;
    if (this.#isPresent(connection)) this.#note(id, packet);
    const taken = packet.body.case === "progressed"
      ? undefined
      : this.#options.handlers.onPacket(this.#child(id), packet);
    if (packet.requestId === 0) return;
    void Promise.resolve(taken).then(() =>
      connection.respond(packet.requestId, { case: "acknowledged", value: {} })
    );
  }

  /** Words of an older life may be read when the next has begun. */
  #isPresent({ peer }: Connection): boolean {
    const state = this.#core.stateOf(peer.id);
    return "counter" in state && state.counter === peer.incarnation?.counter;
  }

  /** What a child tells of itself; a container also tells of others. */
  #note(id: string, { body }: Packet): void {
    if (body.case === "progressed") return this.#handle({ type: "progressed", id });
    if (body.case === "processStarted" && body.value.party?.id === id) {
      this.#options.logger.info("process is up", { process: id, port: body.value.port });
      this.#handle({ type: "up", id });
    }
    if (body.case === "processFailed" && body.value.party?.id === id) {
      const { code, message } = body.value;
      this.#handle({ type: "failed", id, failure: { code, message } });
    }
  }

  #onClose(connection: Connection): void {
    const { id } = connection.peer;
    if (this.#lines.get(id) !== connection) return;
    this.#lines.delete(id);
    this.#handle({ type: "disconnected", id });
    if (this.#adoptedEpochs.has(id)) this.#doubtAdopted(id);
  }

  /** Nobody sees the end of one that was adopted: it has ended when it was told to, or does not return soon. */
  #doubtAdopted(id: string): void {
    const { type } = this.#core.stateOf(id);
    const wasTold = type === "stopping" || type === "restarting";
    const process = this.#processes.get(id);
    this.#options.clock.after(wasTold ? 0 : RETURN_MS, () => {
      // It may be another by now.
      if (!this.#lines.has(id) && this.#processes.get(id) === process) process?.kill();
    });
  }

  #child(id: string): Child {
    return assertDefined(this.#children.get(id), `child "${id}"`);
  }
}

function notStarted(): ChildProcess {
  const exited = Promise.resolve({ pid: 0, code: NOT_STARTED, signal: "" });
  return { pid: 0, exited, kill() {} };
}
