/**
 * The gateway without threads and sockets: moves frames between the link to
 * the stream manager and the executor, through two rings or, in one thread, at
 * once. What the executor does not take waits here, and credit bounds it; what
 * the link does not take waits there.
 */

import { Fifo, Stopwatch } from "../../base/mod.ts";
import {
  AckReader,
  type CreditTable,
  decodeGrant,
  type Doorbell,
  OUTCOME,
  PACKET_FIELD,
  type SlotCloser,
  type TaskLife,
} from "../../tuples/mod.ts";
import type { RecordReader, RecordWriter } from "../bridge.ts";
import { type Lost, readLost } from "../executor/loss.ts";

/** What the core needs of the connection to the stream manager. */
export interface StmgrLink {
  sendFrame(bytes: Uint8Array, start: number, end: number): void;
  /** What is sent from now on leaves with `uncork`, at once. */
  cork(): void;
  uncork(): void;
  readonly queuedBytes: number;
}

/** Bytes in the link's queue past which the ring keeps its records. */
const LINK_QUEUE_BYTES_MAX = 1024 * 1024;

/** The open tuples of a spout, and what of the topology they reach. */
export interface SpoutSide {
  readonly slots: SlotCloser;
  /** Whether tuples of this spout, or what comes of them, get to `task`. */
  reaches(task: number): boolean;
}

/** What a gateway moves frames between. */
export interface GatewayOptions {
  readonly life: TaskLife;
  readonly dataIn: RecordWriter;
  readonly dataOut: RecordReader;
  readonly credit: CreditTable;
  readonly executorBell: Doorbell;
  /** Absent: no tuples of this task are followed. */
  readonly spout?: SpoutSide | undefined;
  /** Lets the executor know whether the spout pauses for back pressure. */
  pauseSpout(isPaused: boolean): void;
  nowMs(): number;
}

/** The core of a gateway. */
export class GatewayCore {
  readonly #options: GatewayOptions;
  #link: StmgrLink | undefined;
  readonly #waiting = new Fifo<Uint8Array>();
  #waitingBytes = 0;
  #waitingBytesMax = 0;
  #grantsRefused = 0;
  #acksRefused = 0;
  readonly #acks = new AckReader();
  /** Events of loss that are not settled yet, by the stream manager's number. */
  readonly #unsettled = new Set<number>();
  /** The link was lost and no other has taken its place. */
  #isCutOff = false;
  #isUnderPressure = false;
  readonly #pressureTime = new Stopwatch();
  /** Frames of the tuple path since the start. */
  receivedPackets = 0;
  receivedBytes = 0;
  sentPackets = 0;
  sentBytes = 0;
  /** Times that the ring had no room any more. */
  inQueueFull = 0;

  /** A gateway without a link. */
  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** Bytes that wait for room in the ring. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** The most `waitingBytes` has been. */
  get waitingBytesMax(): number {
    return this.#waitingBytesMax;
  }

  /** Tuples of this spout that are followed and not done. */
  get openTuples(): number {
    return this.#options.spout?.slots.openCount ?? 0;
  }

  /** Grants that spoke of another incarnation. */
  get grantsRefused(): number {
    return this.#grantsRefused;
  }

  /** Acks that spoke of another incarnation, or of a tuple that was done. */
  get acksRefused(): number {
    return this.#acksRefused + (this.#options.spout?.slots.stale ?? 0);
  }

  /**
   * The instance is registered: frames may go out. True when this link takes the place of one
   * that was lost: then all channels are to say where they stand.
   */
  attach(link: StmgrLink): boolean {
    const wasCutOff = this.#isCutOff || this.#link !== undefined;
    this.#link = link;
    this.#isCutOff = false;
    this.pump();
    if (wasCutOff) this.#failOpen();
    this.#showPause();
    return wasCutOff;
  }

