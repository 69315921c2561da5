/**
 * What comes to a task: its channels, the queue of batches and ends in the
 * order of their arrival, and the credit it grants. Taking in never waits for
 * user code, so a grant or sync is never stuck behind data.
 */

import { Fifo } from "../../base/mod.ts";
import type { PhysicalPlan } from "../../plan/mod.ts";
import {
  BATCH_COST_BYTES,
  BatchReader,
  countTuples,
  type CreditTerms,
  decodeMarker,
  encodeGrant,
  type FrameSink,
  InChannel,
  initialCreditBytes,
  MARKER_KIND,
  taskBudgetBytes,
  type TaskLife,
  windowBytes,
} from "../../tuples/mod.ts";
import { Partials } from "./partials.ts";
import type { QueuedBatch } from "./queued_batch.ts";

/** What an intake is made of. */
export interface IntakeOptions {
  readonly plan: PhysicalPlan;
  readonly taskId: number;
  readonly life: TaskLife;
  readonly terms: CreditTerms;
  /** `topology.tuple.max.bytes`. */
  readonly tupleBytesMax: number;
  /** `net.silence.ms`: a source that stops in the middle of a tuple makes way after this long. */
  readonly silenceMs: number;
}

/** Why tuples were dropped, by name; "cut": a part of a tuple in parts was lost. */
export type DropReason = "unknown_source" | "other_incarnation" | "repeated" | "after_end" | "cut";

interface QueuedMark {
  readonly kind: "end" | "flush";
  readonly channel: InChannel;
}

