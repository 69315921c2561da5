/**
 * The executor's turns: takes what came from the gateway, gives the task core a
 * turn, and says when the next one is due. In a thread of its own it sleeps on
 * the doorbell in between. One event-loop turn, one turn of the core; user
 * timers and promises run between them.
 */

import { type Clock, HeronError } from "../../base/mod.ts";
import { inNextTurn } from "../../base/mod.ts";
import { PacketPeek } from "../../base/wire/mod.ts";
import { type Doorbell, PACKET_FIELD } from "../../tuples/mod.ts";
import type { RecordReader } from "../bridge.ts";
import type { CallMark } from "./call_mark.ts";
import type { TaskCore } from "./task_core.ts";
import type { TaskSink } from "./task_ports.ts";
import type { TurnResult } from "./turn_result.ts";

/** A blocked thread looks again after this long, whatever it waits for. */
const BLOCKED_LOOK_MS = 250;

/** A sink that may keep packets back for want of room. */
export interface DrainedSink extends TaskSink {
  /** Puts what waits. True when nothing waits any more. */
  drain(): boolean;
}

/** What an executor drives. */
export interface ExecutorOptions {
  readonly core: TaskCore;
  /** Shows which call of user code runs. */
  readonly mark?: Pick<CallMark, "beginTurn" | "endTurn">;
  /** Absent in one thread: frames come by `takeFrame`. */
  readonly dataIn?: RecordReader | undefined;
  readonly sink: DrainedSink;
  readonly bell: Doorbell;
  readonly clock: Clock;
  /** Called after each turn: counters are shown there. */
  afterTurn(result: TurnResult, nowMs: number): void;
}

function skipLength(bytes: Uint8Array, start: number): number {
  let at = start;
  while ((bytes[at] ?? 0) >= 0x80) at++;
  return at + 1;
}

/** The turns of one task. */
export class Executor {
  readonly #options: ExecutorOptions;
  readonly #peek = new PacketPeek();
  #isRequested = false;
  #isClosing = false;
  readonly #ended = Promise.withResolvers<void>();
  /** What was found in a frame that came between turns. */
  #broken: { readonly thrown: unknown } | undefined;

  /** Nothing runs before `run`, or the first `turn`. */
  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** A turn is due though no packet came. */
  requestTurn(): void {
    const { bell } = this.#options;
    this.#isRequested = true;
    // Asked in its own thread, which need not be woken up.
    if (bell.endSleep()) inNextTurn(this.#turns);
    else bell.ring();
  }

  /** No turn is to follow. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Ends the loop after the current turn. */
  close(): void {
    this.#isClosing = true;
    this.requestTurn();
  }

  /** Takes a frame between turns. One that is broken fails the task, and not the link that brought it. */
  takeFrame(bytes: Uint8Array, start: number, end: number): void {
    try {
      if (this.#broken === undefined) this.#take(bytes, start, end);
    } catch (thrown) {
      this.#broken = { thrown };
    }
    this.requestTurn();
  }

  #take(bytes: Uint8Array, start: number, end: number): void {
    const { core } = this.#options;
    const peek = this.#peek;
    peek.peek(bytes, skipLength(bytes, start), end);
    if (peek.body === PACKET_FIELD.batch) core.takeBatch(bytes, peek.bodyStart, peek.bodyEnd);
    else if (peek.body === PACKET_FIELD.marker) {
      core.takeMarker(bytes, peek.bodyStart, peek.bodyEnd);
    } else if (peek.body === PACKET_FIELD.lossNotice) {
      core.takeNotice(bytes, peek.bodyStart, peek.bodyEnd);
    } else if (peek.body === PACKET_FIELD.askRelief) core.askRelief();
    else throw new HeronError("protocol", `Read a frame of the gateway: found body ${peek.body}`);
  }

  #takeRecords(): void {
    if (this.#broken !== undefined) throw this.#broken.thrown;
    const { dataIn } = this.#options;
    if (dataIn === undefined) return;
    while (dataIn.take()) {
      this.#take(dataIn.bytes, dataIn.start, dataIn.end);
      dataIn.release();
    }
  }

  /** Runs turns until `close`. Rejects with what user code threw. */
  run(): Promise<void> {
    this.#turns();
    return this.#ended.promise;
  }

  readonly #turns = (): void => {
    try {
      if (this.#isClosing) return this.#ended.resolve();
      const result = this.turn();
      // Also where there is nothing to wait for: timers and sockets of user code want their turn.
      if (result.kind === "again" || !this.#sleep(result.untilMs)) inNextTurn(this.#turns);
    } catch (thrown) {
      this.#ended.reject(thrown);
    }
  };

  #sleep(untilMs: number | undefined): boolean {
    const { bell, clock } = this.#options;
    const ticket = this.prepareSleep();
    return ticket !== undefined &&
      bell.sleep(ticket, this.#turns, delayUntil(untilMs, clock.nowMs()));
  }

  /** Takes what came and gives the core one turn. */
  turn(): TurnResult {
    const { core, mark, sink, clock, afterTurn } = this.#options;
    this.#takeRecords();
    sink.drain();
    const nowMs = clock.nowMs();
    mark?.beginTurn();
    const result = core.turn(nowMs);
    mark?.endTurn();
    afterTurn(result, nowMs);
    // What was emitted in this turn has left in it.
    this.#isRequested = false;
    return result;
  }

  /** Says that this side is about to sleep; undefined: something came up, do not. */
  prepareSleep(): number | undefined {
    const { bell, core, dataIn, sink } = this.#options;
    const ticket = bell.prepareSleep();
    sink.drain();
    if (!this.#isRequested && dataIn?.isEmpty !== false && !core.canProceed() && !this.#isClosing) {
      return ticket;
    }
    bell.cancelSleep();
    return undefined;
  }

  /** Blocks the thread until `isReady`; records that come meanwhile wait in the ring. */
  waitFor(isReady: () => boolean): boolean {
    const { bell, sink, core, clock } = this.#options;
    for (;;) {
      const ticket = bell.prepareSleep();
      const isSent = sink.drain();
      if (isSent && isReady()) {
        bell.cancelSleep();
        return true;
      }
      // A call that waits here is as stuck as a task that may not be called.
      const untilMs = core.watchStuck(clock.nowMs());
      const delayMs = delayUntil(untilMs, clock.nowMs()) ?? BLOCKED_LOOK_MS;
      bell.sleepBlocking(ticket, Math.min(delayMs, BLOCKED_LOOK_MS));
    }
  }
}

function delayUntil(untilMs: number | undefined, nowMs: number): number | undefined {
  return untilMs === undefined ? undefined : Math.max(0, untilMs - nowMs);
}