  /** The link has ended; records stay in the ring. */
  detach(): void {
    if (this.#link !== undefined) this.#isCutOff = true;
    this.#link = undefined;
    // What the lost stream manager has told of is settled with it.
    this.#unsettled.clear();
    this.#showPause();
    this.takePressure([]);
  }

  /** The stream manager tells which tasks that this spout can reach are announced to be too slow. */
  takePressure(culprits: readonly number[]): void {
    const { pauseSpout, nowMs } = this.#options;
    const isPaused = culprits.length > 0;
    this.#pressureTime.set(isPaused, nowMs());
    if (isPaused === this.#isUnderPressure) return;
    this.#isUnderPressure = isPaused;
    pauseSpout(isPaused);
  }

  /** For how long the spout was paused for back pressure, in ms. */
  get pressureMs(): number {
    return this.#pressureTime.totalMs(this.#options.nowMs());
  }

  /** Fails what was not acked in time. */
  expire(): void {
    const { spout, executorBell, nowMs } = this.#options;
    if (spout !== undefined && spout.slots.expire(nowMs()) > 0) executorBell.ring();
  }

  #failOpen(): void {
    const { spout, executorBell } = this.#options;
    if (spout !== undefined && spout.slots.failAll(OUTCOME.lost) > 0) executorBell.ring();
  }

  #showPause(): void {
    const { spout, executorBell } = this.#options;
    if (spout === undefined) return;
    spout.slots.pause(this.#isCutOff || this.#unsettled.size > 0);
    executorBell.ring();
  }

  /** Takes a frame of the tuple path from the stream manager; `bodyStart` is where its body begins. */
  takeFrame(
    body: number,
    frame: { bytes: Uint8Array; start: number; bodyStart: number; end: number },
  ): void {
    this.receivedPackets++;
    this.receivedBytes += frame.end - frame.start;
    if (body === PACKET_FIELD.grant) {
      this.#takeGrant(frame.bytes, frame.bodyStart, frame.end);
      return;
    }
    if (body === PACKET_FIELD.acks) {
      this.#takeAcks(frame.bytes, frame.bodyStart, frame.end);
      return;
    }
    if (body === PACKET_FIELD.lossNotice) {
      this.#takeLoss(readLost(frame.bytes, frame.bodyStart, frame.end));
    }
    const { dataIn } = this.#options;
    if (this.#waitingBytes === 0 && dataIn.put(frame.bytes, frame.start, frame.end)) return;
    if (this.#waitingBytes === 0) this.inQueueFull++;
    this.#waiting.push(frame.bytes.slice(frame.start, frame.end));
    this.#waitingBytes += frame.end - frame.start;
    this.#waitingBytesMax = Math.max(this.#waitingBytesMax, this.#waitingBytes);
  }

  #takeGrant(bytes: Uint8Array, start: number, end: number): void {
    const { life, credit, executorBell } = this.#options;
    const grant = decodeGrant(bytes, start, end);
    if (grant.source.epoch !== life.epoch || grant.source.counter !== life.counter) {
      this.#grantsRefused++;
      return;
    }
    if (credit.raise(grant.destinationTask, grant.limit)) executorBell.ring();
  }

  #takeAcks(bytes: Uint8Array, start: number, end: number): void {
    const { life, spout, executorBell, nowMs } = this.#options;
    const acks = this.#acks;
    acks.open(bytes, start, end);
    if (spout === undefined || acks.epoch !== life.epoch || acks.counter !== life.counter) {
      while (acks.next()) this.#acksRefused++;
      return;
    }
    const now = nowMs();
    try {
      while (acks.next()) spout.slots.apply(acks, now);
    } finally {
      // Also what stands before a fault.
      if (spout.slots.tellClosed()) executorBell.ring();
    }
  }

  /** Until a loss is settled its spouts are not called; then what is open fails, once. */
  #takeLoss(lost: Lost): void {
    const { spout } = this.#options;
    if (spout === undefined || (lost.kind === "task" && !spout.reaches(lost.task))) return;
    if (lost.settled) {
      this.#unsettled.delete(lost.id);
      this.#failOpen();
    } else this.#unsettled.add(lost.id);
    this.#showPause();
  }

  /** Moves all that can be moved. */
  pump(): void {
    this.#pumpIn();
    this.#pumpOut();
  }

  /** Something could be moved now. */
  hasWork(): boolean {
    const link = this.#link;
    const canSend = link !== undefined && link.queuedBytes < LINK_QUEUE_BYTES_MAX;
    if (canSend && !this.#options.dataOut.isEmpty) return true;
    this.#pumpIn();
    return false;
  }

  #pumpIn(): void {
    const { dataIn } = this.#options;
    for (let frame = this.#waiting.first; frame !== undefined; frame = this.#waiting.first) {
      if (!dataIn.put(frame, 0, frame.length)) return;
      this.#waiting.shift();
      this.#waitingBytes -= frame.length;
    }
  }

  #pumpOut(): void {
    const { dataOut } = this.#options;
    const link = this.#link;
    if (link === undefined || dataOut.isEmpty) return;
    link.cork();
    while (link.queuedBytes < LINK_QUEUE_BYTES_MAX) {
      if (!dataOut.take()) break;
      link.sendFrame(dataOut.bytes, dataOut.start, dataOut.end);
      this.#sent(dataOut.end - dataOut.start);
      dataOut.release();
    }
    link.uncork();
  }

  /** Sends a frame past `dataOut`, of which nothing may wait. False: there is no link, or it is full. */
  send(bytes: Uint8Array, start: number, end: number): boolean {
    const link = this.#link;
    if (link === undefined || link.queuedBytes >= LINK_QUEUE_BYTES_MAX) return false;
    link.sendFrame(bytes, start, end);
    this.#sent(end - start);
    return true;
  }

  #sent(bytes: number): void {
    this.sentPackets++;
    this.sentBytes += bytes;
  }
}
