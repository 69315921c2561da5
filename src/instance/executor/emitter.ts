/**
 * What a task emits: streams, their edges, the open batches, and the credit
 * they need. Encodes each tuple once, straight into the batch of its channel.
 */

import { DEFAULT_STREAM, type TopologyContext } from "../../api/mod.ts";
import {
  BufferFull,
  CreditGate,
  type CreditTable,
  type CreditTerms,
  type Edge,
  type FrameSink,
  initialCreditBytes,
  OutChannel,
  taskBudgetBytes,
  type TaskLife,
  ValueNotEncodable,
  windowBytes,
  writeValue,
} from "../../tuples/mod.ts";
import type { Content, CopyRoots } from "./content.ts";
import type { CustomTargets } from "./custom_targets.ts";
import { afterEnd, notEncodable, pastCredit, unknownStream, wrongCount } from "./emit_errors.ts";
import { LargeEmit } from "./large_emit.ts";
import { createOutStream, type OutStream } from "./out_stream.ts";
import { type EdgeSource, OutputEdges } from "./output_edges.ts";
import { SampledTimes } from "./sampled_times.ts";
import { noSubscriber } from "./wrong_targets.ts";

/** What an emitter is made of. */
export interface EmitterOptions extends EdgeSource {
  readonly life: TaskLife;
  readonly terms: CreditTerms;
  /** `instance.batch.bytes`: bytes of all open batches that force a flush; a larger tuple travels in parts. */
  readonly batchBytesMax: number;
  /** `topology.tuple.max.bytes`: the largest tuple that travels in parts. */
  readonly tupleBytesMax: number;
  /** How far all calls that may be open at once may pass their credit: `emit.overshoot.bytes` each. */
  readonly overshootBytesMax: number;
  readonly credit: CreditTable;
  readonly sink: FrameSink;
  /** Waits, blocking, until `channel` has credit; false where nothing can wait. */
  waitForCredit(channel: OutChannel): boolean;
  /** A tuple was emitted while no batch was open: a flush is due. */
  onOpen(): void;
  /** The clock, in milliseconds. */
  nowMs(): number;
}

const NOBODY: readonly number[] = Object.freeze([]);
/** In place of a size: the tuple is begun, and too large for a batch. */
const LARGE = -1;