/** The receiving side of one task. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #channels = new Map<number, InChannel>();
  /** Sources with which this task aligns. */
  readonly #aligned: ReadonlySet<number>;
  /** Those of them whose end it waits for. */
  readonly #awaited: Set<number>;
  readonly #spans: { readonly windowBytes: number; readonly initialBytes: number };
  readonly #dropped = new Map<DropReason, number>();
  #droppedTuples = 0;
  readonly #reader = new BatchReader();
  readonly #asked = new Set<InChannel>();
  /**
   * No set: whenever one is emptied it takes new memory, which an engine that collects young
   * objects by themselves does not give back for long.
   */
  readonly #touched: InChannel[] = [];
  /** Tuples in parts that are not whole. */
  readonly partials: Partials;
  readonly #queue = new Fifo<QueuedBatch | QueuedMark>();
  #heldBytes = 0;
  #heldBytesMax = 0;
  #doneBytes = 0;
  #isClosed = false;
  #isFlushSeen = false;
  #round = 0;
  /** Of channels that a newer life of their source has replaced. */
  #goneBefore = 0;

  /** Sets up the channels from all tasks that can send to this one. */
  constructor(options: IntakeOptions) {
    this.#options = options;
    const { plan, taskId, terms } = options;
    const budget = taskBudgetBytes(terms, plan.tasksInContainerOf(taskId));
    const sources = plan.sourcesOf(taskId);
    this.#spans = {
      windowBytes: windowBytes(terms, budget, sources.length),
      initialBytes: initialCreditBytes(terms, budget, sources.length),
    };
    for (const task of sources) {
      const life = plan.incarnationOf(task);
      this.#channels.set(task, new InChannel({ task, life }, this.#spans));
    }
    this.partials = new Partials({
      tupleBytesMax: options.tupleBytesMax,
      silenceMs: options.silenceMs,
      onFavoured: (channel) => this.#touch(channel),
    });
    this.#aligned = new Set(plan.alignmentSourcesOf(taskId));
    this.#awaited = new Set(this.#aligned);
  }

  /** Bytes taken in and not yet handled. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The most `heldBytes` has been. */
  get heldBytesMax(): number {
    return this.#heldBytesMax;
  }

  /** What was taken in and is not held any more: handled, or dropped. */
  get doneBytes(): number {
    return this.#doneBytes;
  }

  /** The channel from `sourceTask`. */
  channel(sourceTask: number): InChannel | undefined {
    return this.#channels.get(sourceTask);
  }

  /** Bytes that were sent to this task and never came. */
  get goneBytes(): number {
    let sum = this.#goneBefore;
    for (const channel of this.#channels.values()) sum += channel.goneBytes;
    return sum;
  }

  /** Tuples dropped so far. */
  get droppedTuples(): number {
    return this.#droppedTuples;
  }

  /** The same by reason. */
  get dropped(): ReadonlyMap<DropReason, number> {
    return this.#dropped;
  }

  /** All awaited channels have ended and all that came before is handled. */
  get hasEnded(): boolean {
    return this.#awaited.size === 0 && this.isEmpty;
  }

  /** Nothing is queued. */
  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** Takes in a batch; `bytes` between `start` and `end` is its body, and is copied. */
  takeBatch(bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader;
    reader.open(bytes, start, end);
    const channel = this.#channelOf(reader.sourceTask, reader.sourceEpoch, reader.sourceCounter);
    const creditBytes = reader.runBytes + BATCH_COST_BYTES;
    const verdict = typeof channel === "string" ? "repeated" : channel.arrive(reader.offset);
    if (typeof channel === "string" || verdict === "repeated") {
      this.#drop(
        typeof channel === "string" ? channel : "repeated",
        countTuples(bytes, start, end),
      );
      this.#doneBytes += creditBytes;
      return;
    }
    if (channel.partial !== undefined && this.partials.isCutBefore(channel, verdict, reader)) {
      this.#cut(channel, "cut");
    }
    channel.receive(creditBytes);
    this.#heldBytes += creditBytes;
    this.#heldBytesMax = Math.max(this.#heldBytesMax, this.#heldBytes);
    if (reader.part !== 0) {
      this.#takePart(channel, creditBytes);
      return;
    }
    const batch: QueuedBatch = {
      kind: "batch",
      channel,
      bytes: bytes.slice(start, end),
      creditBytes,
      round: this.#round,
    };
    if (channel.hasEnded || this.#isClosed) this.#dropBatch(batch);
    else this.#queue.push(batch);
  }

  #dropBatch(batch: QueuedBatch): void {
    this.#drop("after_end", countTuples(batch.bytes, 0, batch.bytes.length));
    this.handled(batch);
  }

  /** Takes the part in the reader, which is counted as received. */
  #takePart(channel: InChannel, creditBytes: number): void {
    const reader = this.#reader;
    const isFirst = reader.offset === reader.tupleOffset;
    if (channel.hasEnded || this.#isClosed) {
      if (isFirst) this.#drop("after_end", 1);
      this.#free(channel, creditBytes);
      return;
    }
    const added = this.partials.add(channel, reader, this.#round);
    if (added === "stray") this.#free(channel, creditBytes);
    else this.#touch(channel);
    if (typeof added !== "string") this.#queue.push(added);
  }

  /** Drops the tuple of a channel that is not whole. */
  #cut(channel: InChannel, reason: DropReason): void {
    if (channel.partial === undefined) return;
    this.#freed(channel, this.partials.cut(channel));
    this.#drop(reason, 1);
  }

  /** Counts bytes that were received as handled, without a tuple in the queue. */
  #free(channel: InChannel, creditBytes: number): void {
    channel.handle(creditBytes);
    this.#freed(channel, creditBytes);
  }

  #freed(channel: InChannel, creditBytes: number): void {
    this.#heldBytes -= creditBytes;
    this.#doneBytes += creditBytes;
    this.#touch(this.#channels.get(channel.sourceTask) ?? channel);
  }

  #touch(channel: InChannel): void {
    if (channel.isTouched) return;
    channel.isTouched = true;
    this.#touched.push(channel);
  }

  /**
   * The task has ended: what is queued and what still comes is dropped, and its credit given
   * back. Only a cycle can bring something then; its other tasks must not wait for ever.
   */
  close(): void {
    this.#isClosed = true;
    this.#isFlushSeen = false;
    for (let batch = this.nextBatch(); batch !== undefined; batch = this.nextBatch()) {
      this.#dropBatch(batch);
    }
    for (const channel of this.partials.channels) this.#cut(channel, "after_end");
  }

  /** Takes in a marker. */
  takeMarker(bytes: Uint8Array, start: number, end: number): void {
    const marker = decodeMarker(bytes, start, end);
    const channel = this.#channelOf(marker.sourceTask, marker.sourceEpoch, marker.sourceCounter);
    if (typeof channel === "string") return;
    if (marker.kind === MARKER_KIND.sync) {
      // A source that waits for credit in the middle of a tuple says where it stands.
      if (channel.sync(marker.offset) === "gap") this.#cut(channel, "cut");
      this.#asked.add(channel);
      if (marker.ended) this.#queueEnd(channel);
    } else if (marker.kind === MARKER_KIND.end) {
      this.#arrived(channel, marker.offset);
      this.#queueEnd(channel);
    } else if (marker.kind === MARKER_KIND.flush) {
      this.#arrived(channel, marker.offset);
      if (!channel.hasEnded && !this.#isClosed) this.#queue.push({ kind: "flush", channel });
    }
  }

  #arrived(channel: InChannel, offset: number): void {
    const verdict = channel.arrive(offset);
    if (channel.partial === undefined) return;
    if (this.partials.isCutBefore(channel, verdict)) this.#cut(channel, "cut");
  }

  #queueEnd(channel: InChannel): void {
    if (channel.hasEnded) return;
    channel.hasEnded = true;
    this.#queue.push({ kind: "end", channel });
  }

  #channelOf(task: number, epoch: number, counter: number): InChannel | DropReason {
    const channel = this.#channels.get(task);
    if (channel === undefined) return "unknown_source";
    const { life } = channel;
    if (life.epoch === epoch && life.counter === counter) return channel;
    const isNewer = epoch === life.epoch ? counter > life.counter : epoch > life.epoch;
    return isNewer ? this.#renew(channel, { epoch, counter }) : "other_incarnation";
  }

  /** A newer life of a source speaks: it begins anew, also where the older one had ended. */
  #renew(older: InChannel, life: TaskLife): InChannel {
    const { sourceTask: task } = older;
    const channel = new InChannel({ task, life }, { ...this.#spans, predecessor: older });
    this.#goneBefore += older.goneBytes;
    this.#channels.set(task, channel);
    this.#cut(older, "cut");
    if (this.#aligned.has(task)) this.#awaited.add(task);
    return channel;
  }

  #drop(reason: DropReason, tuples: number): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + tuples);
    this.#droppedTuples += tuples;
  }

  /**
   * The next batch to handle; marks on the way to it are counted. It stops at a `flush` that
   * completes the alignment: see `takeFlush`.
   */
  nextBatch(): QueuedBatch | undefined {
    while (!this.#isFlushSeen) {
      const entry = this.#queue.shift();
      if (entry === undefined) break;
      entry.channel.isFlushed = entry.kind === "flush";
      if (entry.kind === "batch") return entry;
      this.#count(entry);
    }
    return undefined;
  }

  #count({ kind, channel }: QueuedMark): void {
    // A channel that a newer life has replaced says nothing any more.
    if (this.#channels.get(channel.sourceTask) !== channel) return;
    if (kind === "end") this.#awaited.delete(channel.sourceTask);
    if (this.#isClosed) return;
    for (const task of this.#awaited) {
      if (this.#channels.get(task)?.isFlushed !== true) return;
    }
    // All that may still come waits for something: what is kept back is to leave.
    if (this.#awaited.size > 0) this.#isFlushSeen = true;
  }

  /** Whether `flush` came on all channels that have not ended; asked once, it is no more. */
  takeFlush(): boolean {
    if (!this.#isFlushSeen) return false;
    this.#isFlushSeen = false;
    for (const task of this.#awaited) {
      const channel = this.#channels.get(task);
      if (channel !== undefined) channel.isFlushed = false;
    }
    return true;
  }

  /** The round that is under way. */
  get round(): number {
    return this.#round;
  }

  /** The batches that have waited since before `round`; the round under way ends. */
  waitingSince(round: number): QueuedBatch[] {
    this.#round++;
    const found: QueuedBatch[] = [];
    for (const entry of this.#queue) {
      // In the order of their arrival: the rest is younger.
      if (entry.kind === "batch" && entry.round >= round) break;
      if (entry.kind === "batch") found.push(entry);
    }
    return found;
  }

  /** Counts a batch as handled: its bytes are free again. */
  handled(batch: QueuedBatch): void {
    this.#free(batch.channel, batch.creditBytes);
    this.partials.handled(batch);
  }

  /** Sends the grants that are due; at once for channels whose source asked by `sync`. */
  grant(sink: FrameSink): void {
    if (this.#asked.size > 0) {
      for (const channel of this.#asked) this.#grantTo(channel, true, sink);
      this.#asked.clear();
    }
    for (const channel of this.#touched) {
      channel.isTouched = false;
      this.#grantTo(channel, false, sink);
    }
    this.#touched.length = 0;
  }

  #grantTo(channel: InChannel, isAsked: boolean, sink: FrameSink): void {
    // An older life of the source is gone and needs none.
    if (this.#channels.get(channel.sourceTask) !== channel) return;
    const limit = channel.nextLimit(isAsked);
    if (limit === undefined) return;
    const frame = encodeGrant({
      sourceTask: channel.sourceTask,
      destinationTask: this.#options.taskId,
      source: channel.life,
      destination: this.#options.life,
      limit,
    });
    sink.write(frame, 0, frame.length);
  }
}
