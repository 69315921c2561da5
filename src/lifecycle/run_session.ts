/**
 * A run with its scheduler: starts the process, carries packets over its
 * pipes, keeps the timers and lets the core decide. Leaves what is shown to
 * the view it is given.
 */

import type { Output, Packet } from "../base/gen/heron_bin/packet_pb.ts";
import {
  type Clock,
  HeronError,
  RUNTIME_OPTIONS,
  sleep,
  type Timer,
  unreachable,
} from "../base/mod.ts";
import { decodePacket, encodeFrame, FrameDecoder } from "../base/wire/mod.ts";
import type { Environment } from "./environment.ts";
import {
  type FailurePlaces,
  formatRestart,
  formatWarning,
  restartToJson,
  warningToJson,
} from "./failure_text.ts";
import {
  type RunAction,
  RunCore,
  type RunEvent,
  type RunLimits,
  type RunOutcome,
} from "./run_core.ts";

/** Shows a run to the user. */
export interface RunView {
  /** Prints lines of user code; resolves when more may come, false: nobody reads any more. */
  output(output: Output): Promise<boolean>;
  running(tasks: number, containers: number): void;
  /** It was asked to end, and what is on its way is being handled. */
  draining(): void;
  note(text: string): void;
  /** A process ended and starts again: lines for people, and the same as an object. */
  restarted(text: string, object: Readonly<Record<string, unknown>>): void;
  /** User code does what it should not, and the run goes on: the same two forms. */
  warned(text: string, object: Readonly<Record<string, unknown>>): void;
}

/** Options of `startRun`. */
export interface RunSessionOptions {
  /** Command line of the scheduler. */
  readonly command: readonly string[];
  readonly environment: Environment;
  readonly workingFolder: string;
  /** File that gets what the scheduler's process prints on standard error. */
  readonly errorFile: string;
  readonly limits: RunLimits;
  /** What is lost comes again (at least once). */
  readonly replays: boolean;
  readonly places: FailurePlaces;
  /** Ends the run after this time of running. */
  readonly forMs: number | undefined;
  readonly view: RunView;
  readonly clock: Clock;
}

/** A run under way. */
export interface RunSession {
  /** Process id of the scheduler, and its process group. */
  readonly pid: number;
  /** Ctrl-C or SIGTERM came. */
  interrupt(): void;
  /** Resolves when the scheduler is gone and all its output has been shown. */
  readonly outcome: Promise<RunOutcome>;
}

// The pipe is private, but a broken scheduler must not take all memory.
const FRAME_BYTES_MAX = 16 * 1024 * 1024;

// How long a pipe of a dead scheduler may stay open without a byte.
const PIPE_LULL_MS = 1000;

type SchedulerProcess = Bun.Subprocess<"pipe", "pipe", Bun.BunFile>;

/** Starts the scheduler of a run. */
export function startRun(options: RunSessionOptions): RunSession {
  const child = Bun.spawn([...options.command], {
    cwd: options.workingFolder,
    env: { ...options.environment, ...RUNTIME_OPTIONS },
    stdin: "pipe",
    stdout: "pipe",
    stderr: Bun.file(options.errorFile),
    detached: true,
  });
  const shell = new RunShell(child, options);
  return {
    pid: child.pid,
    interrupt: () => shell.handle({ type: "interrupt" }),
    outcome: shell.run(),
  };
}

class RunShell {
  readonly #child: SchedulerProcess;
  readonly #options: RunSessionOptions;
  readonly #core: RunCore;
  #timer: Timer | undefined;
  #forTimer: Timer | undefined;
  #fault: HeronError | undefined;
  // Grows with each chunk read and is odd while one is being shown.
  #progress = 0;

  constructor(child: SchedulerProcess, options: RunSessionOptions) {
    this.#child = child;
    this.#options = options;
    this.#core = new RunCore(options);
  }

  async run(): Promise<RunOutcome> {
    this.#perform(this.#core.start());
    const reading = this.#readPackets().catch((thrown: unknown) => this.#onBrokenPipe(thrown));
    await this.#child.exited;
    await this.#lastPackets(reading);
    const { exitCode, signalCode } = this.#child;
    const ending = signalCode === null ? `exit code ${exitCode}` : `signal ${signalCode}`;
    this.handle({ type: "scheduler_gone", ending });
    this.#forTimer?.cancel();
    if (this.#fault !== undefined) throw this.#fault;
    return this.#core.outcome;
  }

  // What cannot be read cannot be trusted to stop: the end of its pipe ends the rest.
  #onBrokenPipe(thrown: unknown): void {
    this.#fault = HeronError.from(thrown, "Read what the scheduler reports");
    this.#killGroup();
  }

