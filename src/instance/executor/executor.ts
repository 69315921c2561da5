/**
 * The executor's loop: takes what came through the ring, gives the task core
 * its turns, and sleeps on the doorbell in between. One event-loop turn, one
 * turn of the core; user timers and promises run between them.
 */

import { type Clock, HeronError } from "../../base/mod.ts";
import { nextTurn } from "../../base/mod.ts";
import { PacketPeek } from "../../base/wire/mod.ts";
import { type Doorbell, PACKET_FIELD, type RingReader } from "../../tuples/mod.ts";
import type { RingSink } from "./ring_sink.ts";
import type { TaskCore, TurnResult } from "./task_core.ts";

/** What an executor drives. */
export interface ExecutorOptions {
  readonly core: TaskCore;
  readonly dataIn: RingReader;
  readonly sink: RingSink;
  readonly bell: Doorbell;
  readonly clock: Clock;
  /** Called after each turn: counters are shown there. */
  afterTurn(): void;
}

/** Moves all records of `dataIn` into `core`. True when there were any. */
function takeRecords(dataIn: RingReader, core: TaskCore): boolean {
  const peek = new PacketPeek();
  let found = false;
  for (;;) {
    const record = dataIn.take();
    if (record === undefined) return found;
    found = true;
    const packetStart = skipLength(record);
    peek.peek(record, packetStart, record.length);
    if (peek.body === PACKET_FIELD.batch) core.takeBatch(record, peek.bodyStart, peek.bodyEnd);
    else if (peek.body === PACKET_FIELD.marker) {
      core.takeMarker(record, peek.bodyStart, peek.bodyEnd);
    } else if (peek.body === PACKET_FIELD.lossNotice) {
      core.takeNotice(record, peek.bodyStart, peek.bodyEnd);
    } else throw new HeronError("protocol", `Read the data-in ring: found body ${peek.body}`);
    dataIn.release();
  }
}

function skipLength(record: Uint8Array): number {
  let at = 0;
  while (at < record.length && (record[at] ?? 0) >= 0x80) at++;
  return at + 1;
}

/** The loop of one executor thread. */
export class Executor {
  readonly #options: ExecutorOptions;
  #isRequested = false;
  #isClosing = false;

  /** Nothing runs before `run`. */
  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** A turn is due though no packet came. */
  requestTurn(): void {
    this.#isRequested = true;
    this.#options.bell.ring();
  }

  /** Ends the loop after the current turn. */
  close(): void {
    this.#isClosing = true;
    this.requestTurn();
  }

  /** Runs turns until `close`. Rejects with what user code threw. */
  async run(): Promise<void> {
    const { bell, clock } = this.#options;
    while (!this.#isClosing) {
      const result = this.turn();
      const ticket = result.kind === "again" ? undefined : this.prepareSleep();
      if (result.kind === "again" || ticket === undefined) await nextTurn();
      else await bell.sleep(ticket, delayUntil(result.untilMs, clock.nowMs()));
    }
  }

  /** Takes what came and gives the core one turn. */
  turn(): TurnResult {
    const { core, dataIn, sink, clock, afterTurn } = this.#options;
    takeRecords(dataIn, core);
    sink.drain();
    const result = core.turn(clock.nowMs());
    afterTurn();
    // What was emitted in this turn has left in it.
    this.#isRequested = false;
    return result;
  }

  /** Says that this side is about to sleep; undefined: something came up, do not. */
  prepareSleep(): number | undefined {
    const { bell, core, dataIn, sink } = this.#options;
    const ticket = bell.prepareSleep();
    sink.drain();
    if (!this.#isRequested && dataIn.isEmpty && !core.canProceed() && !this.#isClosing) {
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
      bell.sleepBlocking(ticket, delayUntil(untilMs, clock.nowMs()));
    }
  }
}

function delayUntil(untilMs: number | undefined, nowMs: number): number | undefined {
  return untilMs === undefined ? undefined : Math.max(0, untilMs - nowMs);
}
