/**
 * The course of a run as a state machine without I/O: what the scheduler
 * reports, signals and timers go in; what to send, to arm and to say comes
 * out. It decides when a run ends and with which exit code.
 */

import { HeronError } from "../base/mod.ts";
import type {
  ProcessExited,
  ProcessFailed,
  TaskTotals,
  TaskWarning,
} from "../base/gen/heron_bin/packet_pb.ts";
import { isPermanent } from "../base/supervision/mod.ts";
import { LastWords } from "./last_words.ts";
import { RestartTally } from "./restart_tally.ts";
import { failureOf, type RunFailure } from "./run_failure.ts";
import { type RunWarning, RunWarnings } from "./run_warnings.ts";

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

/** What happens to a run. */
export type RunEvent =
  | { readonly type: "running"; readonly tasks: number; readonly containers: number }
  | { readonly type: "ended"; readonly tasks: readonly TaskTotals[] }
  | { readonly type: "failed"; readonly failed: ProcessFailed }
  | { readonly type: "exited"; readonly exited: ProcessExited }
  | { readonly type: "warned"; readonly warning: TaskWarning }
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
  /** It was asked to end: what is on its way is handled first. */
  | { readonly type: "say_draining" }
  /** A process ended and is started again. */
  | { readonly type: "say_restart"; readonly failure: RunFailure }
  /** User code does what it should not, or does it no longer; the run goes on. */
  | { readonly type: "say_warning"; readonly warning: RunWarning }
  | { readonly type: "note"; readonly text: string };

/** Where a run is. `gone` is the last. */
export type RunState = "starting" | "running" | "draining" | "failing" | "stopping" | "gone";

/** What a run came to. */
export interface RunOutcome {
  readonly exitCode: number;
  /** What ended it, or the first failure of user code that cost tuples. */
  readonly failure: RunFailure | undefined;
  /** Processes that were started again. */
  readonly restarts: RestartTally;
  /** Undefined when the tasks had not all ended. */
  readonly totals: readonly TaskTotals[] | undefined;
  /** Standard output was closed: say nothing more. */
  readonly quiet: boolean;
}

/** Options of `RunCore`. */
export interface RunCoreOptions {
  readonly limits: RunLimits;
  /** What is lost comes again (at least once): a task that starts again costs no tuples. */
  readonly replays: boolean;
}

/** The state machine of one run. */
export class RunCore {
  readonly #limits: RunLimits;
  readonly #replays: boolean;
  readonly #restarts = new RestartTally();
  readonly #warnings = new RunWarnings();
  // What processes said that may be started again, until their ends are told.
  readonly #lastWords = new LastWords();
  #state: RunState = "starting";
  #failure: RunFailure | undefined;
  #totals: readonly TaskTotals[] | undefined;
  #interrupts = 0;
  #killedByUser = false;
  #quiet = false;

  constructor({ limits, replays }: RunCoreOptions) {
    this.#limits = limits;
    this.#replays = replays;
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
      failure: this.#failure ?? this.#survived(),
      restarts: this.#restarts,
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
      case "warned":
        return this.#warnings.take(event.warning)
          .map((warning) => ({ type: "say_warning", warning }));
      case "interrupt":
        return this.#onInterrupt();
      case "time_up":
        return this.#state === "running" ? this.#drain("the time of --for is over") : [];
      // While a slow reader takes the last lines, nobody is late.
      case "showing":
        return this.#state === "stopping" ? [{ type: "disarm" }] : [];
      case "shown":
        return this.#state === "stopping" ? [{ type: "arm", delayMs: this.#stopMs }] : [];
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
    if (this.#state === "stopping" || this.#failure !== undefined) return [];
    if (!isPermanent(failed.code)) {
      this.#lastWords.add(failed);
      return [];
    }
    this.#failure = failureOf(failed, undefined);
    this.#state = "failing";
    return [{ type: "arm", delayMs: this.#limits.lastWordsMs }];
  }

  #onExited(exited: ProcessExited): RunAction[] {
    this.#warnings.ended(exited);
    if (exited.expected || this.#state === "stopping") return [];
    const failed = this.#lastWords.take(exited);
    if (this.#failure !== undefined) {
      if (this.#failure.failed?.party?.id !== exited.party?.id) return [];
      this.#failure = { ...this.#failure, exited };
    } else if (exited.restarts) {
      const failure = failureOf(failed, exited);
      this.#restarts.add(failure);
      return [{ type: "say_restart", failure }];
    } else {
      this.#failure = failureOf(failed, exited);
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
        // Who does not return keeps all that is before it from its end.
        this.#failure = this.#warnings.standing;
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
      { type: "say_draining" },
      { type: "send", body: "drain", reason },
      { type: "arm", delayMs: this.#limits.drainMs },
    ];
  }

  #stop(reason: string): RunAction[] {
    if (this.#state === "stopping") return [];
    this.#state = "stopping";
    return [
      { type: "send", body: "stop", reason },
      { type: "arm", delayMs: this.#stopMs },
    ];
  }

  // Stop tells every process at once; what does not obey is killed when the timer runs out.
  #kill(): RunAction[] {
    if (this.#killedByUser) return [];
    this.#killedByUser = true;
    if (this.#state === "stopping") return [{ type: "arm", delayMs: this.#stopMs }];
    return this.#stop("killed by the user");
  }

  /** How long all may take from the word to stop to their end. */
  get #stopMs(): number {
    return this.#killedByUser ? this.#limits.killMs : this.#limits.stopMs;
  }

  /** At most once, a failure of user code costs tuples though the run goes on. */
  #survived(): RunFailure | undefined {
    return this.#replays || this.#killedByUser ? undefined : this.#restarts.firstUserFailure;
  }

  #exitCode(): number {
    const failure = this.#failure ?? this.#survived();
    if (failure !== undefined) return new HeronError(failure.code, "").exitCode;
    if (this.#quiet || this.#totals !== undefined) return 0;
    return this.#killedByUser ? EXIT_INTERRUPTED : 0;
  }
}
