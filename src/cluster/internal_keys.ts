/**
 * The keys below `internals`: those of the system's config, and Heron's tunables by Heron's names,
 * of which some are the same thing here and the others have nothing that they could change.
 */

import { type ConfigKey, type ConfigValue, SETTINGS } from "../base/config/mod.ts";
import type { RawValue } from "./value_kinds.ts";

/** Keys that each topology says for itself; a cluster does not. */
const OF_TOPOLOGY: ReadonlySet<string> = new Set<ConfigKey>([
  "topology.name",
  "topology.stmgrs",
  "topology.reliability.mode",
  "topology.tick.tuple.freq.ms",
  "topology.max.spout.pending",
  "topology.message.timeout.secs",
  "topology.enable.message.timeouts",
  "topology.debug",
]);

/** The keys of the system's config that a cluster may set. */
export const INTERNAL_KEYS: readonly ConfigKey[] = Object.freeze(
  // The keys of a frozen literal are exactly the union.
  (Object.keys(SETTINGS) as ConfigKey[]).filter((key) => !OF_TOPOLOGY.has(key)),
);

/** A tunable of Heron's that is a key of the system's config. */
export interface HeronTunable {
  readonly key: ConfigKey;
  /** Heron's value times this is ours. */
  readonly factor: number;
}

const SECOND_MS = 1000;
const MIB = 1024 * 1024;

/** Heron's tunables that mean the same here, by Heron's names (heron_internals.yaml). */
export const HERON_TUNABLES: Readonly<Record<string, HeronTunable>> = Object.freeze({
  "heron.metrics.export.interval.sec": { key: "metrics.export.interval.ms", factor: SECOND_MS },
  "heron.streammgr.cache.drain.size.mb": { key: "instance.batch.bytes", factor: MIB },
  "heron.streammgr.client.reconnect.interval.sec": {
    key: "net.reconnect.min.ms",
    factor: SECOND_MS,
  },
  "heron.streammgr.network.backpressure.highwatermark.mb": {
    key: "instance.receive.bytes",
    factor: MIB,
  },
  "heron.streammgr.network.options.maximum.packet.mb": { key: "net.frame.bytes", factor: MIB },
  "heron.streammgr.tmanager.heartbeat.interval.sec": {
    key: "stmgr.heartbeat.ms",
    factor: SECOND_MS,
  },
  "heron.tmanager.stmgr.state.timeout.sec": { key: "stmgr.timeout.ms", factor: SECOND_MS },
  "heron.instance.execute.batch.size.bytes": { key: "instance.turn.bytes", factor: 1 },
  "heron.instance.force.exit.timeout.ms": { key: "supervisor.stop.ms", factor: 1 },
  "heron.instance.set.data.tuple.size.bytes": { key: "topology.tuple.max.bytes", factor: 1 },
});

/** Heron's tunables that change nothing here, and why; a name may begin several. */
const WITHOUT_EFFECT: readonly (readonly [begin: string, why: string])[] = [
  ["heron.logging.", "logs are files of JSON lines, one a process, written at once"],
  [
    "heron.check.tmanager.location.interval.sec",
    "a stream manager lives on without a topology master",
  ],
  ["heron.metrics.max.exceptions.per.message.count", "exceptions are told one by one"],
  [
    "heron.streammgr.cache.drain.frequency.ms",
    "batches leave at the end of a turn, without a timer",
  ],
  ["heron.streammgr.stateful.buffer.size.mb", "there are no checkpoints yet"],
  ["heron.streammgr.xormgr.rotatingmap.nbuckets", "tuples are followed one by one"],
  ["heron.streammgr.mempool.max.message.number", "no objects are made for messages"],
  ["heron.streammgr.client.reconnect.tmanager.", "net.reconnect.min.ms and its like are for all"],
  ["heron.streammgr.connection.", "Heron itself does not read it"],
  ["heron.streammgr.network.backpressure.threshold", "a time decides: backpressure.report.ms"],
  ["heron.streammgr.network.backpressure.lowwatermark.mb", "it is half of what a task may hold"],
  ["heron.tmanager.metrics.collector.", "the topology master keeps the newest reports"],
  ["heron.tmanager.establish.", "its place is a lease: tm.lease.ms"],
  ["heron.tmanager.network.", "net.frame.bytes is for all connections"],
  ["heron.tmanager.metrics.network.bindallinterfaces", "the topology master has no HTTP server"],
  ["heron.metricsmgr.network.", "net.frame.bytes and instance.turn.bytes are for all connections"],
  ["heron.instance.network.", "net.frame.bytes and instance.turn.bytes are for all connections"],
  ["heron.instance.internal.", "queues are rings of bytes: instance.ring.bytes"],
  ["heron.instance.set.", "a batch ends by its bytes: instance.batch.bytes"],
  ["heron.instance.ack.batch.time.ms", "turns end by their bytes: instance.turn.bytes"],
  ["heron.instance.emit.batch.", "turns end by their bytes: instance.turn.bytes"],
  ["heron.instance.execute.batch.time.ms", "turns end by their bytes: instance.turn.bytes"],
  ["heron.instance.reconnect.", "net.reconnect.min.ms and its like are for all"],
  ["heron.instance.metrics.system.sample.interval.sec", "samples are taken when metrics are told"],
  ["heron.instance.acknowledgement.nbuckets", "tuples are followed one by one"],
  ["heron.instance.tuning.", "queues are not tuned: credit keeps them short"],
  ["heron.instance.state.check.interval.sec", "Heron itself does not read it"],
];

/** Why a tunable of Heron's changes nothing here; undefined where it does, or is none. */
export function whyWithoutEffect(name: string): string | undefined {
  if (Object.hasOwn(HERON_TUNABLES, name)) return undefined;
  return WITHOUT_EFFECT.find(([begin]) =>
    name === begin || (begin.endsWith(".") && name.startsWith(begin)) ||
    // A section of nothing but such.
    begin.startsWith(`${name}.`)
  )?.[1];
}

/** The names and beginnings of Heron's tunables that change nothing here. */
export const NAMES_WITHOUT_EFFECT: readonly string[] = Object.freeze(
  WITHOUT_EFFECT.map(([begin]) => begin),
);

/** What Heron's value is here; undefined where it is no number. */
export function heronValue(raw: RawValue, { factor }: HeronTunable): ConfigValue | undefined {
  const isNumber = typeof raw === "number" || (typeof raw === "string" && /^\d+$/.test(raw.trim()));
  return isNumber ? Number(raw) * factor : undefined;
}

/** Whether a topology says this key for itself. */
export function isOfTopology(key: string): boolean {
  return OF_TOPOLOGY.has(key);
}
