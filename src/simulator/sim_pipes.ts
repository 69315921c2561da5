/**
 * What lies between gateway and executor of a simulated instance: the rings and
 * doorbells of two threads, or what stands in for them in one. A gateway that
 * sleeps though it has something to do shows here.
 */

import {
  DirectIntake,
  type DrainedSink,
  type Executor,
  type GatewayCore,
  LinkSink,
  type RecordReader,
  type RecordWriter,
  RingSink,
} from "../instance/mod.ts";
import { allocateRing, type Doorbell, RingReader, RingWriter } from "../tuples/mod.ts";
import type { SimRun } from "./sim_run.ts";
import type { LinkEnd } from "./virtual_link.ts";
import type { VirtualProcess } from "./virtual_process.ts";

/** Bytes in the link's queue past which a gateway may sleep with records for it. */
const LINK_QUEUE_BYTES_MAX = 1024 * 1024;

/** The ways between gateway and executor. */
export interface ThreadPipes {
  /** The gateway's ends. */
  readonly dataIn: RecordWriter;
  readonly dataOut: RecordReader;
  /** The executor's ends. */
  readonly sink: DrainedSink;
  readonly forExecutor: RingReader | undefined;
  /** Both sides are there. */
  start(executor: Executor): void;
  /** What the gateway sleeps over; undefined: nothing. `end` is its link. */
  sleepsOver(end: LinkEnd | undefined): string | undefined;
}

/** A link whose queue was full tells when it has drained, which may be under way. */
function canSend(end: LinkEnd | undefined): boolean {
  return end !== undefined && end.queuedBytesMax < LINK_QUEUE_BYTES_MAX;
}

/** One thread: frames pass at once. */
export class SimOneThread implements ThreadPipes {
  readonly dataIn = new DirectIntake();
  readonly dataOut: LinkSink;
  readonly forExecutor = undefined;

  /** Frames wait until `start`. */
  constructor({ bell, gateway }: { readonly bell: Doorbell; gateway(): GatewayCore }) {
    this.dataOut = new LinkSink({
      bell,
      send: (bytes, start, end) => gateway().send(bytes, start, end),
    });
  }

  get sink(): LinkSink {
    return this.dataOut;
  }

  start(executor: Executor): void {
    this.dataIn.open(executor);
  }

  sleepsOver(end: LinkEnd | undefined): string | undefined {
    return canSend(end) && !this.dataOut.isEmpty ? "with frames for its link" : undefined;
  }
}

/** What two threads are made of. */
export interface SimTwoThreadsOptions {
  readonly run: SimRun;
  /** The gateway's. */
  readonly process: VirtualProcess;
  readonly executorBell: Doorbell;
  gateway(): GatewayCore;
  createBell(rung: () => void): Doorbell;
}

/** Two threads: a ring each way, and the gateway's loop. */
export class SimTwoThreads implements ThreadPipes {
  readonly dataIn: RingWriter;
  readonly dataOut: RingReader;
  readonly sink: RingSink;
  readonly forExecutor: RingReader;
  readonly #options: SimTwoThreadsOptions;
  readonly #bell: Doorbell;
  #isAsleep = false;

  /** Empty rings. */
  constructor(options: SimTwoThreadsOptions) {
    this.#options = options;
    const { run: { world, scenario }, executorBell } = options;
    // Somewhere before the positions wrap, or at the start.
    const start = world.chance(0.5) ? 0 : -scenario.ringBytes;
    const dataIn = allocateRing(scenario.ringBytes, start);
    const dataOut = allocateRing(scenario.ringBytes, start);
    this.#bell = options.createBell(() => this.#wake());
    this.dataIn = new RingWriter(dataIn, executorBell);
    this.dataOut = new RingReader(dataOut, executorBell);
    this.sink = new RingSink(new RingWriter(dataOut, this.#bell));
    this.forExecutor = new RingReader(dataIn, this.#bell);
  }

  start(): void {
    this.#options.process.post(() => this.#pump());
  }

  sleepsOver(end: LinkEnd | undefined): string | undefined {
    if (!this.#isAsleep) return undefined;
    if (canSend(end) && !this.dataOut.isEmpty) return "and its ring has records";
    const { waitingBytes } = this.#options.gateway();
    return waitingBytes > 0 && this.forExecutor.isEmpty
      ? "with records for an empty ring"
      : undefined;
  }

  #wake(): void {
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    this.#options.process.post(() => this.#pump());
  }

  #pump(): void {
    const gateway = this.#options.gateway();
    gateway.pump();
    this.#bell.prepareSleep();
    if (gateway.hasWork()) {
      this.#bell.cancelSleep();
      this.#options.process.post(() => this.#pump());
      return;
    }
    this.#isAsleep = true;
  }
}
