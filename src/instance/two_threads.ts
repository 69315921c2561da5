/**
 * An executor in a thread of its own: a Worker of the same binary, behind rings
 * and doorbells. User code never runs in the gateway's thread, so nothing that
 * it does stops a heartbeat.
 */

import { inNextTurn } from "../base/mod.ts";
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
  readonly #worker: Worker;
  #gateway: GatewaySide | undefined;
  /** What the thread said before there was a gateway to hear it. */
  readonly #unheard: ToGateway[] = [];
  /** Messages for the executor thread until it listens. */
  readonly #unposted: ToExecutor[] = [];
  #isListening = false;
  #isClosing = false;

  /** A thread that comes up, and is told nothing before it is started. */
  constructor(options: TwoThreadsOptions) {
    this.#options = options;
    const { memory } = options;
    this.bell = new Doorbell(new Int32Array(memory.executorBell));
    this.#gatewayBell = new Doorbell(new Int32Array(memory.gatewayBell));
    this.dataIn = new RingWriter(memory.dataIn, this.bell);
    this.dataOut = new RingReader(memory.dataOut, this.bell);
    this.#worker = this.#createWorker();
  }

  #createWorker(): Worker {
    const worker = new Worker(Bun.main);
    worker.onmessage = ({ data }: MessageEvent<ToGateway>) => this.#take(data);
    worker.onerror = (event) => {
      const { message, error } = event;
      const stack = error instanceof Error ? error.stack ?? "" : "";
      this.#tell({ kind: "failed", failure: { code: "user_code", message, stack } });
    };
    worker.addEventListener("close", () => {
      if (this.#isClosing) return this.#tell({ kind: "closed" });
      // An unhandled rejection ends a Worker with code 0: any end that was not asked for is a crash.
      const message = "The executor thread ended without being asked to";
      this.#tell({ kind: "failed", failure: { code: "user_exit", message, stack: "" } });
    });
    return worker;
  }

  start(gateway: GatewaySide): void {
    const { memory, job, taskId, life: { epoch, counter } } = this.#options;
    this.#unposted.unshift({ kind: "start", memory, job, taskId, epoch, counter });
    this.#postWaiting();
    // Not before who starts it has got what it is to be told with.
    queueMicrotask(() => {
      this.#gateway = gateway;
      for (const message of this.#unheard.splice(0)) gateway.take(message);
      this.#pumpForever(gateway);
    });
  }

  post(message: ToExecutor): void {
    if (message.kind === "close") this.#isClosing = true;
    this.#unposted.push(message);
    this.#postWaiting();
  }

  #postWaiting(): void {
    if (!this.#isListening) return;
    for (const message of this.#unposted.splice(0)) this.#worker.postMessage(message);
  }

  #take(message: ToGateway): void {
    if (message.kind !== "up") return this.#tell(message);
    this.#isListening = true;
    this.#postWaiting();
  }

  #tell(message: ToGateway): void {
    if (this.#gateway === undefined) this.#unheard.push(message);
    else this.#gateway.take(message);
  }

  /** Moves what the executor puts into its ring, for as long as the process lives. */
  #pumpForever(gateway: GatewaySide): void {
    const bell = this.#gatewayBell;
    const pump = (): void => {
      for (;;) {
        gateway.pump();
        const ticket = bell.prepareSleep();
        if (gateway.hasWork()) {
          bell.cancelSleep();
          return inNextTurn(pump);
        }
        if (bell.sleep(ticket, pump)) return;
      }
    };
    pump();
  }
}