  handle(event: RunEvent): void {
    this.#perform(this.#core.handle(event));
  }

  #perform(actions: readonly RunAction[]): void {
    for (const action of actions) this.#performOne(action);
  }

  #performOne(action: RunAction): void {
    const { view, clock, places } = this.#options;
    switch (action.type) {
      case "send":
        return this.#send(action.body, action.reason);
      case "arm":
        this.#timer?.cancel();
        this.#timer = clock.after(action.delayMs, () => this.handle({ type: "timer" }));
        return;
      case "disarm":
        return this.#timer?.cancel();
      case "kill":
        return this.#killGroup();
      case "say_running":
        this.#startForTimer();
        return view.running(action.tasks, action.containers);
      case "say_draining":
        return view.draining();
      case "say_restart":
        return view.restarted(
          formatRestart(action.failure, places),
          restartToJson(action.failure, places),
        );
      case "say_warning":
        return view.warned(
          formatWarning(action.warning, places),
          warningToJson(action.warning, places),
        );
      case "note":
        return view.note(action.text);
      default:
        unreachable(action);
    }
  }

  #startForTimer(): void {
    const { clock, forMs } = this.#options;
    if (forMs === undefined) return;
    this.#forTimer = clock.after(forMs, () => this.handle({ type: "time_up" }));
  }

  #send(body: "drain" | "stop", reason: string): void {
    const frame = body === "drain"
      ? encodeFrame({ body: { case: "drain", value: {} } })
      : encodeFrame({ body: { case: "stop", value: { reason } } });
    // A scheduler that is gone is seen by its exit, not here.
    Promise.resolve(this.#child.stdin.write(frame))
      .then(() => this.#child.stdin.flush())
      .catch((error: unknown) => this.#options.view.note(`the scheduler is not reached: ${error}`));
  }

  #killGroup(): void {
    try {
      process.kill(-this.#child.pid, "SIGKILL");
    } catch (error) {
      // ESRCH: it ended just now, which its exit tells.
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }

  async #readPackets(): Promise<void> {
    const decoder = new FrameDecoder(FRAME_BYTES_MAX);
    for await (const chunk of this.#child.stdout) {
      const packets: Packet[] = [];
      decoder.feed(chunk, 0, {
        frame(bytes, { packetStart, end }) {
          packets.push(decodePacket(bytes, packetStart, end));
          return true;
        },
      });
      this.#progress++;
      for (const packet of packets) await this.#onPacket(packet);
      this.#progress++;
    }
  }

  async #onPacket({ body }: Packet): Promise<void> {
    switch (body.case) {
      case "output":
        if (this.#core.outcome.quiet) return;
        this.handle({ type: "showing" });
        if (!await this.#options.view.output(body.value)) this.handle({ type: "output_closed" });
        this.handle({ type: "shown" });
        return;
      case "topologyRunning":
        return this.handle({ type: "running", ...body.value });
      case "topologyEnded":
        return this.handle({ type: "ended", tasks: body.value.tasks });
      case "processFailed":
        return this.handle({ type: "failed", failed: body.value });
      case "taskWarning":
        return this.handle({ type: "warned", warning: body.value });
      case "processExited":
        return this.handle({ type: "exited", exited: body.value });
      default:
        return this.#options.view.note(
          `the scheduler sent "${body.case}", which is not for the command line`,
        );
    }
  }

  // What the scheduler wrote before its end is still shown, as slowly as it is read; but a run
  // that the user kills ends now, and so does one whose pipe somebody else holds open.
  async #lastPackets(reading: Promise<void>): Promise<void> {
    let done = false;
    const finished = reading.finally(() => {
      done = true;
    });
    while (!done && !this.#core.killedByUser) {
      const before = this.#progress;
      await Promise.race([finished, sleep(this.#options.clock, PIPE_LULL_MS)]);
      if (this.#progress === before && before % 2 === 0) break;
    }
  }
}
