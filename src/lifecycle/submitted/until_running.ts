/** Waits until a topology that was launched runs, or tells why it does not. */

import { Phase, type SchedulerStatus } from "../../base/gen/heron_bin/submission_pb.ts";
import { type Clock, HeronError, isErrorCode, sleep } from "../../base/mod.ts";
import { readSchedulerStatus } from "../../plan/mod.ts";
import type { JobFacts, Launched, Launcher, Presence } from "../../scheduler/mod.ts";
import { put, type StateManager, topologyPaths } from "../../state/mod.ts";
import { withVerdict } from "./topology_state.ts";

/** What is waited for. */
export interface UntilRunningOptions {
  readonly state: StateManager;
  readonly topologyName: string;
  readonly topologyId: string;
  readonly launcher: Launcher;
  readonly launched: Launched;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long it may take once it is in no queue, in milliseconds. */
  readonly startMs: number;
  /** How long it may wait in a queue while this waits for it, in milliseconds. */
  readonly queueMs: number;
  /** That of the scheduler before, whose word does not count. @default there was none */
  readonly afterEpoch?: number;
}

/** How often it is looked whether the scheduler is still there, in milliseconds. */
const LOOK_MS = 500;
/** How often it is looked whether that can tell what it has to, in milliseconds. */
const PROBE_MS = 5000;
/** How long somebody else may take to say why a scheduler died that cannot tell itself, in milliseconds. */
const VERDICT_MS = 10_000;

/** How far it came. */
export type Started =
  /** It runs, or has run and ended by itself. `job`: that it runs in. */
  | { readonly type: "running"; readonly job?: JobFacts }
  /** It waits in a queue, and starts without anybody here. */
  | Extract<Presence, { type: "queued" }>;

/**
 * Resolves when the topology runs, or has run and ended by itself; or waits in a queue for longer than
 * is waited for that.
 * @throws HeronError why it does not: what failed, that its scheduler is gone, `timeout`, and
 * `invalid_config` when it waits for what never comes
 */
export async function untilRunning(options: UntilRunningOptions): Promise<Started> {
  const { state, topologyName, topologyId, clock, signal, afterEpoch = 0 } = options;
  const patience = new Patience(options);
  let probeAtMs = clock.nowMs() + PROBE_MS;
  let status: SchedulerStatus | undefined;
  let presence: There = { type: "alive" };
  let changed = Promise.withResolvers<void>();
  using _watch = await state.watch(topologyPaths(topologyName).status, (record) => {
    const found = record === undefined ? undefined : readSchedulerStatus(record.bytes);
    if (found?.topologyId !== topologyId || found.epoch <= afterEpoch) return;
    status = found;
    changed.resolve();
  });
  const aborted = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => aborted.resolve(), { once: true });
  while (!hasRun(status)) {
    if (hasFailed(status)) throw await failureOf(options, status);
    signal.throwIfAborted();
    if (presence.type === "queued" && patience.isOver) return presence;
    if (patience.isOver) throw tooLate(options, status, presence);
    await Promise.race([changed.promise, sleep(clock, LOOK_MS), aborted.promise]);
    changed = Promise.withResolvers();
    presence = await assertThere(options, status);
    patience.see(presence);
    if (clock.nowMs() < probeAtMs) continue;
    await assertWritable(options);
    probeAtMs = clock.nowMs() + PROBE_MS;
  }
  const job = presence.type === "unknown" ? undefined : presence.job;
  return { type: "running", ...(job === undefined ? {} : { job }) };
}

/** How long is waited: in a queue, and from its end until all runs. */
class Patience {
  readonly #options: Pick<UntilRunningOptions, "clock" | "startMs" | "queueMs">;
  readonly #queueEndMs: number;
  #startEndMs: number;
  #isQueued = false;

  constructor(options: Pick<UntilRunningOptions, "clock" | "startMs" | "queueMs">) {
    const nowMs = options.clock.nowMs();
    this.#options = options;
    this.#queueEndMs = nowMs + options.queueMs;
    this.#startEndMs = nowMs + options.startMs;
  }

  see({ type }: There): void {
    this.#isQueued = type === "queued";
    // What a queue took is not its own time.
    const { clock, startMs } = this.#options;
    if (this.#isQueued) this.#startEndMs = clock.nowMs() + startMs;
  }

  get isOver(): boolean {
    const endMs = this.#isQueued ? this.#queueEndMs : this.#startEndMs;
    return this.#options.clock.nowMs() > endMs;
  }
}

function hasRun(status: SchedulerStatus | undefined): boolean {
  return status?.phase === Phase.RUNNING || status?.phase === Phase.ENDED;
}

function hasFailed(status: SchedulerStatus | undefined): status is SchedulerStatus {
  return status?.phase === Phase.FAILED || status?.phase === Phase.KILLED;
}

/** What its scheduler could tell. Why that itself died, Slurm says only when its job has ended. */
async function failureOf(options: UntilRunningOptions, told: SchedulerStatus): Promise<HeronError> {
  const { launcher, launched: { jobFile }, clock, signal } = options;
  const code = isErrorCode(told.code) ? told.code : "process_died";
  const deadlineMs = clock.nowMs() + VERDICT_MS;
  let presence: Presence = { type: "alive" };
  while (code === "process_died" && presence.type !== "gone" && clock.nowMs() < deadlineMs) {
    signal.throwIfAborted();
    presence = await launcher.look({ jobFile, told }, true);
    if (presence.type !== "gone") await sleep(clock, LOOK_MS);
  }
  return new HeronError(code, withVerdict(told.reason, presence));
}

type There = Exclude<Presence, { type: "gone" }>;

/** One may end without a word; how it is, as far as others know. */
async function assertThere(
  { launcher, launched: { jobFile } }: UntilRunningOptions,
  told: SchedulerStatus | undefined,
): Promise<There> {
  const presence = await launcher.look({ jobFile, told }, true);
  const attempted = "Start the topology's scheduler";
  if (presence.type === "gone") {
    throw new HeronError("process_died", `${attempted}: ${presence.reason}`);
  }
  if (presence.type === "queued" && presence.isHopeless) {
    throw new HeronError("invalid_config", `${attempted}: ${presence.reason}`);
  }
  return presence;
}

/** A scheduler that cannot store anything has no other way to say so. */
async function assertWritable({ state, topologyName }: UntilRunningOptions): Promise<void> {
  const path = `${topologyPaths(topologyName).own}/probe`;
  try {
    await put(state, path, new Uint8Array([1]));
    await state.delete(path, "any");
  } catch (thrown) {
    const { code, message } = HeronError.from(thrown);
    throw new HeronError(
      code,
      `Start the topology: the state store cannot be written to: ${message}`,
      {
        cause: thrown,
      },
    );
  }
}

function tooLate(
  { startMs }: UntilRunningOptions,
  status: SchedulerStatus | undefined,
  presence: There,
): HeronError {
  const note = presence.type === "alive" ? presence.note ?? "" : presence.reason;
  const last = status?.ends.at(-1);
  const seen = note === "" ? "" : `; ${note}`;
  const why = last === undefined ? seen : `; ${last.process} ended: ${last.reason}`;
  const found = status === undefined ? "no word of its scheduler" : "not all of it runs";
  return new HeronError("timeout", `Start the topology: ${found} after ${startMs / 1000} s${why}`);
}
