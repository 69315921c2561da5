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
} from "../wire/mod.ts";
import type { ChildExit, ChildProcess } from "./child_process.ts";
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
  /** Where its children reach it. */
  readonly socketPath: string;
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

/** Who starts the children and is told what they do. */
export interface SupervisorHandlers<Child extends SupervisedChild> {
  /** Starts a child; throws HeronError when that fails. */
  spawn(child: Child, incarnation: Pick<Incarnation, "epoch" | "counter">): ChildProcess;
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

/** The supervisor of some children. */
export class Supervisor<Child extends SupervisedChild> {
  readonly #options: SupervisorOptions<Child>;
  readonly #children: ReadonlyMap<string, Child>;
  readonly #processes = new Map<string, ChildProcess>();
  readonly #lines = new Map<string, Connection>();
  readonly #core: SupervisorCore;
  #server: Server | undefined;
  #timer: Timer | undefined;

  constructor(options: SupervisorOptions<Child>) {
    const { children, stopMs, restarts: limits } = options;
    this.#options = options;
    this.#children = new Map(children.map((child) => [child.id, child]));
    this.#core = new SupervisorCore({ children, stopMs, limits });
  }

  /**
   * Listens and starts all children.
   * @throws HeronError `unavailable` when it cannot listen
   */
  async start(): Promise<void> {
    const { self, socketPath, topologyId, secret, clock, logger } = this.#options;
    this.#server = await listen({
      address: { unix: socketPath },
      self,
      topologyId,
      secret,
      clock,
      logger,
      limits: LIFE_LINE_LIMITS,
      accept: (hello) => this.#refusalOf(hello),
      handlers: {
        onOpen: (connection) => this.#onOpen(connection),
        onPacket: (connection, packet) => this.#onPacket(connection, packet),
        onClose: (connection) => this.#onClose(connection),
      },
    });
    this.#handle({ type: "start" });
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

  /** Which life of a child runs, or ran last. */
  incarnationOf(id: string): Pick<Incarnation, "epoch" | "counter"> {
    const state = this.#core.stateOf(id);
    return { epoch: this.#options.epoch, counter: "counter" in state ? state.counter : 0 };
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
    const { logger, handlers, epoch } = this.#options;
    const { id, exit, counter, expected, restarts, givenUp } = action;
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
    this.#processes.set(id, started);
    void started.exited.then((exit) => this.#handle({ type: "exited", id, exit }));
  }

  #refusalOf({ from }: Hello): string | undefined {
    const child = this.#children.get(from?.id ?? "");
    if (from === undefined || child === undefined || child.role !== from.role) {
      return "it is no child of this supervisor";
    }
    const { epoch = 0, counter = 0 } = from.incarnation ?? {};
    const isAwaited = epoch === this.#options.epoch && this.#core.awaits(from.id, counter);
    const isOpen = this.#lines.get(from.id)?.peer.incarnation?.counter === counter;
    return isAwaited && !isOpen ? undefined : "this life of it is not awaited";
  }

  #onOpen(connection: Connection): void {
    const { id } = connection.peer;
    const older = this.#lines.get(id);
    this.#lines.set(id, connection);
    // Its process has ended, as was seen; the end of its connection only was not yet.
    older?.close();
    this.#handle({ type: "connected", id });
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
  }

  #child(id: string): Child {
    return assertDefined(this.#children.get(id), `child "${id}"`);
  }
}

function notStarted(): ChildProcess {
  const exited = Promise.resolve({ pid: 0, code: NOT_STARTED, signal: "" });
  return { pid: 0, exited, kill() {} };
}
