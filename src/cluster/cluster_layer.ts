/**
 * The layers of a cluster: the defaults, heron-bin's own cluster, the user's file, the command line.
 * Each comes to a list of keys with what was given and where; what cannot be one is a fault. No value
 * is read here.
 */

import {
  BUILT_IN_CLUSTERS,
  CLUSTER_KEYS,
  type ClusterKey,
  DEFAULT_SINK,
  SINK_KEYS,
  SINKS,
} from "./cluster_keys.ts";
import { isTree } from "./cluster_yaml.ts";
import type { HeronTunable } from "./internal_keys.ts";
import { innerOf, INTERNAL_PATHS, knownPath } from "./known_keys.ts";
import { shownValue } from "./shown_value.ts";
import { keyOfOption } from "./slurm_kinds.ts";
import type { RawValue } from "./value_kinds.ts";
import { keyLinesOf } from "./yaml_lines.ts";

/** Where a value comes from. */
export type Origin =
  | { readonly type: "default" }
  | { readonly type: "built_in"; readonly cluster: string }
  | { readonly type: "file"; readonly file: string; readonly line: number }
  | { readonly type: "command_line"; readonly flag: ClusterFlag };

/** The flags that set keys. */
export type ClusterFlag = "--config" | "--slurm";

/** A key and what was given for it. */
export interface LayerEntry {
  readonly path: string;
  readonly key: ClusterKey;
  readonly raw: RawValue;
  readonly origin: Origin;
  /** The path by which it was given, where that is one of Heron's names. */
  readonly heron?: { readonly path: string; readonly tunable: HeronTunable };
}

/** Something wrong, or worth a warning: where, of which key, and what. */
export interface ClusterFault {
  readonly origin: Origin;
  readonly path: string;
  readonly text: string;
}

/** What a layer says. */
export interface ClusterLayer {
  readonly entries: readonly LayerEntry[];
  readonly faults: readonly ClusterFault[];
  readonly warnings: readonly ClusterFault[];
}

/** The defaults, of all sinks that the other layers name too. */
export function defaultLayer(others: readonly ClusterLayer[]): ClusterLayer {
  const sinks = new Set([DEFAULT_SINK]);
  for (const { path } of others.flatMap(({ entries }) => entries)) {
    const name = innerOf(path, SINKS)?.split(".")[0];
    if (name !== undefined) sinks.add(name);
  }
  const keys: readonly (readonly [string, ClusterKey])[] = [
    ...Object.entries<ClusterKey>(CLUSTER_KEYS),
    ...[...sinks].flatMap((name) =>
      Object.entries<ClusterKey>(SINK_KEYS).map(([key, one]) =>
        [`${SINKS}.${name}.${key}`, one] as const
      )
    ),
    ...INTERNAL_PATHS,
  ];
  const origin: Origin = { type: "default" };
  return layerOf(keys.map(([path, key]) => ({ path, key, raw: key.byDefault, origin })));
}

/** A cluster of heron-bin's own; nothing where it has none of this name. */
export function builtInLayer(cluster: string): ClusterLayer {
  const given = Object.hasOwn(BUILT_IN_CLUSTERS, cluster) ? BUILT_IN_CLUSTERS[cluster] : undefined;
  const builder = new LayerBuilder();
  const origin: Origin = { type: "built_in", cluster };
  for (const [path, raw] of Object.entries(given ?? {})) builder.add(path, raw, origin);
  return builder.layer;
}

/** A file that was read: its text and the tree in it. */
export interface ClusterFileText {
  readonly file: string;
  readonly text: string;
  readonly tree: Readonly<Record<string, unknown>>;
}

