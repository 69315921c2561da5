/**
 * The metrics manager role: reads the job, starts the metrics manager with its
 * sinks, and ends when its supervisor or a signal says so, or is gone.
 */

import { isAbsolute, join } from "node:path";
import { openLifeLine } from "../base/supervision/mod.ts";
import { systemConfigFrom } from "../base/config/mod.ts";
import { Role } from "../base/gen/heron_bin/packet_pb.ts";
import { createParty } from "../base/wire/mod.ts";
import {
  type CheckedJob,
  containerId,
  containerSocket,
  CUT_OFF_EXIT_CODE,
  limitsOf,
  logicalPlanFromProto,
  metricsmgrId,
  openRoleFiles,
  type RoleOptions,
  wireOf,
} from "../plan/mod.ts";
import type { StateManager } from "../state/mod.ts";
import { Intake } from "./intake.ts";
import { type ConfiguredSink, type OpenSink, startMetricsmgr } from "./metricsmgr.ts";
import { TmForwarder } from "./tm_forwarder.ts";
import { TmLink } from "./tm_link.ts";

/** What a metrics manager is started with. */
export interface MetricsmgrRoleOptions extends RoleOptions {
  readonly openSink: OpenSink;
  openState(root: string): Promise<StateManager>;
}

/** A topology of more tasks tells the topology master more seldom, so that this is what it takes in a second. */
const TASKS_A_SECOND = 2000;

/** Of the time there is to stop, what each of the two waits of the end may take. */
const GRACE_SHARE = 0.4;

/** Runs a metrics manager until its supervisor stops it. */
export async function runMetricsmgr(options: MetricsmgrRoleOptions): Promise<void> {
  const { container, incarnation, clock, openSink, exit } = options;
  const id = metricsmgrId(container);
  const files = await openRoleFiles(options.jobFile, id);
  const { job, secret, log } = files;
  const { logger } = log;
  const config = systemConfigFrom(logicalPlanFromProto(job.topology).config);
  const party = createParty({ role: Role.METRICSMGR, id, incarnation });
  const shared = { self: party, topologyId: job.topologyId, secret, clock, logger };
  const state = await options.openState(job.stateRoot);
  const intake = new Intake();
  const forwarder = new TmForwarder(intake, clock, { bytesMax: config.netFrameBytes });
  const manager = await startMetricsmgr({
    ...shared,
    limits: limitsOf(config, job),
    id,
    folder: job.folder,
    sinks: sinksOf(job, id),
    openSink,
    intervalMs: config.metricsExportIntervalMs,
    onRecord: (record) => forwarder.note(record),
    moreTotals: () => [["__metricsmgr__/not-forwarded-count", forwarder.leftOut]],
    intake,
  });
  const link = new TmLink({
    forwarder,
    state,
    topologyName: job.topologyName,
    wire: wireOf(files, party, { config, clock }),
    config,
    intervalMs: config.metricsExportIntervalMs * Math.ceil(tasksOf(job) / TASKS_A_SECOND),
    clock,
    random: options.random,
    logger,
  });
  await link.start();
  let isStopping = false;
  async function stop(reason: string): Promise<void> {
    if (isStopping) return;
    isStopping = true;
    logger.info("stopping", { reason });
    await manager.close(config.supervisorStopMs * GRACE_SHARE);
    link.close();
    await state.close();
    process.off("SIGTERM", onSignal);
    await log.close();
    exit(0);
  }
  function onSignal(): void {
    void stop("SIGTERM");
  }
  process.on("SIGTERM", onSignal);
  const lifeLine = await openLifeLine({
    ...shared,
    socketPath: containerSocket(job, container),
    supervisor: { role: Role.CONTAINER, id: containerId(container) },
    onStop: (reason) => void stop(reason),
    onLost: () => exit(CUT_OFF_EXIT_CODE),
  });
  lifeLine.started();
}

function tasksOf({ packingPlan }: CheckedJob): number {
  return packingPlan.containerPlans.reduce((sum, plan) => sum + plan.instancePlans.length, 0);
}

type FileSink = NonNullable<CheckedJob["metrics"]>["sinks"][number];

const MEBIBYTE = 1024 * 1024;

/** That of a topology that was run: Heron's file sink, with Heron's settings. */
const SINK_OF_RUNS: Omit<FileSink, "$typeName"> = Object.freeze({
  id: "file-sink",
  folder: "logs/metrics",
  filesMax: 5,
  fileBytesMax: 16 * MEBIBYTE,
  flushMs: 60_000,
  queueBytesMax: 8 * MEBIBYTE,
});

/** The sinks of a metrics manager. */
function sinksOf(job: CheckedJob, id: string): ConfiguredSink[] {
  const sinks = job.metrics?.sinks ?? [SINK_OF_RUNS];
  return sinks.map((sink) => {
    const { filesMax, fileBytesMax, flushMs, queueBytesMax } = sink;
    const settings = { type: "file", path: pathOf(sink, job, id), filesMax, fileBytesMax } as const;
    return { id: sink.id, settings, flushMs, queueBytesMax };
  });
}

/** Where a sink writes: no other one writes there, of this topology or of another. */
function pathOf(sink: Pick<FileSink, "id" | "folder">, job: CheckedJob, id: string): string {
  const name = sink.id === SINK_OF_RUNS.id ? `${id}.json` : `${id}.${sink.id}.json`;
  const folder = isAbsolute(sink.folder)
    ? join(sink.folder, job.topologyName)
    : join(job.folder, sink.folder);
  return join(folder, name);
}
