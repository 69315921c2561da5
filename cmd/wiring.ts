/** Names to adapters: the only place that knows which members there are. */

import { type Clock, HeronError } from "../src/base/mod.ts";
import type { Sink, SinkSettings } from "../src/metricsmgr/mod.ts";
import type { Packing } from "../src/packing/mod.ts";
import type { Scheduler, SchedulerOptions } from "../src/scheduler/mod.ts";
import type { StateManager } from "../src/state/mod.ts";

/** Opens the state store below `root`. */
export async function openStateManager(root: string, clock: Clock): Promise<StateManager> {
  const { openLocalFs } = await import("../src/state/mod.ts");
  return openLocalFs({ root, clock });
}

/** The packing algorithm of a config name. */
export async function findPacking(name: string): Promise<Packing> {
  if (name !== "round_robin") {
    throw new HeronError(
      "invalid_config",
      `Find packing algorithm: found "${name}", expected "round_robin"`,
    );
  }
  const { packRoundRobin } = await import("../src/packing/mod.ts");
  return packRoundRobin;
}

/** Opens the sink of metrics that settings describe. */
export async function openSink(settings: SinkSettings): Promise<Sink> {
  const { openFileSink } = await import("../src/metricsmgr/sinks/file.ts");
  return openFileSink(settings);
}

/** The scheduler of a config name: where containers run. */
export async function findScheduler(name: string, clock: Clock): Promise<Scheduler> {
  if (name !== "local") {
    throw new HeronError("invalid_config", `Find scheduler: found "${name}", expected "local"`);
  }
  const { createLocalScheduler } = await import("../src/scheduler/mod.ts");
  return createLocalScheduler(clock);
}

/** The scheduler role, which is the same for all schedulers. */
export async function loadSchedulerRole(): Promise<(options: SchedulerOptions) => Promise<void>> {
  return (await import("../src/scheduler/mod.ts")).runScheduler;
}

/** Takes the epoch of a supervisor that starts: larger than any before in the job's topology. */
export async function takeJobEpoch(jobFile: string, clock: Clock): Promise<number> {
  const [{ readJob }, { takeEpoch, topologyPaths }] = await Promise.all([
    import("../src/plan/mod.ts"),
    import("../src/state/mod.ts"),
  ]);
  const job = await readJob(jobFile);
  await using state = await openStateManager(job.stateRoot, clock);
  return await takeEpoch(state, topologyPaths(job.topologyName).epochs);
}
