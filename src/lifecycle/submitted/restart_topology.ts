/**
 * Restarts containers of a submitted topology: its scheduler ends them in order and starts them again. All
 * of a topology whose scheduler is gone are restarted by starting that.
 */

import { type Clock, HeronError, sleep } from "../../base/mod.ts";
import { PackingPlanSchema } from "../../base/gen/heron/packing_plan_pb.ts";
import type { ContainerRestart, Wanted } from "../../base/gen/heron_bin/submission_pb.ts";
import { decodeRecord } from "../../plan/mod.ts";
import type { Launch, Launcher } from "../../scheduler/mod.ts";
import { type StateManager, topologyPaths } from "../../state/mod.ts";
import { launchedOf } from "./kill_topology.ts";
import { assertThere, type LookedAt } from "./list_topologies.ts";
import { readTopology } from "./topology_records.ts";
import { type Started, untilRunning } from "./until_running.ts";
import { wish } from "./wish.ts";

/** With what it is done. */
export interface RestartOptions {
  readonly state: StateManager;
  readonly stateRoot: string;
  readonly launcher: Launcher;
  /** What a scheduler is started with. */
  readonly launch: Launch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long the scheduler may take to begin, in milliseconds. */
  readonly waitMs: number;
  /** How long a scheduler that is started may take until all tasks run, in milliseconds. */
  readonly startMs: number;
  /** How long is waited for a scheduler that waits in a queue, in milliseconds. */
  readonly queueMs: number;
}

const LOOK_MS = 50;

/**
 * Restarts container `container`, or all containers. One whose scheduler is started may wait in a queue.
 * @throws HeronError `usage` when there is no such container; `unavailable`, `timeout`
 */
export async function restartTopology(
  topology: LookedAt,
  container: number | undefined,
  options: RestartOptions,
): Promise<Started> {
  const { records, condition } = topology;
  const known = await containersOf(options.state, records.name);
  if (container !== undefined && !known.includes(container)) {
    throw new HeronError(
      "usage",
      `Restart container ${container} of topology "${records.name}": there is none, expected one of ` +
        `${known.join(", ")}`,
    );
  }
  const isOver = ["dead", "failed", "ended"].includes(condition.state);
  if (container === undefined && isOver) return await startAgain(topology, options);
  assertThere(topology, "Restart");
  await askToRestart(records.name, container === undefined ? known : [container], options);
  return { type: "running" };
}

/** Numbers of the containers; 0 is the topology master's. */
async function containersOf(state: StateManager, name: string): Promise<readonly number[]> {
  const path = topologyPaths(name).packingPlan;
  const record = await state.get(path);
  if (record === undefined) {
    throw new HeronError("not_found", `Restart topology "${name}": found no record "${path}"`);
  }
  const plan = decodeRecord(PackingPlanSchema, record.bytes, `"${path}"`);
  return [0, ...plan.containerPlans.map(({ id }) => id)].sort((a, b) => a - b);
}

async function askToRestart(
  name: string,
  containers: readonly number[],
  { state, clock, waitMs }: RestartOptions,
): Promise<void> {
  const { restarts } = await wish(state, name, (wanted) => withRestarts(wanted, containers));
  const deadlineMs = clock.nowMs() + waitMs;
  const asked = restarts.filter(({ container }) => containers.includes(container));
  for (;;) {
    const now = await readTopology(state, name);
    const begun = now?.status?.restarts ?? [];
    if (asked.every((one) => countOf(begun, one.container) >= one.count)) return;
    if (clock.nowMs() >= deadlineMs) {
      throw new HeronError(
        "timeout",
        `Restart topology "${name}": its scheduler has not begun after ${waitMs / 1000} s; it is ` +
          "asked for, and comes about when that can read it",
      );
    }
    await sleep(clock, LOOK_MS);
  }
}

function withRestarts(wanted: Wanted, containers: readonly number[]): Wanted {
  const others = wanted.restarts.filter(({ container }) => !containers.includes(container));
  const more = containers.map((container): ContainerRestart => ({
    $typeName: "heron_bin.submission.ContainerRestart",
    container,
    count: countOf(wanted.restarts, container) + 1,
  }));
  return { ...wanted, restarts: [...others, ...more] };
}

function countOf(restarts: readonly ContainerRestart[], container: number): number {
  return restarts.find((one) => one.container === container)?.count ?? 0;
}

/** Its scheduler is gone: what that left is ended, and another one begins. */
async function startAgain({ records }: LookedAt, options: RestartOptions): Promise<Started> {
  const { stateRoot, launcher, launch } = options;
  const launched = launchedOf(records, stateRoot);
  const { jobFile } = launched;
  await launcher.end(launched);
  await launcher.launch(launch);
  return await untilRunning({
    ...options,
    launched: { jobFile, told: undefined },
    topologyName: records.name,
    topologyId: records.submission?.topologyId ?? "",
    afterEpoch: records.status?.epoch ?? 0,
  });
}
