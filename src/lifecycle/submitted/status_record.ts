/**
 * The record of how a submitted topology is: changed at once, stored as soon as the store takes it, the
 * newest only. Its scheduler is the only one that writes it.
 */

import {
  Phase,
  type SchedulerStatus,
  SchedulerStatusSchema,
  UnaskedEndSchema,
  WaitingContainerSchema,
} from "../../base/gen/heron_bin/submission_pb.ts";
import { create } from "@bufbuild/protobuf";
import { type Clock, HeronError, sleep } from "../../base/mod.ts";
import { type Plain, schedulerStatusRecord } from "../../plan/mod.ts";
import { put, type StateManager } from "../../state/mod.ts";

/** What the record needs. */
export interface StatusRecordOptions {
  readonly state: StateManager;
  readonly path: string;
  readonly clock: Clock;
  /** Who writes it. */
  readonly first: Pick<SchedulerStatus, "topologyId" | "epoch" | "host" | "pid" | "startTime">;
  /** It could not be stored; it is tried again. */
  onFault(error: HeronError): void;
}

/** What comes with a phase. */
export type PhaseDetails = Partial<
  Pick<SchedulerStatus, "code" | "reason" | "tasks" | "containers">
>;

const RETRY_MS = 1000;
/** Ends that are remembered; all are counted. */
const ENDS_MAX = 16;
const REASON_LENGTH_MAX = 1000;

/** The record of one topology. */
export class StatusRecord {
  readonly #options: StatusRecordOptions;
  #status: Plain<SchedulerStatus>;
  #isDirty = false;
  #writing: Promise<void> | undefined;

  constructor(options: StatusRecordOptions) {
    this.#options = options;
    this.#status = create(SchedulerStatusSchema, options.first);
  }

  /** Begins with what the scheduler before it left. */
  begin(before: SchedulerStatus | undefined): void {
    const { restarts = [], ends = [], unaskedEnds = 0 } = before ?? {};
    this.#status = { ...this.#status, restarts, ends, unaskedEnds };
    this.phase(Phase.STARTING, {});
  }

  /** The topology is in another phase. */
  phase(phase: Phase, details: PhaseDetails): void {
    const { code = "", reason = "" } = details;
    const phaseMs = BigInt(Math.floor(this.#options.clock.wallMs()));
    this.#change({ ...this.#status, ...details, phase, phaseMs, code, reason: cut(reason) });
  }

  /** A container is to have restarted `count` times; false: that is known. */
  restart(container: number, count: number): boolean {
    const others = this.#status.restarts.filter((known) => known.container !== container);
    const known = this.#status.restarts.find((one) => one.container === container);
    if ((known?.count ?? 0) >= count) return false;
    const restart = {
      $typeName: "heron_bin.submission.ContainerRestart",
      container,
      count,
    } as const;
    this.#change({ ...this.#status, restarts: [...others, restart] });
    return true;
  }

  /** A process ended, and nobody had asked it to. */
  unasked(end: {
    readonly process: string;
    readonly code: string;
    readonly reason: string;
    readonly logFile: string;
    readonly restarts: boolean;
  }): void {
    const timeMs = BigInt(Math.floor(this.#options.clock.wallMs()));
    const told = create(UnaskedEndSchema, { ...end, reason: cut(end.reason), timeMs });
    this.#change({
      ...this.#status,
      ends: [...this.#status.ends, told].slice(-ENDS_MAX),
      unaskedEnds: this.#status.unaskedEnds + 1,
    });
  }

  /** These containers cannot be started before something changes; all others can. */
  waiting(containers: readonly { readonly container: number; readonly reason: string }[]): void {
    const waiting = containers.map(({ container, reason }) =>
      create(WaitingContainerSchema, { container, reason: cut(reason) })
    );
    this.#change({ ...this.#status, waiting });
  }

  /** Resolves when all that was changed is stored, or after so long. */
  async stored(withinMs: number): Promise<void> {
    await Promise.race([this.#writing, sleep(this.#options.clock, withinMs)]);
  }

  #change(status: Plain<SchedulerStatus>): void {
    this.#status = status;
    this.#isDirty = true;
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    const { state, path, clock, onFault } = this.#options;
    while (this.#isDirty) {
      this.#isDirty = false;
      try {
        await put(state, path, schedulerStatusRecord(this.#status));
      } catch (thrown) {
        // The store is closed: it is too late.
        if (thrown instanceof TypeError) return;
        this.#isDirty = true;
        onFault(HeronError.from(thrown));
        await sleep(clock, RETRY_MS);
      }
    }
    this.#writing = undefined;
  }
}

function cut(text: string): string {
  return text.length <= REASON_LENGTH_MAX ? text : `${text.slice(0, REASON_LENGTH_MAX)}…`;
}
