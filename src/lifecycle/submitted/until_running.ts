/** Waits until a topology that was launched runs, or tells why it does not. */

import { Phase, type SchedulerStatus } from "../../base/gen/heron_bin/submission_pb.ts";
import { type Clock, HeronError, isErrorCode, sleep } from "../../base/mod.ts";
import { readSchedulerStatus } from "../../plan/mod.ts";
import type { Launched, Launcher } from "../../scheduler/mod.ts";
import { put, type StateManager, topologyPaths } from "../../state/mod.ts";

/** What is waited for. */
export interface UntilRunningOptions {
  readonly state: StateManager;
  readonly topologyName: string;
  readonly topologyId: string;
  readonly launcher: Launcher;
  readonly launched: Launched;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long it may take, in milliseconds. */
  readonly startMs: number;
  /** That of the scheduler before, whose word does not count. @default there was none */
  readonly afterEpoch?: number;
}

/** How often it is looked whether the scheduler is still there, in milliseconds. */
const LOOK_MS = 500;
/** How often it is looked whether that can tell what it has to, in milliseconds. */
const PROBE_MS = 5000;

/**
 * Resolves when the topology runs, or has run and ended by itself.
 * @throws HeronError why it does not: what failed, that its scheduler is gone, `timeout`
 */
export async function untilRunning(options: UntilRunningOptions): Promise<void> {
  const { state, topologyName, topologyId, clock, startMs, signal, afterEpoch = 0 } = options;
  const deadlineMs = clock.nowMs() + startMs;
  let probeAtMs = clock.nowMs() + PROBE_MS;
  let status: SchedulerStatus | undefined;
  let note = "";
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
    signal.throwIfAborted();
    if (clock.nowMs() > deadlineMs) throw tooLate(options, status, note);
    await Promise.race([changed.promise, sleep(clock, LOOK_MS), aborted.promise]);
    changed = Promise.withResolvers();
    note = await assertThere(options, status);
    if (clock.nowMs() < probeAtMs) continue;
    await assertWritable(options);
    probeAtMs = clock.nowMs() + PROBE_MS;
  }
}

function hasRun(status: SchedulerStatus | undefined): boolean {
  switch (status?.phase) {
    case Phase.RUNNING:
    case Phase.ENDED:
      return true;
    case Phase.FAILED:
    case Phase.KILLED: {
      const { code, reason } = status;
      throw new HeronError(isErrorCode(code) ? code : "process_died", reason);
    }
    default:
      return false;
  }
}

/** One may end without a word; how it is, as far as others know. */
async function assertThere(
  { launcher, launched: { jobFile } }: UntilRunningOptions,
  told: SchedulerStatus | undefined,
): Promise<string> {
  const presence = await launcher.look({ jobFile, told });
  if (presence.type === "alive") return presence.note ?? "";
  if (presence.type === "unknown") return presence.reason;
  throw new HeronError("process_died", `Start the topology's scheduler: ${presence.reason}`);
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
  note: string,
): HeronError {
  const last = status?.ends.at(-1);
  const seen = note === "" ? "" : `; ${note}`;
  const why = last === undefined ? seen : `; ${last.process} ended: ${last.reason}`;
  const found = status === undefined ? "no word of its scheduler" : "not all of it runs";
  return new HeronError("timeout", `Start the topology: ${found} after ${startMs / 1000} s${why}`);
}
