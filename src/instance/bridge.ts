/**
 * The seam between gateway and executor of an instance: the memory and the
 * words that they share. Gateway = main thread; executor = Worker, behind rings
 * and doorbells, or the same thread with nothing in between.
 */

import type { TopologyDefinition } from "../api/mod.ts";
import type { ErrorCode } from "../base/mod.ts";
import {
  allocateRing,
  allocateSlots,
  Doorbell,
  type RingMemory,
  type SlotMemory,
} from "../tuples/mod.ts";

/** What an executor knows of its job; it can be posted, and an executor has no need to decode it again. */
export interface TaskJob {
  readonly topologyName: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** The user's arguments. */
  readonly arguments: readonly string[];
  /** SHA-256 of the canonical logical plan. */
  readonly planHash: Uint8Array;
  /** The topology as it was submitted. */
  readonly definition: TopologyDefinition;
}

/** Memory shared by gateway and executor; it can be posted. */
export interface TaskMemory {
  /** Low 32 bits of each channel's limit, by destination task. */
  readonly credit: SharedArrayBuffer;
  /** The open tuples of a spout that follows them. */
  readonly slots: SlotMemory | undefined;
  /** Counters of the executor, 64-bit floats: see `COUNTER`. */
  readonly counters: SharedArrayBuffer;
  /** Which call of user code the executor is in, 32-bit words: see `CALL_WORD`. */
  readonly calls: SharedArrayBuffer;
}

/** Memory shared by two threads. */
export interface BridgeMemory extends TaskMemory {
  /** Gateway to executor: batches and markers. */
  readonly dataIn: RingMemory;
  /** Executor to gateway: batches, markers and grants. */
  readonly dataOut: RingMemory;
  /** One doorbell for each thread. */
  readonly gatewayBell: SharedArrayBuffer;
  readonly executorBell: SharedArrayBuffer;
}

/**
 * Places of the fixed counters; emit counts by output and execute counts by input follow, and that of
 * ticks, then what `STREAM_COUNTER` names, then times of encoding by output.
 */
export const COUNTER = Object.freeze({
  emitted: 0,
  heldBytes: 1,
  heldBytesMax: 2,
  goneBytes: 3,
  dropped: 4,
  calls: 5,
  retries: 6,
  skipped: 7,
  deadLetters: 8,
  callMs: 9,
  refused: 10,
  turns: 11,
  turnsWithCalls: 12,
  turnsAgain: 13,
  batches: 14,
  batchTuples: 15,
  heapBytes: 16,
  threadId: 17,
  firstStream: 18,
});

/** Places of what the executor shows of its calls of user code. */
export const CALL_WORD = Object.freeze({
  /** Turns begun. */
  turns: 0,
  /** Number of the method that it is in; 0: none. */
  inside: 1,
  /** The same of the call whose promise is open. */
  pending: 2,
  /** Changes with each such call. */
  serial: 3,
  /** 1: it waits for credit, which is others' business. */
  excused: 4,
});
const CALL_WORDS = 5;

/** The methods of user code, by their numbers in `CALL_WORD`; 0 is none. */
export const METHODS = Object.freeze(
  [
    "",
    "open",
    "prepare",
    "nextTuple",
    "execute",
    "ack",
    "fail",
    "flush",
    "update",
    "timer",
    "finish",
    "activate",
    "deactivate",
  ] as const,
);

/** A method of user code. */
export type UserMethod = (typeof METHODS)[number];

/** Most streams whose counts are shared one by one. */
export const COUNTED_STREAMS_MAX = 1024;

/** What is counted of each output of a spout and each input of a bolt, ticks behind them, beside its tuples. */
export const STREAM_COUNTER = Object.freeze({
  acked: 0,
  failed: 1,
  timedOut: 2,
  ackMs: 3,
  ackTimed: 4,
  failMs: 5,
  failTimed: 6,
  callMs: 7,
  decodeMs: 8,
  size: 9,
});

/** The place of the first of the `STREAM_COUNTER`s of a stream. */
export function streamCounterPlace(stream: number): number {
  return COUNTER.firstStream + COUNTED_STREAMS_MAX + stream * STREAM_COUNTER.size;
}

/** The place of the time that it took to encode what was emitted to an output. */
export function encodeTimePlace(output: number): number {
  return streamCounterPlace(COUNTED_STREAMS_MAX) + output;
}

/** How much memory a task needs. */
export interface TaskSizes {
  readonly largestTaskId: number;
  /** Slots for open tuples; 0: none are followed. */
  readonly slots: number;
}

/** How much memory an instance of two threads needs. */
export interface BridgeSizes extends TaskSizes {
  readonly ringBytes: number;
}

