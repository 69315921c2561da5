/**
 * The state store of a cluster as the owner of a submitted topology: its scheduler does what the record
 * `wanted` says, and keeps in `status` how the topology is. A store that cannot be reached stops nothing:
 * what is to be said is said when it is back.
 */

import { hostname } from "node:os";
import type { ProcessExited, ProcessFailed } from "../../base/gen/heron_bin/packet_pb.ts";
import { Phase, type Wanted } from "../../base/gen/heron_bin/submission_pb.ts";
import { type Clock, HeronError, type Logger, sleep } from "../../base/mod.ts";
import { isPermanent, readProcessFacts } from "../../base/supervision/mod.ts";
import type { PacketInit } from "../../base/wire/mod.ts";
import { readSchedulerStatus, readWanted } from "../../plan/mod.ts";
import type { Orders, Owner, WaitingContainer } from "../../scheduler/mod.ts";
import { type StateManager, topologyPaths, type Watch } from "../../state/mod.ts";
import { LastWords } from "../last_words.ts";
import { failureOf } from "../run_failure.ts";
import { StatusRecord } from "./status_record.ts";

/** What the owner of a submitted topology needs. */
export interface StoreOwnerOptions {
  readonly state: StateManager;
  readonly topologyName: string;
  readonly topologyId: string;
  /** That of the scheduler. */
  readonly epoch: number;
  /** Numbers of the containers. */
  readonly containers: ReadonlySet<number>;
  readonly clock: Clock;
  /** Has `listener` called when the system asks this process to end. */
  onTerminate(listener: () => void): void;
  /** Why the system asks it to; empty: nobody knows. @default nobody knows */
  askWhy?(): Promise<string>;
}

/** Why a topology ends. */
interface Ending {
  readonly phase: Phase;
  readonly code: string;
  readonly reason: string;
}

/** How long somebody may take to say why this process is to end; it is killed if it does not. */
const ASK_MS = 3000;
const TERMINATED = "the system asked its scheduler to end (SIGTERM)";

/** How long the last word may take. */
const FINISH_MS = 5000;

/** The owner of a submitted topology. */
export function createStoreOwner(options: StoreOwnerOptions): Owner {
  return new StoreOwner(options);
}

class StoreOwner implements Owner {
  // Nothing waits for a reader here.
  readonly idleMs = Infinity;
  readonly #options: StoreOwnerOptions;
  readonly #status: StatusRecord;
  readonly #words = new LastWords();
  #watch: Watch | undefined;
  #orders: Orders | undefined;
  #logger: Logger | undefined;
  #ending: Ending | undefined;
  #asking: Promise<void> | undefined;

  constructor(options: StoreOwnerOptions) {
    const { state, topologyName, topologyId, epoch, clock } = options;
    // This very process is the scheduler.
    const { pid } = process;
    const startTime = readProcessFacts(pid)?.startTime ?? 0n;
    this.#options = options;
    this.#status = new StatusRecord({
      state,
      path: topologyPaths(topologyName).status,
      clock,
      first: { topologyId, epoch, host: hostname(), pid, startTime },
      onFault: (error) => this.#logger?.warn("status not stored", { error }),
    });
  }

  async start(orders: Orders, logger: Logger): Promise<void> {
    const { state, topologyName, topologyId, onTerminate } = this.#options;
    const paths = topologyPaths(topologyName);
    this.#orders = orders;
    this.#logger = logger;
    const before = await state.get(paths.status);
    const found = before === undefined ? undefined : readSchedulerStatus(before.bytes);
    this.#status.begin(found?.topologyId === topologyId ? found : undefined);
    onTerminate(() => {
      this.#end({ phase: Phase.FAILED, code: "process_died", reason: TERMINATED });
      this.#asking ??= this.#learnWhy();
    });
    this.#watch = await state.watch(paths.wanted, (record) => {
      if (record !== undefined) this.#onWanted(record.bytes);
    });
  }

  tell({ body }: PacketInit): Promise<void> {
    switch (body?.case) {
      case "topologyRunning":
        if (this.#ending === undefined) {
          const { tasks = 0, containers = 0 } = body.value;
          this.#status.phase(Phase.RUNNING, { tasks, containers });
        }
        break;
      case "topologyEnded":
        this.#end({ phase: Phase.ENDED, code: "", reason: "all its tasks have ended" });
        break;
      case "processFailed":
        // As it came off a connection.
        this.#onFailed(body.value as ProcessFailed);
        break;
      case "processExited":
        // The same: a whole message.
        this.#onExited(body.value as ProcessExited);
        break;
      case "taskWarning":
        this.#logger?.warn("warning of a task", { ...body.value.fault });
        break;
    }
    return Promise.resolve();
  }

  waits(containers: readonly WaitingContainer[]): void {
    this.#status.waiting(containers);
  }

  async finish(): Promise<void> {
    this.#watch?.close();
    await this.#asking;
    const { phase, code, reason } = this.#ending ?? {
      phase: Phase.FAILED,
      code: "internal",
      reason: "its scheduler ended for no reason that it knows",
    };
    this.#status.phase(phase, { code, reason });
    await this.#status.stored(FINISH_MS);
    await this.#options.state.close();
  }

  /** All is ended meanwhile. */
  async #learnWhy(): Promise<void> {
    const { askWhy, clock } = this.#options;
    let why = "";
    try {
      const nothing = sleep(clock, ASK_MS).then(() => "");
      why = await Promise.race([askWhy?.() ?? "", nothing]);
    } catch (thrown) {
      this.#logger?.warn("reason not learnt", { error: HeronError.from(thrown) });
    }
    if (why === "" || this.#ending?.reason !== TERMINATED) return;
    this.#ending = { ...this.#ending, reason: `${TERMINATED}; ${why}` };
    this.#status.phase(Phase.STOPPING, this.#ending);
  }

  #onWanted(bytes: Uint8Array): void {
    let wanted: Wanted;
    try {
      wanted = readWanted(bytes);
    } catch (thrown) {
      // What it says is not known; the topology goes on as it is.
      this.#logger?.error("wishes not read", { error: HeronError.from(thrown) });
      return;
    }
    if (wanted.endReason !== "") {
      return this.#end({ phase: Phase.KILLED, code: "", reason: wanted.endReason });
    }
    for (const { container, count } of wanted.restarts) {
      const isNew = this.#status.restart(container, count);
      if (isNew && this.#options.containers.has(container)) this.#orders?.restart(container);
    }
  }

  #onFailed(failed: ProcessFailed): void {
    this.#words.add(failed);
    const { code, message, stack } = failed;
    this.#logger?.error("process failed", { process: failed.party?.id, code, message, stack });
    if (isPermanent(code)) this.#end({ phase: Phase.FAILED, code, reason: message });
  }

  #onExited(exited: ProcessExited): void {
    const { code, message } = failureOf(this.#words.take(exited), exited);
    if (exited.expected || this.#ending !== undefined) return;
    const { party, restarts, logFile } = exited;
    const process = party?.id ?? "";
    this.#status.unasked({ process, code, reason: message, logFile, restarts });
    if (restarts) return;
    this.#end({ phase: Phase.FAILED, code, reason: `${process} does not start again: ${message}` });
  }

  #end(ending: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    const { code, reason } = ending;
    this.#status.phase(Phase.STOPPING, { code, reason });
    this.#orders?.stop(reason);
  }
}