/** What a file says. A key with dots is the same as sections: `scheduler.type` and `scheduler: type`. */
export function fileLayer({ file, text, tree }: ClusterFileText): ClusterLayer {
  const { lines, repeated } = keyLinesOf(text);
  const builder = new LayerBuilder();
  const originOf = (path: string): Origin => ({ type: "file", file, line: lineOf(path, lines) });
  for (const { path, line } of repeated) {
    const origin: Origin = { type: "file", file, line };
    builder.fault({ origin, path, text: "found it a second time, expected it once" });
  }
  const walk = (section: string, part: Readonly<Record<string, unknown>>): void => {
    for (const [name, raw] of Object.entries(part)) {
      const path = section === "" ? name : `${section}.${name}`;
      const isOpen = builder.isSection(path);
      if (isOpen && isTree(raw)) walk(path, raw);
      // A section whose lines are all comments.
      else if (!isOpen || raw !== null) builder.add(path, raw, originOf(path));
    }
  };
  walk("", tree);
  return builder.layer;
}

/** What `--config key=value` and `--slurm key=value` say, each in its order. */
export function commandLineLayer(
  given: readonly (readonly [flag: ClusterFlag, text: string])[],
): ClusterLayer {
  const builder = new LayerBuilder();
  for (const [flag, text] of given) {
    const origin: Origin = { type: "command_line", flag };
    const cut = text.indexOf("=");
    const name = text.slice(0, cut).trim();
    if (cut < 0) builder.fault({ origin, path: text, text: 'found no "=", expected KEY=VALUE' });
    else {
      const path = flag === "--slurm" ? `scheduler.slurm.${keyOfOption(name) ?? name}` : name;
      builder.add(path, text.slice(cut + 1), origin);
    }
  }
  return builder.layer;
}

class LayerBuilder {
  readonly #entries: LayerEntry[] = [];
  readonly #faults: ClusterFault[] = [];
  readonly #warnings: ClusterFault[] = [];

  get layer(): ClusterLayer {
    return layerOf(this.#entries, this.#faults, this.#warnings);
  }

  isSection(path: string): boolean {
    return knownPath(path).type === "section";
  }

  fault(fault: ClusterFault): void {
    this.#faults.push(fault);
  }

  add(path: string, raw: RawValue, origin: Origin): void {
    const known = knownPath(path);
    switch (known.type) {
      case "key": {
        const { heron: tunable, ...found } = known;
        const heron = tunable === undefined ? {} : { heron: { path, tunable } };
        this.#add({ ...found, raw, origin, ...heron });
        return;
      }
      case "section": {
        const text = `found ${shownValue(raw)}, expected keys below it`;
        this.fault({ origin, path, text });
        return;
      }
      case "without_effect":
        this.#warnings.push({ origin, path, text: `changes nothing here: ${known.why}` });
        return;
      case "unknown":
        this.fault({ origin, path, text: `found no such key, expected ${known.expected}` });
    }
  }

  #add(entry: LayerEntry): void {
    const same = this.#entries.findIndex(({ path }) => path === entry.path);
    const before = this.#entries[same];
    if (before === undefined) this.#entries.push(entry);
    else if (entry.origin.type === "file") {
      const { origin, heron } = entry;
      const path = heron?.path ?? entry.path;
      const other = before.heron?.path ?? before.path;
      const as = path === other ? "" : ` as "${other}"`;
      this.fault({ origin, path, text: `found it a second time${as}, expected it once` });
    } else {
      // On a command line the last one counts, and lists grow.
      const isGathered = entry.key.kind.isGathered === true && entry.raw !== "";
      const raw = isGathered ? [before.raw, entry.raw].flat() : entry.raw;
      this.#entries[same] = { ...entry, raw };
    }
  }
}

function layerOf(
  entries: readonly LayerEntry[],
  faults: readonly ClusterFault[] = [],
  warnings: readonly ClusterFault[] = [],
): ClusterLayer {
  return { entries, faults, warnings };
}

/** The line of a key, or of the section around it, where that is written in braces. */
function lineOf(path: string, lines: ReadonlyMap<string, number>): number {
  const parts = path.split(".");
  for (let count = parts.length; count > 0; count--) {
    const line = lines.get(parts.slice(0, count).join("."));
    if (line !== undefined) return line;
  }
  return 1;
}
