/**
 * The course of a run as a state machine without I/O: what the scheduler
 * reports, signals and timers go in; what to send, to arm and to say comes
 * out. It decides when a run ends and with which exit code.
 */

import { ERROR_CODES, type ErrorCode, HeronError } from "../base/mod.ts";
import type { ProcessExited, ProcessFailed, TaskTotals } from "../base/gen/heron_bin/packet_pb.ts";

/** Exit code of a run that was interrupted before it could end by itself. */
export const EXIT_INTERRUPTED = 130;

/** Limits of a run, in milliseconds. */
export interface RunLimits {
  /** From the start of the scheduler to the first plan. */
  readonly startMs: number;
  /** From Drain to the end of all tasks (`topology.drain.ms`). */
  readonly drainMs: number;
  /** From a process's word that it failed to its exit, with its last output before. */
  readonly lastWordsMs: number;
  /** From Stop to the end of the scheduler. */
  readonly stopMs: number;
  /** The same, when the user killed the run. */
  readonly killMs: number;
}

/** Why a run failed. */
export interface RunFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** What the failed process said, when it could. */
  readonly failed: ProcessFailed | undefined;
  /** How the failed process ended, when that was seen. */
  readonly exited: ProcessExited | undefined;
}

/** What happens to a run. */
export type RunEvent =
  | { readonly type: "running"; readonly tasks: number; readonly containers: number }
  | { readonly type: "ended"; readonly tasks: readonly TaskTotals[] }
  | { readonly type: "failed"; readonly failed: ProcessFailed }
  | { readonly type: "exited"; readonly exited: ProcessExited }
  /** Ctrl-C or SIGTERM. */
  | { readonly type: "interrupt" }
  /** The time of `--for` is over. */
  | { readonly type: "time_up" }
  /** Lines of user code are being shown, however slow the reader is. */
  | { readonly type: "showing" }
  /** They are shown. */
  | { readonly type: "shown" }
  /** Nobody reads standard output any more. */
  | { readonly type: "output_closed" }
  /** The timer armed last has run out. */
  | { readonly type: "timer" }
  /** The scheduler's pipe ended and the process with it. */
  | { readonly type: "scheduler_gone"; readonly ending: string };

/** What is to be done. */
export type RunAction =
  | { readonly type: "send"; readonly body: "drain" | "stop"; readonly reason: string }
  /** Replaces the timer armed before. */
  | { readonly type: "arm"; readonly delayMs: number }
  | { readonly type: "disarm" }
  /** Kill the scheduler's process group. */
  | { readonly type: "kill" }
  | { readonly type: "say_running"; readonly tasks: number; readonly containers: number }
  | { readonly type: "note"; readonly text: string };

/** Where a run is. `gone` is the last. */
export type RunState = "starting" | "running" | "draining" | "failing" | "stopping" | "gone";

/** What a run came to. */
export interface RunOutcome {
  readonly exitCode: number;
  readonly failure: RunFailure | undefined;
  /** Undefined when the tasks had not all ended. */
  readonly totals: readonly TaskTotals[] | undefined;
  /** Standard output was closed: say nothing more. */
  readonly quiet: boolean;
}

/** The state machine of one run. */
export class RunCore {
  readonly #limits: RunLimits;
  #state: RunState = "starting";
  #failure: RunFailure | undefined;
  #totals: readonly TaskTotals[] | undefined;
  #interrupts = 0;
  #killedByUser = false;
  #quiet = false;

  constructor(limits: RunLimits) {
    this.#limits = limits;
  }

  get state(): RunState {
    return this.#state;
  }

  /** The user wants it to end now, whatever is lost. */
  get killedByUser(): boolean {
    return this.#killedByUser;
  }

  /** What the run came to; meaningful in state `gone`. */
  get outcome(): RunOutcome {
    return {
      exitCode: this.#exitCode(),
      failure: this.#failure,
      totals: this.#totals,
      quiet: this.#quiet,
    };
  }

