/**
 * The gateway without threads and sockets: moves frames between the link to
 * the stream manager and the two rings. What does not fit the ring waits here,
 * and credit bounds it; what the link does not take waits in the ring.
 */

import {
  type CreditTable,
  decodeGrant,
  type Doorbell,
  PACKET_FIELD,
  type TaskLife,
} from "../../tuples/mod.ts";
import type { RingReader, RingWriter } from "../../tuples/mod.ts";

/** What the core needs of the connection to the stream manager. */
export interface StmgrLink {
  sendFrame(bytes: Uint8Array, start: number, end: number): void;
  readonly queuedBytes: number;
}

/** Bytes in the link's queue past which the ring keeps its records. */
const LINK_QUEUE_BYTES_MAX = 1024 * 1024;

/** What a gateway moves frames between. */
export interface GatewayOptions {
  readonly life: TaskLife;
  readonly dataIn: RingWriter;
  readonly dataOut: RingReader;
  readonly credit: CreditTable;
  readonly executorBell: Doorbell;
}

/** The core of a gateway. */
export class GatewayCore {
  readonly #options: GatewayOptions;
  #link: StmgrLink | undefined;
  #waiting: Uint8Array[] = [];
  #waitingHead = 0;
  #waitingBytes = 0;
  #waitingBytesMax = 0;
  #grantsRefused = 0;
  /** Frames of the tuple path since the start. */
  receivedPackets = 0;
  receivedBytes = 0;
  sentPackets = 0;
  sentBytes = 0;

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

  /** Grants that spoke of another incarnation. */
  get grantsRefused(): number {
    return this.#grantsRefused;
  }

  /** The instance is registered: frames may go out. */
  attach(link: StmgrLink): void {
    this.#link = link;
    this.pump();
  }

  /** The link has ended; records stay in the ring. */
  detach(): void {
    this.#link = undefined;
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
    const { dataIn } = this.#options;
    if (this.#waitingBytes === 0 && dataIn.put(frame.bytes, frame.start, frame.end)) return;
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
    while (this.#waitingHead < this.#waiting.length) {
      const frame = this.#waiting[this.#waitingHead];
      if (frame === undefined || !dataIn.put(frame, 0, frame.length)) return;
      this.#waitingHead++;
      this.#waitingBytes -= frame.length;
    }
    this.#waiting = [];
    this.#waitingHead = 0;
  }

  #pumpOut(): void {
    const { dataOut } = this.#options;
    const link = this.#link;
    if (link === undefined) return;
    while (link.queuedBytes < LINK_QUEUE_BYTES_MAX) {
      const record = dataOut.take();
      if (record === undefined) return;
      link.sendFrame(record, 0, record.length);
      this.sentPackets++;
      this.sentBytes += record.length;
      dataOut.release();
    }
  }
}
