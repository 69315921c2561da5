/**
 * The sending end of a channel: an open batch, the offset, and whether credit
 * is left. It knows nothing of rings and sockets: finished frames go to a sink.
 */

import { BatchWriter, type LargeTuple } from "./batch_writer.ts";
import { type ChannelHeader, encodeChannelHeader } from "./channel_header.ts";
import { encodeMarker, MARKER_KIND } from "./control.ts";
import { BATCH_COST_BYTES, type CreditTable } from "./credit.ts";
import type { PartWriter } from "./large_tuple.ts";

/** Takes finished frames in order; keeps a copy of what it takes. */
export interface FrameSink {
  write(bytes: Uint8Array, start: number, end: number): void;
}

/** What both sides know of a channel's credit from the plan. */
export interface ChannelSpans {
  /** The limit before any grant. */
  readonly initialBytes: number;
  /** How far past the handled offset the receiver grants. */
  readonly windowBytes: number;
}

const NO_SPANS: ChannelSpans = Object.freeze({ initialBytes: 0, windowBytes: 0 });

/** One source task to one destination task. */
export class OutChannel {
  readonly destinationTask: number;
  /** The destination as `emit` reports it. */
  readonly taskList: readonly number[];
  readonly batch: BatchWriter;
  /** No credit was left when last looked at. */
  isBlocked = false;
  /** In the list of channels with an open batch. */
  isOpen = false;
  readonly #credit: CreditTable;
  readonly #spans: ChannelSpans;
  #header: Uint8Array;
  #sentBytes = 0;
  #hasEnded = false;

  /** A new channel; its first limit must be in `credit` already. */
  constructor(header: ChannelHeader, credit: CreditTable, spans: ChannelSpans = NO_SPANS) {
    this.destinationTask = header.destinationTask;
    this.taskList = Object.freeze([header.destinationTask]);
    this.#header = encodeChannelHeader(header);
    this.batch = new BatchWriter(this.#header);
    this.#credit = credit;
    this.#spans = spans;
  }

  /** How far past the handled offset the receiver grants. */
  get windowBytes(): number {
    return this.#spans.windowBytes;
  }

  /** What was given to the sink so far: runs, and the cost of each batch. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Whether `end` was sent. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Bytes of credit left after what is sent and what is open; 0 or less: none. */
  headroom(): number {
    const open = this.batch.tuples === 0 ? 0 : this.batch.pendingBytes + BATCH_COST_BYTES;
    return this.#credit.headroom(this.destinationTask, this.#sentBytes + open);
  }

  /**
   * Headroom as it would be under the full window: what tells an idle receiver from a busy one,
   * also before the first grant.
   */
  slack(): number {
    const { initialBytes, windowBytes } = this.#spans;
    const isUngranted = this.#credit.isAt(this.destinationTask, initialBytes);
    return this.headroom() + (isUngranted ? windowBytes - initialBytes : 0);
  }

  /** Sends the open batch, if there is one. */
  flush(sink: FrameSink): void {
    if (this.batch.tuples === 0) return;
    const frame = this.batch.close(this.#sentBytes);
    this.#sentBytes += frame.runBytes + BATCH_COST_BYTES;
    sink.write(frame.bytes, frame.start, frame.end);
  }

  /**
   * Sends a tuple in parts behind all that was emitted. `sent` is called behind each part, and may
   * wait; nothing but syncs may be sent on this channel until all have left.
   */
  sendInParts(
    tuple: LargeTuple,
    { writer, sink, sent }: {
      writer: PartWriter;
      sink: FrameSink;
      sent: (isLast: boolean) => void;
    },
  ): void {
    this.flush(sink);
    const tupleOffset = this.#sentBytes;
    for (let from = tuple.start; from < tuple.end;) {
      const place = { offset: this.#sentBytes, tupleOffset, from };
      const frame = writer.write(this.#header, tuple, place);
      this.#sentBytes += frame.runBytes + BATCH_COST_BYTES;
      from += frame.runBytes;
      sink.write(frame.bytes, frame.start, frame.end);
      sent(from >= tuple.end);
    }
  }

  /** Tells the receiver where the channel stands; goes behind all that was emitted. */
  sync(sink: FrameSink): void {
    this.#mark(sink, MARKER_KIND.sync);
  }

  /** Ends the channel behind all that was emitted. */
  end(sink: FrameSink): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#mark(sink, MARKER_KIND.end);
  }

  /** Asks the receiver, behind all that was emitted, to let go of what it keeps. */
  flushMark(sink: FrameSink, id: number): void {
    this.#mark(sink, MARKER_KIND.flush, id);
  }

  #mark(sink: FrameSink, kind: number, id = 0): void {
    this.flush(sink);
    const ended = kind === MARKER_KIND.sync && this.#hasEnded;
    const frame = encodeMarker(this.#header, { offset: this.#sentBytes, kind, ended, id });
    sink.write(frame, 0, frame.length);
  }

  /** Speaks under another plan version from the next frame on. */
  renew(header: ChannelHeader, sink: FrameSink): void {
    this.flush(sink);
    this.#header = encodeChannelHeader(header);
    this.batch.setHeader(this.#header);
  }
}