  /** The first actions, once the scheduler has been started. */
  start(): readonly RunAction[] {
    return [{ type: "arm", delayMs: this.#limits.startMs }];
  }

  /** Takes one event; returns what is to be done, in order. */
  handle(event: RunEvent): readonly RunAction[] {
    if (this.#state === "gone") return [];
    switch (event.type) {
      case "running":
        return this.#onRunning(event.tasks, event.containers);
      case "ended":
        this.#totals = event.tasks;
        return this.#stop("all tasks have ended");
      case "failed":
        return this.#onFailed(event.failed);
      case "exited":
        return this.#onExited(event.exited);
      case "interrupt":
        return this.#onInterrupt();
      case "time_up":
        return this.#state === "running" ? this.#drain("the time of --for is over") : [];
      // While a slow reader takes the last lines, nobody is late.
      case "showing":
        return this.#state === "stopping" ? [{ type: "disarm" }] : [];
      case "shown":
        return this.#state === "stopping" ? [{ type: "arm", delayMs: this.#limits.stopMs }] : [];
      case "output_closed":
        this.#quiet = true;
        return this.#stop("standard output was closed");
      case "timer":
        return this.#onTimer();
      case "scheduler_gone":
        return this.#onSchedulerGone(event.ending);
    }
  }

  #onRunning(tasks: number, containers: number): RunAction[] {
    if (this.#state !== "starting") return [];
    this.#state = "running";
    return [{ type: "disarm" }, { type: "say_running", tasks, containers }];
  }

  // Output of the failed process may still be on its way: its exit comes behind that.
  #onFailed(failed: ProcessFailed): RunAction[] {
    if (this.#state === "stopping") return [];
    if (this.#failure !== undefined) return [];
    this.#failure = { code: codeOf(failed), message: failed.message, failed, exited: undefined };
    this.#state = "failing";
    return [{ type: "arm", delayMs: this.#limits.lastWordsMs }];
  }

  #onExited(exited: ProcessExited): RunAction[] {
    if (exited.expected || this.#state === "stopping") return [];
    if (this.#failure === undefined) {
      const message = `Run the topology: process "${
        exited.party?.id ?? "?"
      }" (pid ${exited.pid}) ended unasked with ${endingOf(exited)}`;
      this.#failure = { code: "process_died", message, failed: undefined, exited };
    } else if (this.#failure.failed?.party?.id === exited.party?.id) {
      this.#failure = { ...this.#failure, exited };
    } else {
      return [];
    }
    return this.#stop("a process failed");
  }

  #onInterrupt(): RunAction[] {
    this.#interrupts++;
    if (this.#interrupts === 1 && this.#state === "running") {
      return [
        { type: "note", text: "ending the topology; press Ctrl-C again to kill it" },
        ...this.#drain("interrupted"),
      ];
    }
    if (this.#interrupts === 1 && this.#state !== "starting") return [];
    return this.#kill();
  }

  #onTimer(): RunAction[] {
    switch (this.#state) {
      case "starting":
        this.#failure = {
          code: "timeout",
          message: `Start the topology: no plan after ${this.#limits.startMs / 1000} s`,
          failed: undefined,
          exited: undefined,
        };
        return this.#stop("the start took too long");
      case "draining":
        return [
          {
            type: "note",
            text: `not drained after ${
              this.#limits.drainMs / 1000
            } s, stopping: tuples on their way are lost`,
          },
          ...this.#stop("draining took too long"),
        ];
      case "failing":
        return this.#stop("a process failed");
      case "stopping":
        return [{ type: "kill" }];
      case "running":
      case "gone":
        return [];
    }
  }

  #onSchedulerGone(ending: string): RunAction[] {
    if (this.#state !== "stopping" && this.#failure === undefined) {
      this.#failure = {
        code: "process_died",
        message: `Run the topology: the scheduler ended unasked with ${ending}`,
        failed: undefined,
        exited: undefined,
      };
    }
    this.#state = "gone";
    return [{ type: "disarm" }];
  }

  #drain(reason: string): RunAction[] {
    this.#state = "draining";
    return [
      { type: "send", body: "drain", reason },
      { type: "arm", delayMs: this.#limits.drainMs },
    ];
  }

  #stop(reason: string, delayMs = this.#limits.stopMs): RunAction[] {
    if (this.#state === "stopping") return [];
    this.#state = "stopping";
    return [
      { type: "send", body: "stop", reason },
      { type: "arm", delayMs },
    ];
  }

  // Stop tells every process at once; what does not obey is killed when the timer runs out.
  #kill(): RunAction[] {
    if (this.#killedByUser) return [];
    this.#killedByUser = true;
    if (this.#state === "stopping") return [{ type: "arm", delayMs: this.#limits.killMs }];
    return this.#stop("killed by the user", this.#limits.killMs);
  }

  #exitCode(): number {
    if (this.#failure !== undefined) {
      return new HeronError(this.#failure.code, "").exitCode;
    }
    if (this.#quiet || this.#totals !== undefined) return 0;
    return this.#killedByUser ? EXIT_INTERRUPTED : 0;
  }
}

function codeOf(failed: ProcessFailed): ErrorCode {
  return ERROR_CODES.find((code) => code === failed.code) ?? "process_died";
}

/** "exit code 1" or "signal SIGKILL". */
function endingOf(exited: ProcessExited): string {
  return exited.signal === "" ? `exit code ${exited.exitCode}` : `signal ${exited.signal}`;
}
