/**
 * An executor in a thread of its own: a Worker of the same binary, behind rings
 * and doorbells. User code never runs in the gateway's thread, so nothing that
 * it does stops a heartbeat.
 */

import { nextTurn } from "../base/mod.ts";
import { Doorbell, RingReader, RingWriter, type TaskLife } from "../tuples/mod.ts";
import type {
  BridgeMemory,
  ExecutorSide,
  GatewaySide,
  TaskJob,
  ToExecutor,
  ToGateway,
} from "./bridge.ts";

/** What an executor thread is made of. */
export interface TwoThreadsOptions {
  readonly memory: BridgeMemory;
  readonly job: TaskJob;
  readonly taskId: number;
  readonly life: TaskLife;
}

/** The executor of an instance with two threads, as its gateway sees it. */
export class TwoThreads implements ExecutorSide {
  readonly dataIn: RingWriter;
  readonly dataOut: RingReader;
  readonly bell: Doorbell;
  readonly workDone = 0;
  readonly #options: TwoThreadsOptions;
  readonly #gatewayBell: Doorbell;
  #worker: Worker | undefined;
  /** Messages for the executor thread until it listens. */
  #unposted: ToExecutor[] | undefined = [];
  #isClosing = false;

  /** A thread that is not started. */
  constructor(options: TwoThreadsOptions) {
    this.#options = options;
    const { memory } = options;
    this.bell = new Doorbell(new Int32Array(memory.executorBell));
    this.#gatewayBell = new Doorbell(new Int32Array(memory.gatewayBell));
    this.dataIn = new RingWriter(memory.dataIn, this.bell);
    this.dataOut = new RingReader(memory.dataOut, this.bell);
  }

  start(gateway: GatewaySide): void {
    const worker = new Worker(Bun.main);
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<ToGateway>) => this.#take(gateway, data);
    worker.onerror = (event) => {
      const { message, error } = event;
      const stack = error instanceof Error ? error.stack ?? "" : "";
      gateway.take({ kind: "failed", failure: { code: "user_code", message, stack } });
    };
    worker.addEventListener("close", () => {
      if (this.#isClosing) return gateway.take({ kind: "closed" });
      // An unhandled rejection ends a Worker with code 0: any end that was not asked for is a crash.
      const message = "The executor thread ended without being asked to";
      gateway.take({ kind: "failed", failure: { code: "user_exit", message, stack: "" } });
    });
    const { memory, job, taskId, life: { epoch, counter } } = this.#options;
    this.#unposted?.unshift({ kind: "start", memory, job, taskId, epoch, counter });
    void this.#pumpForever(gateway);
  }

  post(message: ToExecutor): void {
    if (message.kind === "close") this.#isClosing = true;
    if (this.#unposted === undefined) this.#worker?.postMessage(message);
    else this.#unposted.push(message);
  }

  #take(gateway: GatewaySide, message: ToGateway): void {
    if (message.kind !== "up") return gateway.take(message);
    const messages = this.#unposted ?? [];
    this.#unposted = undefined;
    for (const waiting of messages) this.post(waiting);
  }

  /** Moves what the executor puts into its ring, for as long as the process lives. */
  async #pumpForever(gateway: GatewaySide): Promise<void> {
    for (;;) {
      gateway.pump();
      const ticket = this.#gatewayBell.prepareSleep();
      if (gateway.hasWork()) {
        this.#gatewayBell.cancelSleep();
        await nextTurn();
        continue;
      }
      await this.#gatewayBell.sleep(ticket);
    }
  }
}
