/**
 * Ends a submitted topology for good: its scheduler is asked to end all in order, what does not is killed,
 * and everything of it is removed, the records last. Whatever went wrong, it can be tried again.
 */

import { Phase } from "../../base/gen/heron_bin/submission_pb.ts";
import { type Clock, HeronError, sleep } from "../../base/mod.ts";
import type { Launched, Launcher, Presence } from "../../scheduler/mod.ts";
import type { StateManager } from "../../state/mod.ts";
import type { Uploader } from "../../uploader/mod.ts";
import { isFull } from "./full_disk.ts";
import { removeTopologyHome, topologyHome } from "./topology_home.ts";
import { readTopology, removeRecords, type TopologyRecords } from "./topology_records.ts";
import { wish } from "./wish.ts";

/** With what a topology is killed. */
export interface KillOptions {
  readonly state: StateManager;
  readonly stateRoot: string;
  readonly uploader: Uploader;
  readonly launcher: Launcher;
  readonly clock: Clock;
  /** Who wants it, for its records. */
  readonly reason: string;
  /** How long its processes have to end in order, in milliseconds. */
  readonly stopMs: number;
}

const LOOK_MS = 50;

/** Kills a topology that was found. @throws HeronError what could not be done: the records are kept then */
export async function killTopology(topology: TopologyRecords, options: KillOptions): Promise<void> {
  const { state, uploader } = options;
  const { name, submission } = topology;
  assertPlaceKnown(topology);
  if (submission !== undefined) {
    await endProcesses(topology, options);
    await uploader.remove(submission.packageUri);
    await removeTopologyHome(submission.folder);
  }
  await removeRecords(state, name);
}

/** What is known of a topology that was launched. */
export function launchedOf({ submission, status }: TopologyRecords, stateRoot: string): Launched {
  const { job } = topologyHome(submission?.folder ?? "/", stateRoot);
  if (status === undefined) return { jobFile: job, told: undefined };
  const { host, pid, startTime } = status;
  return { jobFile: job, told: { host, pid, startTime } };
}

/** Without its record nobody knows where its processes and files are. */
function assertPlaceKnown({ name, submission, faults }: TopologyRecords): void {
  const [fault] = faults;
  if (submission !== undefined || fault === undefined) return;
  throw new HeronError(
    fault.code,
    `Kill topology "${name}": ${fault.message}; nothing was removed`,
    {
      cause: fault,
    },
  );
}

/** Ends all processes of a topology, in order if they let it. @throws HeronError `unavailable`, `timeout` */
export async function endProcesses(
  topology: TopologyRecords,
  options: Omit<KillOptions, "uploader">,
): Promise<void> {
  const { state, stateRoot, launcher } = options;
  const { name } = topology;
  const isAsked = await askToEnd(topology, options);
  const presence = await untilGone(topology, isAsked ? options : { ...options, stopMs: 0 });
  const now = await readTopology(state, name) ?? topology;
  const launched = launchedOf(now, stateRoot);
  if (presence.type === "unknown") {
    if (hasEnded(now)) return;
    throw new HeronError(
      "unavailable",
      `Kill topology "${name}": ${presence.reason}, and does not say that it has ended; ` +
        "it ends when it reads that it is to: try again",
    );
  }
  // Also one that did not end in time.
  await launcher.end(launched);
}

/** Whether its scheduler can know that it is to end. */
async function askToEnd(
  { name }: TopologyRecords,
  { state, reason }: Pick<KillOptions, "state" | "reason">,
): Promise<boolean> {
  try {
    await wish(
      state,
      name,
      (wanted) => wanted.endReason === "" ? { ...wanted, endReason: reason } : wanted,
    );
    return true;
  } catch (thrown) {
    // Half a submit, or half a record: nobody reads it. A full disk: what is to be removed makes room.
    const { code } = HeronError.from(thrown);
    if (code === "not_found" || code === "corrupt" || isFull(thrown)) return false;
    throw thrown;
  }
}

/** Waits until the scheduler is gone or was never there, or has had the time to end. */
async function untilGone(
  { name }: TopologyRecords,
  { state, stateRoot, launcher, clock, stopMs }: Omit<KillOptions, "uploader">,
): Promise<Presence> {
  const deadlineMs = clock.nowMs() + stopMs;
  for (;;) {
    const now = await readTopology(state, name);
    const presence: Presence = now === undefined
      ? { type: "gone", reason: "it has no records" }
      : await launcher.look(launchedOf(now, stateRoot), true);
    // One that waits in a queue reads nothing, and has nothing to end in order.
    const isOver = presence.type === "gone" || presence.type === "queued" ||
      (presence.type === "unknown" && now !== undefined && hasEnded(now));
    if (isOver || clock.nowMs() >= deadlineMs) return presence;
    await sleep(clock, LOOK_MS);
  }
}

function hasEnded({ status }: TopologyRecords): boolean {
  const phase = status?.phase ?? Phase.UNSPECIFIED;
  return phase === Phase.ENDED || phase === Phase.KILLED || phase === Phase.FAILED;
}