/** Takes the memory of one task. */
export function allocateTask({ largestTaskId, slots }: TaskSizes): TaskMemory {
  return {
    slots: slots === 0 ? undefined : allocateSlots(slots),
    credit: new SharedArrayBuffer((largestTaskId + 1) * Int32Array.BYTES_PER_ELEMENT),
    counters: new SharedArrayBuffer(
      encodeTimePlace(COUNTED_STREAMS_MAX) * Float64Array.BYTES_PER_ELEMENT,
    ),
    calls: new SharedArrayBuffer(CALL_WORDS * Int32Array.BYTES_PER_ELEMENT),
  };
}

/** Takes the memory of one instance of two threads. */
export function allocateBridge({ ringBytes, ...sizes }: BridgeSizes): BridgeMemory {
  return {
    ...allocateTask(sizes),
    dataIn: allocateRing(ringBytes),
    dataOut: allocateRing(ringBytes),
    gatewayBell: new SharedArrayBuffer(Doorbell.bytes),
    executorBell: new SharedArrayBuffer(Doorbell.bytes),
  };
}

/** The writing end of a way between gateway and executor: that of a ring, or what stands in for it. */
export interface RecordWriter {
  /** Puts a record, whole or not at all; false: not now, and the writer is rung when it may try again. */
  put(bytes: Uint8Array, start: number, end: number): boolean;
}

/** The reading end. */
export interface RecordReader {
  readonly isEmpty: boolean;
  /**
   * Takes the next record: it is in `bytes` from `start` to `end` until `release`, and the same until
   * then. False: there is none now.
   */
  take(): boolean;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Gives the room of the record taken last back. */
  release(): void;
}

/** An executor, as its gateway sees it: in a thread of its own or in the gateway's. */
export interface ExecutorSide {
  /** Frames for the executor. */
  readonly dataIn: RecordWriter;
  /** Frames of the executor that wait for the link. */
  readonly dataOut: RecordReader;
  readonly bell: Doorbell;
  /** Starts it, once. */
  start(gateway: GatewaySide): void;
  /** Frames and messages may come before it is up: they wait. */
  post(message: ToExecutor): void;
  /** Grows with what user code does in the gateway's own thread; 0 where it has another. */
  readonly workDone: number;
}

/** A gateway, as its executor sees it. */
export interface GatewaySide {
  /** Sends a frame at once; false: the link does not take it now, and fetches it from `dataOut` when it does. */
  send(bytes: Uint8Array, start: number, end: number): boolean;
  /** Moves all that can be moved, both ways. */
  pump(): void;
  /** Something waits that could be moved now. */
  hasWork(): boolean;
  take(message: ToGateway): void;
}

/** What a gateway asks of its executor. */
export type ToExecutor =
  /** Two threads: what the other is made of. */
  | {
    readonly kind: "start";
    readonly memory: BridgeMemory;
    readonly job: TaskJob;
    readonly taskId: number;
    readonly epoch: number;
    readonly counter: number;
  }
  | { readonly kind: "plan"; readonly update: Uint8Array }
  | { readonly kind: "peerUp"; readonly stmgr: string }
  /** The link to the stream manager took the place of one that was lost. */
  | { readonly kind: "linkUp" }
  /** The task ended in an earlier life. */
  | { readonly kind: "endedBefore" }
  /** The end of the task, in whichever life, is stored. */
  | { readonly kind: "endStored" }
  | { readonly kind: "drain" }
  /** A spout pauses for back pressure, or no more. */
  | { readonly kind: "pause"; readonly isPaused: boolean }
  | { readonly kind: "close" };

/** What user code did wrong, as text that can be posted. */
export interface PostedFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly stack: string;
}

/** A metric of user code; its value is text. */
export interface PostedMetric {
  readonly name: string;
  readonly value: string;
}

/** An emit for the log. */
export interface PostedEmit {
  readonly stream: string;
  readonly values: string;
  readonly tasks: readonly number[];
}

/** What a task counted, as it is posted. */
export interface PostedTotals {
  readonly component: string;
  readonly emitted: number;
  readonly executed: number;
  readonly acked: number;
  readonly failed: number;
  readonly dropped: readonly (readonly [reason: string, tuples: number])[];
}

/** What an executor tells its gateway. */
export type ToGateway =
  /** The thread listens: what is posted before would be lost. */
  | { readonly kind: "up" }
  | { readonly kind: "loaded" }
  /** User code has done its first piece of work. */
  | { readonly kind: "progressed" }
  | { readonly kind: "ended"; readonly totals: PostedTotals }
  /** User code has reported an error, so many times. */
  | { readonly kind: "reported"; readonly failure: PostedFailure; readonly count: number }
  /** Values of user metrics. */
  | { readonly kind: "published"; readonly metrics: readonly PostedMetric[] }
  /** `topology.debug`: emits, and how many were left out before. */
  | { readonly kind: "emitted"; readonly emits: readonly PostedEmit[]; readonly leftOut: number }
  /** The executor has given up. */
  | { readonly kind: "failed"; readonly failure: PostedFailure }
  /** A timer or a promise that user code left to itself failed, or it asked for the process's end. */
  | { readonly kind: "strayed"; readonly failure: PostedFailure }
  | { readonly kind: "closed" };
