/**
 * The metrics of a stream manager, under Heron's names as far as they count
 * bytes. Batches are forwarded undecoded, so frames are counted where Heron
 * counts tuples, under names that say packets.
 */

import type { MetricRegistry, NamedValue } from "../metrics/mod.ts";

/** What passed one side since the start, in whole frames of the tuple path. */
export interface Traffic {
  readonly packets: number;
  readonly bytes: number;
}

/** For how long something was announced to be too slow, in milliseconds. */
export interface PressureFigures {
  /** Any of the own tasks. */
  readonly announcedMs: number;
  /** Some peer announced something. */
  readonly announcedByPeersMs: number;
  /** Some own spout was paused. */
  readonly pausedMs: number;
  /** Each own task, by instance id. */
  announcedMsByInstance(): Iterable<readonly [instanceId: string, ms: number]>;
}

/** What a stream manager counts; each function reads the state of that moment. */
export interface StmgrFigures {
  /** From local instances, by task id. */
  fromInstances(): Iterable<readonly [taskId: number, traffic: Traffic]>;
  /** To local instances, by instance id. */
  toInstances(): Iterable<readonly [instanceId: string, traffic: Traffic]>;
  /** From all peers together. */
  fromPeers(): Traffic;
  /** To peers, by stream manager id. */
  toPeers(): Iterable<readonly [stmgrId: string, traffic: Traffic]>;
  /** Bytes that wait for a local instance, by instance id. */
  instanceBuffers(): Iterable<readonly [instanceId: string, bytes: number]>;
  /** Tuples dropped since the start, by reason. */
  dropped(): Iterable<readonly [reason: string, tuples: number]>;
  /** Back pressure since the start. */
  pressure(): PressureFigures;
  /** Bytes that wait, for whomever. */
  waitingBytes(): number;
  /** The most bytes that ever waited. */
  waitingBytesMax(): number;
}

/** Registers the metrics of a stream manager. */
export function registerStmgrMetrics(registry: MetricRegistry, figures: StmgrFigures): void {
  registry.totals(() => instanceTraffic(figures));
  registry.totals(() => peerTraffic(figures));
  registry.totals(() =>
    Iterator.from(figures.dropped()).map(([reason, tuples]) =>
      [`__server/__tuples_lost/${reason}`, tuples] as const
    )
  );
  registry.totals(() => pressureTimes(figures.pressure()));
  registry.gauges(() =>
    Iterator.from(figures.instanceBuffers()).map(([instanceId, bytes]) =>
      [`__connection_buffer_by_instanceid/${instanceId}/bytes`, bytes] as const
    )
  );
  registry.gauge("__server/__waiting_bytes", () => figures.waitingBytes());
  registry.gauge("__server/__waiting_bytes_max", () => figures.waitingBytesMax());
}

function* instanceTraffic(figures: StmgrFigures): Iterable<NamedValue> {
  const from = { packets: 0, bytes: 0 };
  for (const [taskId, { packets, bytes }] of figures.fromInstances()) {
    from.packets += packets;
    from.bytes += bytes;
    yield [`__instance_bytes_received/${taskId}`, bytes];
  }
  const to = { packets: 0, bytes: 0 };
  for (const [instanceId, { packets, bytes }] of figures.toInstances()) {
    to.packets += packets;
    to.bytes += bytes;
    yield [`__connection_buffer_length_by_instanceid/${instanceId}/packets`, packets];
  }
  yield ["__server/__packets_from_workers", from.packets];
  yield ["__server/__bytes_from_workers", from.bytes];
  yield ["__server/__packets_to_workers", to.packets];
  yield ["__server/__bytes_to_workers", to.bytes];
}

function* peerTraffic(figures: StmgrFigures): Iterable<NamedValue> {
  const from = figures.fromPeers();
  yield ["__server/__packets_from_stmgrs", from.packets];
  yield ["__server/__bytes_from_stmgrs", from.bytes];
  for (const [stmgrId, { packets, bytes }] of figures.toPeers()) {
    yield [`__client_${stmgrId}/__packets_to_stmgrs`, packets];
    yield [`__client_${stmgrId}/__bytes_to_stmgrs`, bytes];
  }
}

/** Whole milliseconds, as Heron writes them: what is left counts the next time. */
function* pressureTimes(pressure: PressureFigures): Iterable<NamedValue> {
  const ownMs = Math.floor(pressure.announcedMs);
  yield ["__server/__time_spent_back_pressure_initiated", ownMs];
  yield ["__time_spent_back_pressure_by_local_instance", ownMs];
  yield [
    "__server/__time_spent_back_pressure_by_remote_stmgr",
    Math.floor(pressure.announcedByPeersMs),
  ];
  yield ["__server/__time_spent_back_pressure_aggr", Math.floor(pressure.pausedMs)];
  for (const [instanceId, ms] of pressure.announcedMsByInstance()) {
    yield [`__time_spent_back_pressure_by_compid/${instanceId}`, Math.floor(ms)];
  }
}