/** The sending side of one task. */
export class Emitter {
  readonly #options: EmitterOptions;
  readonly #component: string;
  /** Those that may be emitted to, by name. */
  readonly #streams = new Map<string, OutStream>();
  readonly #all: readonly OutStream[];
  readonly #channels = new Map<number, OutChannel>();
  readonly #gate: CreditGate;
  readonly #open: OutChannel[] = [];
  readonly #large: LargeEmit;
  readonly #customs: readonly CustomTargets[];
  /** The stream that is emitted to without a name. */
  #default: OutStream | undefined;
  /** What is emitted now; one serves all. */
  readonly #content: { values: readonly unknown[]; roots: CopyRoots | undefined } = {
    values: [],
    roots: undefined,
  };
  #openBytes = 0;
  #emittedBytes = 0;
  /** Batches sent, and the tuples in them. */
  readonly #sent = { batches: 0, tuples: 0 };
  /** How long values take to be encoded, by output; turned by whoever turns the task. */
  readonly encodeTimes: SampledTimes;

  /** Sets up the channels to all tasks that this one can send to. */
  constructor(options: EmitterOptions) {
    this.#options = options;
    this.encodeTimes = new SampledTimes(
      () => options.nowMs(),
      () => this.#all.map(({ emitted }) => emitted),
      (isOn) => this.#timeAll(isOn),
    );
    const task = options.plan.task(options.taskId);
    this.#component = task.component;
    for (const target of options.plan.targetsOf(options.taskId)) this.#openChannel(target);
    const edges: Edge[] = [];
    const making = new OutputEdges(options, this.#channels);
    const { outputs } = options.plan.component(task.component);
    for (const [index, output] of outputs.entries()) {
      const ofStream = making.of(output);
      edges.push(...ofStream);
      this.#streams.set(output.id, createOutStream(index, output, ofStream));
    }
    this.#customs = making.customs;
    this.#gate = new CreditGate(edges);
    this.#large = new LargeEmit({
      ...options,
      component: this.#component,
      waitForCredit: (channel) => options.waitForCredit(channel),
      flush: () => this.flush(),
      exhausted: (channel) => this.#exhaust(channel),
      sentPart: (isLast) => this.#countBatch(isLast ? 1 : 0),
    });
    this.#all = [...this.#streams.values()];
    this.#default = this.#streams.get(DEFAULT_STREAM);
  }

  #openChannel(destinationTask: number): void {
    const { plan, taskId, life, terms, credit } = this.#options;
    const budget = taskBudgetBytes(terms, plan.tasksInContainerOf(destinationTask));
    const sources = plan.sourcesOf(destinationTask).length;
    const spans = {
      initialBytes: initialCreditBytes(terms, budget, sources),
      windowBytes: windowBytes(terms, budget, sources),
    };
    credit.reset(destinationTask, spans.initialBytes);
    const header = {
      destinationTask,
      sourceTask: taskId,
      sourceEpoch: life.epoch,
      sourceCounter: life.counter,
      planVersion: plan.version,
      restoreEpoch: plan.restoreEpoch,
    };
    this.#channels.set(destinationTask, new OutChannel(header, credit, spans));
  }

  /** Prepares the custom groupings, before the first tuple and for each new plan. */
  prepareGroupings(context: TopologyContext): void {
    for (const custom of this.#customs) custom.prepare(context);
  }

  /** Channels by destination task. */
  get channels(): ReadonlyMap<number, OutChannel> {
    return this.#channels;
  }

  /** Tuples emitted so far to streams that somebody reads. */
  get emitted(): number {
    let sum = 0;
    for (const stream of this.#all) sum += stream.emitted;
    return sum;
  }

  /** All streams, in the order of the definition. */
  get streams(): readonly OutStream[] {
    return this.#all;
  }

  /** Batches sent since the start, and the tuples in them; of a tuple in parts each part is one. */
  get sent(): { readonly batches: number; readonly tuples: number } {
    return this.#sent;
  }

  #countBatch(tuples: number): void {
    this.#sent.batches++;
    this.#sent.tuples += tuples;
  }

  /** Bytes of tuples appended since the start. */
  get emittedBytes(): number {
    return this.#emittedBytes;
  }

  /** Whether the task may be called: all that it may need has credit. */
  hasCredit(): boolean {
    return this.#gate.hasCredit();
  }

  /** The tasks whose grants are waited for; empty while there is credit. */
  waitsFor(): readonly number[] {
    return this.#gate.stalledBy().map((channel) => channel.destinationTask);
  }

  /** Whether what goes to `task` has credit for a while, there or where it may go instead. */
  isServed(task: number): boolean {
    const channel = this.#channels.get(task);
    return channel === undefined || this.#gate.isServed(channel);
  }

  /** Changes with each tuple that is emitted and each grant that is waited for. */
  blockedMark(): string {
    const rooms = this.#gate.stalledBy().map((channel) =>
      `${channel.destinationTask}:${channel.headroom()}`
    );
    return `${this.#emittedBytes} ${rooms.join(" ")}`;
  }

  /**
   * Emits `values` to `streamId`; returns the tasks chosen.
   * @throws HeronError when the stream, the number of values or a value is wrong
   */
  emit(streamId: string, values: readonly unknown[], roots?: CopyRoots): readonly number[] {
    const stream = this.#checked(streamId, values);
    const content = this.#content;
    content.values = values;
    content.roots = roots;
    if (stream.quick !== undefined) {
      const channel = stream.quick.choose(values);
      if (channel === undefined) return NOBODY;
      this.#append(channel, stream, content);
      return channel.taskList;
    }
    if (stream.edges.length === 0) return NOBODY;
    const chosen: OutChannel[] = [];
    for (const edge of stream.edges) edge.addChosen(values, chosen);
    this.#appendToAll(chosen, stream, content);
    return chosen.map((channel) => channel.destinationTask);
  }

  #timeAll(isOn: boolean): void {
    for (const stream of this.#all) stream.quick = isOn ? undefined : stream.single;
  }

  #appendToAll(chosen: OutChannel[], stream: OutStream, content: Content): void {
    const [first, ...others] = chosen;
    if (first === undefined) return;
    const { roots } = content;
    roots?.prepare(chosen.length, others.length === 0 ? first.batch : undefined);
    const size = this.#encodeTimed(first, stream, content);
    if (size === LARGE) {
      this.#emitInParts(chosen, stream, roots);
      return;
    }
    stream.emitted++;
    const tuple = first.batch.lastTuple(size).slice();
    this.#appended(first, size);
    for (const [index, channel] of others.entries()) {
      this.#opened(channel);
      channel.batch.appendEncoded(stream.index, tuple, roots?.bytesOf(index + 1));
      this.#appended(channel, size);
    }
  }

  /**
   * Emits to one task that subscribes to `streamId` by direct grouping; as in Heron each other bolt
   * that subscribes to it gets its own copy too, but for those by custom grouping. Returns all tasks.
   * @throws HeronError when that task does not
   */
  emitDirect(taskId: number, streamId: string, content: Content): readonly number[] {
    const { values } = content;
    const stream = this.#checked(streamId, values);
    const channel = stream.direct.get(taskId);
    if (channel === undefined) {
      const [component, allowed] = [this.#component, [...stream.direct.keys()]];
      throw noSubscriber(this.#options.plan, {
        component,
        stream: streamId,
        task: taskId,
        allowed,
      });
    }
    const chosen: OutChannel[] = [];
    for (const edge of stream.edges) {
      if (edge.grouping !== "custom") edge.addChosen(values, chosen);
    }
    chosen.push(channel);
    this.#appendToAll(chosen, stream, content);
    return chosen.map((one) => one.destinationTask);
  }

  #checked(streamId: string, values: readonly unknown[]): OutStream {
    const stream = streamId === DEFAULT_STREAM ? this.#default : this.#streams.get(streamId);
    if (stream === undefined) {
      if (this.#streams.size < this.#all.length) throw afterEnd(this.#component, streamId);
      throw unknownStream(this.#component, streamId, [...this.#streams.keys()]);
    }
    if (values.length !== stream.fields.length) {
      throw wrongCount(this.#component, stream, values.length);
    }
    return stream;
  }

  #append(channel: OutChannel, stream: OutStream, content: Content): void {
    content.roots?.prepare(1, channel.batch);
    const size = this.#encode(channel, stream, content);
    if (size === LARGE) {
      this.#emitInParts([channel], stream, content.roots);
      return;
    }
    stream.emitted++;
    this.#appended(channel, size);
  }

  #encodeTimed(channel: OutChannel, stream: OutStream, content: Content): number {
    const times = this.encodeTimes;
    if (!times.isOn) return this.#encode(channel, stream, content);
    const startMs = times.nowMs();
    const size = this.#encode(channel, stream, content);
    if (size !== LARGE) times.add(stream.index, startMs);
    return size;
  }

  /** Encodes the first copy; nothing has left when it returns, or throws. */
  #encode(channel: OutChannel, stream: OutStream, { values, roots }: Content): number {
    this.#opened(channel);
    const batch = channel.batch;
    const rootBytes = roots?.bytesOf(0);
    const buffer = batch.beginTuple(stream.index, rootBytes);
    const start = buffer.length;
    let index = 0;
    try {
      for (; index < values.length; index++) writeValue(buffer, values[index]);
    } catch (thrown) {
      batch.cancelTuple();
      throw this.#explain(thrown, stream, index);
    }
    const rootLength = rootBytes?.length ?? 0;
    if (buffer.length - start + rootLength > this.#options.batchBytesMax) return LARGE;
    const size = batch.endTuple(rootLength);
    roots?.commit();
    return size;
  }

  /** Sends the tuple begun in the batch of the first of `chosen` in parts. */
  #emitInParts(chosen: readonly OutChannel[], stream: OutStream, roots?: CopyRoots): void {
    this.#emittedBytes += this.#large.emit(chosen, stream.id, roots);
    stream.emitted++;
  }

  #explain(thrown: unknown, stream: OutStream, index: number): unknown {
    if (thrown instanceof BufferFull) {
      return this.#large.tooLarge(stream.id, "more than a buffer holds", 0);
    }
    if (!(thrown instanceof ValueNotEncodable)) return thrown;
    return notEncodable(this.#component, { ...stream, index }, thrown);
  }

  #opened(channel: OutChannel): void {
    if (channel.isOpen) return;
    channel.isOpen = true;
    this.#open.push(channel);
    if (this.#open.length === 1) this.#options.onOpen();
  }

  #appended(channel: OutChannel, size: number): void {
    this.#openBytes += size;
    this.#emittedBytes += size;
    if (channel.headroom() <= 0) this.#exhaust(channel);
    if (this.#openBytes >= this.#options.batchBytesMax) this.flush();
  }

  #exhaust(channel: OutChannel): void {
    this.#gate.block(channel);
    if (channel.headroom() > -this.#options.overshootBytesMax) return;
    this.flush();
    if (this.#options.waitForCredit(channel)) return;
    throw pastCredit(this.#component, channel, this.#options.overshootBytesMax);
  }

  /** Sends all open batches. */
  flush(): void {
    if (this.#open.length === 0) return;
    for (const channel of this.#open) {
      channel.isOpen = false;
      // A mark may have sent it already.
      if (channel.batch.tuples > 0) this.#countBatch(channel.batch.tuples);
      channel.flush(this.#options.sink);
    }
    this.#open.length = 0;
    this.#openBytes = 0;
  }

  /** Tells the tasks chosen by `isConcerned` where their channels stand. */
  sync(isConcerned: (destinationTask: number) => boolean): void {
    for (const channel of this.#channels.values()) {
      if (isConcerned(channel.destinationTask)) channel.sync(this.#options.sink);
    }
  }

  /** Asks all that this task sends to, behind all that was emitted, to let go of what they keep. */
  flushMark(id: number): void {
    this.flush();
    for (const channel of this.#channels.values()) channel.flushMark(this.#options.sink, id);
  }

  /** The task has ended: no emit is taken any more. */
  refuse(): void {
    this.#default = undefined;
    this.#streams.clear();
  }

  /** Ends all channels, behind all that was emitted. */
  end(): void {
    this.flush();
    for (const channel of this.#channels.values()) channel.end(this.#options.sink);
  }
}
