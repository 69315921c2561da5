/**
 * All keys of a cluster file but those of `internals`, each with its kind, its default as a user
 * would write it, and its meaning. docs/cluster-file.md says the same; a test compares them.
 */

import { choice, flag, integer } from "../base/config/mod.ts";
import {
  CONSTRAINT,
  EXTRA_LINES,
  INTERFACE,
  JOB_NAME,
  MAIL_TYPE_LIST,
  MAIL_USER,
  NAMES,
  NETWORK,
  NODES,
  RESOURCES,
  TIME_LIMIT,
} from "./slurm_kinds.ts";
import {
  durationKind,
  FOLDER,
  type Kind,
  type RawValue,
  settingKind,
  sizeKind,
  SUBFOLDER,
} from "./value_kinds.ts";

/** A key of a cluster. */
export interface ClusterKey<T = unknown> {
  readonly kind: Kind<T>;
  /** Undefined: it has none. */
  readonly byDefault: RawValue;
  /** It may be without a value. */
  readonly isOptional: boolean;
}

/** The value of a key: `undefined` where it may be without one and is. */
export type ValueOf<Key> = Key extends
  { readonly kind: Kind<infer T>; readonly isOptional: infer O }
  ? O extends true ? T | undefined : T
  : never;

const KIB = 1024;
const GIB = KIB ** 3;
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
/** Slurm's controller answers all users of a cluster: it is not to be asked more often. */
const POLL_MS_MIN = 30 * SECOND_MS;
const COMMAND = durationKind({ minMs: SECOND_MS, maxMs: HOUR_MS });

/** The keys. */
export const CLUSTER_KEYS = Object.freeze({
  "scheduler.type": required(
    settingKind("word", choice<"local" | "slurm">(["local", "slurm"], [])),
  ),
  "scheduler.folder": given(FOLDER, "~/.heron-bin/topologies/${CLUSTER}/${ROLE}/${ENVIRON}"),

  "scheduler.slurm.partition": optional(NAMES),
  "scheduler.slurm.account": optional(NAMES),
  "scheduler.slurm.qos": optional(NAMES),
  "scheduler.slurm.constraint": optional(CONSTRAINT),
  "scheduler.slurm.reservation": optional(NAMES),
  "scheduler.slurm.gres": optional(RESOURCES),
  "scheduler.slurm.exclude": optional(NODES),
  "scheduler.slurm.time.limit": optional(TIME_LIMIT),
  "scheduler.slurm.containers.per.node": optional(
    settingKind("whole number", integer(1, { min: 1, max: 10_000 })),
  ),
  "scheduler.slurm.request.memory": given(settingKind("true or false", flag(true)), true),
  "scheduler.slurm.job.name": optional(JOB_NAME),
  "scheduler.slurm.mail.user": optional(MAIL_USER),
  "scheduler.slurm.mail.type": given(MAIL_TYPE_LIST, []),
  "scheduler.slurm.extra.lines": given(EXTRA_LINES, []),
  "scheduler.slurm.interface": optional(INTERFACE),
  "scheduler.slurm.network": optional(NETWORK),
  "scheduler.slurm.command.timeout": given(COMMAND, "20s"),
  "scheduler.slurm.poll.interval": given(
    durationKind({ minMs: POLL_MS_MIN, maxMs: HOUR_MS }),
    "30s",
  ),

  "state.type": given(
    settingKind("word", choice<"local_fs" | "zookeeper">(["local_fs"], ["zookeeper"])),
    "local_fs",
  ),
  "state.root": given(FOLDER, "~/.heron-bin/state/${CLUSTER}"),

  "uploader.type": given(settingKind("word", choice<"local_fs">(["local_fs"], [])), "local_fs"),
  "uploader.folder": given(FOLDER, "~/.heron-bin/packages/${CLUSTER}/${ROLE}/${ENVIRON}"),

  "packing.type": given(
    settingKind("word", choice<"round_robin">(["round_robin"], [])),
    "round_robin",
  ),
});

/** The keys of each sink, below `metrics.sinks.NAME`. */
export const SINK_KEYS = Object.freeze({
  /** `none`: there is no such sink, also where another layer has one. */
  "type": given(settingKind("word", choice<"file" | "none">(["file", "none"], [])), "file"),
  "folder": given(SUBFOLDER, "logs/metrics"),
  "files.max": given(settingKind("whole number", integer(5, { min: 1, max: 1000 })), 5),
  "file.bytes.max": given(sizeKind({ min: KIB, max: GIB }), "16MiB"),
  "flush.interval": given(durationKind({ minMs: SECOND_MS, maxMs: 24 * HOUR_MS }), "60s"),
  "queue.bytes.max": given(sizeKind({ min: KIB, max: GIB }), "8MiB"),
});

/** Where the keys of sinks begin. */
export const SINKS = "metrics.sinks";

/** The sink that there is unless it is changed; Heron's name for it. */
export const DEFAULT_SINK = "file-sink";

/** What may name a sink. */
export const SINK_NAME = /^[a-z][a-z0-9_-]{0,63}$/;

/** A cluster of heron-bin's own: what it says above the defaults. */
export const BUILT_IN_CLUSTERS: Readonly<Record<string, Readonly<Record<string, RawValue>>>> =
  Object.freeze({
    local: Object.freeze({ "scheduler.type": "local" }),
    slurm: Object.freeze({ "scheduler.type": "slurm" }),
  });

function required<T>(kind: Kind<T>) {
  return Object.freeze({ kind, byDefault: undefined, isOptional: false as const });
}

function optional<T>(kind: Kind<T>) {
  return Object.freeze({ kind, byDefault: undefined, isOptional: true as const });
}

function given<T>(kind: Kind<T>, byDefault: RawValue) {
  return Object.freeze({ kind, byDefault, isOptional: false as const });
}
