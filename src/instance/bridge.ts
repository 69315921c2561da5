/**
 * The memory and the words that an instance's two threads share: rings for
 * batches, the credit table, counters, doorbells. Gateway = main thread,
 * executor = Worker.
 */

import {
  allocateRing,
  allocateSlots,
  Doorbell,
  type RingMemory,
  type SlotMemory,
} from "../tuples/mod.ts";

/** Memory shared by the two threads; it can be posted. */
export interface BridgeMemory {
  /** Gateway to executor: batches and markers. */
  readonly dataIn: RingMemory;
  /** Executor to gateway: batches, markers and grants. */
  readonly dataOut: RingMemory;
  /** Low 32 bits of each channel's limit, by destination task. */
  readonly credit: SharedArrayBuffer;
  /** The open tuples of a spout that follows them. */
  readonly slots: SlotMemory | undefined;
  /** Counters of the executor, 64-bit floats: see `COUNTER`. */
  readonly counters: SharedArrayBuffer;
  /** One doorbell for each thread. */
  readonly gatewayBell: SharedArrayBuffer;
  readonly executorBell: SharedArrayBuffer;
}

/** Places of the fixed counters; emit counts by output and execute counts by input follow. */
export const COUNTER = Object.freeze({
  emitted: 0,
  executed: 1,
  acked: 2,
  failed: 3,
  heldBytes: 4,
  heldBytesMax: 5,
  goneBytes: 6,
  dropped: 7,
  calls: 8,
  firstStream: 9,
});

/** Most streams whose counts are shared one by one. */
export const COUNTED_STREAMS_MAX = 1024;

/** How much memory an instance needs. */
export interface BridgeSizes {
  readonly ringBytes: number;
  readonly largestTaskId: number;
  /** Slots for open tuples; 0: none are followed. */
  readonly slots: number;
}

/** Takes the memory of one instance. */
export function allocateBridge({ ringBytes, largestTaskId, slots }: BridgeSizes): BridgeMemory {
  return {
    slots: slots === 0 ? undefined : allocateSlots(slots),
    dataIn: allocateRing(ringBytes),
    dataOut: allocateRing(ringBytes),
    credit: new SharedArrayBuffer((largestTaskId + 1) * Int32Array.BYTES_PER_ELEMENT),
    counters: new SharedArrayBuffer(
      (COUNTER.firstStream + COUNTED_STREAMS_MAX) * Float64Array.BYTES_PER_ELEMENT,
    ),
    gatewayBell: new SharedArrayBuffer(Doorbell.bytes),
    executorBell: new SharedArrayBuffer(Doorbell.bytes),
  };
}

/** What the gateway posts to the executor. */
export type ToExecutor =
  | {
    readonly kind: "start";
    readonly memory: BridgeMemory;
    readonly job: Uint8Array;
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
  | { readonly kind: "drain" }
  | { readonly kind: "close" };

/** What user code did wrong, as text that can be posted. */
export interface PostedFailure {
  readonly code: string;
  readonly message: string;
  readonly stack: string;
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

/** What the executor posts to the gateway. */
export type ToGateway =
  /** The thread listens: what is posted before would be lost. */
  | { readonly kind: "up" }
  | { readonly kind: "loaded" }
  /** User code has done its first piece of work. */
  | { readonly kind: "progressed" }
  | { readonly kind: "ended"; readonly totals: PostedTotals }
  | { readonly kind: "reported"; readonly failure: PostedFailure }
  | { readonly kind: "failed"; readonly failure: PostedFailure }
  | { readonly kind: "closed" };
