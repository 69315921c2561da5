/**
 * What a path in a cluster file is: a key, a section, a tunable of Heron's that changes nothing, or
 * unknown, and then what was probably meant.
 */

import { type ConfigKey, type ConfigValue, type Setting, SETTINGS } from "../base/config/mod.ts";
import { nearestName } from "../base/mod.ts";
import { CLUSTER_KEYS, type ClusterKey, SINK_KEYS, SINK_NAME, SINKS } from "./cluster_keys.ts";
import {
  HERON_TUNABLES,
  type HeronTunable,
  INTERNAL_KEYS,
  isOfTopology,
  whyWithoutEffect,
} from "./internal_keys.ts";
import { settingKind } from "./value_kinds.ts";

/** Where the keys of the system's config begin. */
export const INTERNALS = "internals";

/** What a path is. */
export type KnownPath =
  | {
    readonly type: "key";
    /** The key that it sets: of Heron's names, ours. */
    readonly path: string;
    readonly key: ClusterKey;
    readonly heron?: HeronTunable;
  }
  | { readonly type: "section" }
  | { readonly type: "without_effect"; readonly why: string }
  | { readonly type: "unknown"; readonly expected: string };

/** What Heron's files call the keys of clusters. */
const HERON_NAMES: ReadonlyMap<string, string> = new Map(Object.entries({
  "heron.class.scheduler": "scheduler.type",
  "heron.class.state.manager": "state.type",
  "heron.class.uploader": "uploader.type",
  "heron.class.packing.algorithm": "packing.type",
  "heron.scheduler.local.working.directory": "scheduler.folder",
  "heron.statemgr.root.path": "state.root",
  "heron.statemgr.connection.string": "state.root",
  "heron.uploader.localfs.file.system.directory": "uploader.folder",
}));

const HERON_PATHS: readonly string[] = Object.keys(HERON_TUNABLES);
const FIXED_PATHS: readonly string[] = [
  ...Object.keys(CLUSTER_KEYS),
  ...[...INTERNAL_KEYS, ...HERON_PATHS].map((key) => `${INTERNALS}.${key}`),
];
const SECTIONS: ReadonlySet<string> = new Set([SINKS, ...FIXED_PATHS.flatMap(sectionsOf)]);

/** The keys of the system's config as keys of clusters, by their paths, in the order of the defaults. */
export const INTERNAL_PATHS: ReadonlyMap<string, ClusterKey> = new Map(
  INTERNAL_KEYS.map((key) => [`${INTERNALS}.${key}`, internalKey(key)] as const),
);

/** What `path` is. */
export function knownPath(path: string): KnownPath {
  const key = Object.hasOwn(CLUSTER_KEYS, path)
    // Just looked up.
    ? CLUSTER_KEYS[path as keyof typeof CLUSTER_KEYS]
    : INTERNAL_PATHS.get(path) ?? sinkKey(path);
  if (key !== undefined) return { type: "key", path, key };
  const inner = innerOf(path, INTERNALS);
  const heron = inner !== undefined && Object.hasOwn(HERON_TUNABLES, inner)
    ? HERON_TUNABLES[inner]
    : undefined;
  if (heron !== undefined) {
    const ours = `${INTERNALS}.${heron.key}`;
    return { type: "key", path: ours, key: internalKey(heron.key), heron };
  }
  if (SECTIONS.has(path) || isSink(path)) return { type: "section" };
  const why = inner === undefined ? undefined : whyWithoutEffect(inner);
  return why === undefined
    ? { type: "unknown", expected: expectedFor(path) }
    : { type: "without_effect", why };
}

/** The names that may stand in a section, each a key or a section. */
export function namesIn(section: string): readonly string[] {
  const sink = innerOf(section, SINKS);
  if (sink !== undefined) return Object.keys(SINK_KEYS);
  const start = section === "" ? "" : `${section}.`;
  const paths = [...FIXED_PATHS, ...SECTIONS];
  return paths.filter((path) => path.startsWith(start)).map((path) => path.slice(start.length));
}

/** What stands behind `section.` in `path`; undefined where it is not below it. */
export function innerOf(path: string, section: string): string | undefined {
  return path.startsWith(`${section}.`) ? path.slice(section.length + 1) : undefined;
}

function expectedFor(path: string): string {
  const inner = innerOf(path, INTERNALS);
  if (inner !== undefined && isOfTopology(inner)) {
    return "a key of the system: this one belongs to the config of each topology";
  }
  const sink = innerOf(path, SINKS)?.split(".")[0];
  if (sink !== undefined && !SINK_NAME.test(sink)) {
    return "a name of a sink of small letters, digits, - and _";
  }
  const heron = HERON_NAMES.get(inner ?? path);
  if (heron !== undefined) return `"${heron}", as it is called here`;
  const section = sectionAround(path);
  const name = innerOf(path, section) ?? path;
  const nearest = nearestName(name, namesIn(section));
  if (nearest !== undefined) return `"${section === "" ? "" : `${section}.`}${nearest}"?`;
  const elsewhere = FIXED_PATHS.find((known) => known.endsWith(`.${name}`));
  if (elsewhere !== undefined) return `"${elsewhere}"?`;
  const direct = [...new Set(namesIn(section).map((one) => one.split(".")[0]))];
  return section === INTERNALS
    ? "a key of the system's config, or a tunable of Heron's"
    : `one of ${direct.join(", ")}`;
}

/** The longest section that `path` is below; "": none. */
function sectionAround(path: string): string {
  return sectionsOf(path).findLast((one) => SECTIONS.has(one) || isSink(one)) ?? "";
}

/** `a` and `a.b` of `a.b.c`. */
function sectionsOf(path: string): readonly string[] {
  const parts = path.split(".");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("."));
}

function isSink(path: string): boolean {
  const name = innerOf(path, SINKS);
  return name !== undefined && SINK_NAME.test(name);
}

function sinkKey(path: string): ClusterKey | undefined {
  const inner = innerOf(path, SINKS) ?? "";
  const dot = inner.indexOf(".");
  const name = inner.slice(dot + 1);
  if (dot < 0 || !SINK_NAME.test(inner.slice(0, dot)) || !Object.hasOwn(SINK_KEYS, name)) {
    return undefined;
  }
  // Just looked up.
  return SINK_KEYS[name as keyof typeof SINK_KEYS];
}

function internalKey(key: ConfigKey): ClusterKey<ConfigValue> {
  const setting: Setting<ConfigValue> = SETTINGS[key];
  const { byDefault } = setting;
  const name = typeof byDefault === "number"
    ? "whole number"
    : typeof byDefault === "boolean"
    ? "true or false"
    : "word";
  return { kind: settingKind(name, setting), byDefault, isOptional: false };
}
