/** The settings of a cluster, typed, made of the values of its keys. */

import type {
  ClusterSettings,
  FileSinkOfCluster,
  NodeReach,
  SlurmSettings,
} from "./cluster_settings.ts";
import { type CLUSTER_KEYS, type SINK_KEYS, SINKS, type ValueOf } from "./cluster_keys.ts";
import type { ExpandNames } from "./expand.ts";
import { innerOf } from "./known_keys.ts";
import { type ClusterValue, internalsOf } from "./merge_layers.ts";
import { slurmTimeMs } from "./slurm_kinds.ts";

type Values = ReadonlyMap<string, ClusterValue>;
type ClusterKeys = typeof CLUSTER_KEYS;
type SinkKeys = typeof SINK_KEYS;

/** The settings that `values` come to; they are complete and without a fault. */
export function settingsFrom(values: Values, names: ExpandNames): ClusterSettings {
  const read = <Key extends keyof ClusterKeys>(key: Key): ValueOf<ClusterKeys[Key]> =>
    // What was read by the kind of the key.
    values.get(key)?.value as ValueOf<ClusterKeys[Key]>;
  const folder = read("scheduler.folder");
  const isLocal = read("scheduler.type") === "local";
  return frozen({
    cluster: names.cluster,
    role: names.role,
    environ: names.environ,
    scheduler: isLocal
      ? { type: "local", folder }
      : { type: "slurm", folder, slurm: slurmSettings(read) },
    state: { type: "local_fs", root: read("state.root") },
    uploader: { type: read("uploader.type"), folder: read("uploader.folder") },
    packing: { type: read("packing.type") },
    metrics: { sinks: sinksOf(values) },
    internals: internalsOf(values),
  });
}

type Read = <Key extends keyof ClusterKeys>(key: Key) => ValueOf<ClusterKeys[Key]>;

function slurmSettings(read: Read): SlurmSettings {
  const timeLimit = read("scheduler.slurm.time.limit");
  const mailTypes = read("scheduler.slurm.mail.type");
  return {
    ...set({
      partition: read("scheduler.slurm.partition"),
      account: read("scheduler.slurm.account"),
      qos: read("scheduler.slurm.qos"),
      constraint: read("scheduler.slurm.constraint"),
      reservation: read("scheduler.slurm.reservation"),
      gres: read("scheduler.slurm.gres"),
      exclude: read("scheduler.slurm.exclude"),
      timeLimit,
      timeLimitMs: timeLimit === undefined ? undefined : slurmTimeMs(timeLimit),
      containersPerNode: read("scheduler.slurm.containers.per.node"),
      jobName: read("scheduler.slurm.job.name"),
      mailUser: read("scheduler.slurm.mail.user"),
      mailType: mailTypes.length === 0 ? undefined : mailTypes.join(","),
      reach: reachOf(read),
    }),
    requestMemory: read("scheduler.slurm.request.memory"),
    extraLines: read("scheduler.slurm.extra.lines"),
    commandTimeoutMs: read("scheduler.slurm.command.timeout"),
    pollIntervalMs: read("scheduler.slurm.poll.interval"),
  };
}

type SetOf<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> };

/** What of `values` is not undefined. */
function set<T extends object>(values: T): SetOf<T> {
  // Those that were undefined are gone.
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as SetOf<T>;
}

function reachOf(read: Read): NodeReach | undefined {
  const name = read("scheduler.slurm.interface");
  const cidr = read("scheduler.slurm.network");
  if (name !== undefined) return { type: "interface", name };
  return cidr === undefined ? undefined : { type: "network", cidr };
}

function sinksOf(values: Values): readonly FileSinkOfCluster[] {
  const ids = new Set(
    [...values.keys()].flatMap((path) => innerOf(path, SINKS)?.split(".")[0] ?? []),
  );
  return [...ids].flatMap((id) => {
    const read = <Key extends keyof SinkKeys>(key: Key): ValueOf<SinkKeys[Key]> =>
      // What was read by the kind of the key.
      values.get(`${SINKS}.${id}.${key}`)?.value as ValueOf<SinkKeys[Key]>;
    const type = read("type");
    if (type === "none") return [];
    return [{
      type,
      id,
      folder: read("folder"),
      filesMax: read("files.max"),
      fileBytesMax: read("file.bytes.max"),
      flushMs: read("flush.interval"),
      queueBytesMax: read("queue.bytes.max"),
    }];
  });
}

function frozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === "object" && part !== null) frozen(part);
  }
  return Object.freeze(value);
}
