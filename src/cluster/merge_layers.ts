/**
 * Layers laid on each other: of each key the value of the last layer that has it, read and in range,
 * with where it comes from; and all that is wrong. Pure.
 */

import { type ConfigValue, readConfig } from "../base/config/mod.ts";
import type { ClusterFault, ClusterLayer, LayerEntry, Origin } from "./cluster_layer.ts";
import { expand, type ExpandNames } from "./expand.ts";
import { heronValue } from "./internal_keys.ts";
import { innerOf, INTERNALS } from "./known_keys.ts";
import { shownValue } from "./shown_value.ts";
import type { Kind } from "./value_kinds.ts";

/** A key in force. */
export interface ClusterValue {
  readonly path: string;
  readonly kind: Kind<unknown>;
  /** Undefined: it is not set. */
  readonly value: unknown;
  readonly byDefault: unknown;
  readonly origin: Origin;
  /** By which of Heron's names it was given. */
  readonly heronName?: string;
}

/** What the layers come to. */
export interface MergedLayers {
  /** By path, in the order of the first layer. */
  readonly values: ReadonlyMap<string, ClusterValue>;
  readonly faults: readonly ClusterFault[];
  readonly warnings: readonly ClusterFault[];
}

/** Lays `layers` on each other, the first below all. */
export function mergeLayers(layers: readonly ClusterLayer[], names: ExpandNames): MergedLayers {
  const values = new Map<string, ClusterValue>();
  const faults = layers.flatMap((layer) => layer.faults);
  for (const entry of layers.flatMap(({ entries }) => entries)) {
    const reading = readEntry(entry, names);
    if ("value" in reading) {
      const { value } = reading;
      const isDefault = entry.origin.type === "default";
      const byDefault = isDefault ? value : values.get(entry.path)?.byDefault;
      values.set(entry.path, clusterValue(entry, { value, byDefault }));
    } else {
      const { origin, path, heron } = entry;
      faults.push({ origin, path: heron?.path ?? path, text: reading.fault });
    }
  }
  faults.push(
    ...missingType(values, faults),
    ...doubleReach(values),
    ...contradictions(values, faults),
  );
  return { values, faults, warnings: layers.flatMap((layer) => layer.warnings) };
}

type EntryReading = { readonly value: unknown } | { readonly fault: string };

function readEntry({ key, raw, origin, heron }: LayerEntry, names: ExpandNames): EntryReading {
  const { kind } = key;
  if (raw === null || raw === undefined || raw === "") {
    if (key.isOptional || origin.type === "default") return { value: undefined };
    if (kind.empty !== undefined) return { value: kind.empty };
  }
  const expansion = expand(raw, kind.variables, names);
  if ("missing" in expansion) {
    const { missing } = expansion;
    return {
      fault: `found "${missing}", which is not set, expected HOME, USER, CLUSTER, ROLE, ENVIRON ` +
        "or a variable of the environment",
    };
  }
  if (heron === undefined) {
    const reading = kind.read(expansion.value);
    if ("value" in reading) return reading;
    return { fault: `found ${shownValue(raw, expansion.value)}, expected ${reading.expected}` };
  }
  const { key: ours } = heron.tunable;
  const value = heronValue(raw, heron.tunable);
  if (value === undefined) return { fault: `found ${shownValue(raw)}, expected a number` };
  const reading = kind.read(value);
  if ("value" in reading) return reading;
  const as = `which is "${ours}" ${value}`;
  return { fault: `found ${shownValue(raw)}, ${as}, expected ${reading.expected}` };
}

function clusterValue(
  { path, key: { kind }, origin, heron }: LayerEntry,
  { value, byDefault }: Pick<ClusterValue, "value" | "byDefault">,
): ClusterValue {
  const heronName = heron && innerOf(heron.path, INTERNALS);
  return { path, kind, value, byDefault, origin, ...(heronName !== undefined && { heronName }) };
}

/** The one key without a default that a cluster needs. */
function missingType(
  values: ReadonlyMap<string, ClusterValue>,
  faults: readonly ClusterFault[],
): readonly ClusterFault[] {
  const type = values.get("scheduler.type");
  if (type === undefined || type.value !== undefined) return [];
  if (faults.some(({ path }) => path === type.path)) return [];
  const reading = type.kind.read(undefined);
  const expected = "expected" in reading ? reading.expected : "a value";
  return [{ origin: type.origin, path: type.path, text: `found nothing, expected ${expected}` }];
}

function doubleReach(values: ReadonlyMap<string, ClusterValue>): readonly ClusterFault[] {
  const [name, network] = ["interface", "network"].map((key) =>
    values.get(`scheduler.slurm.${key}`)
  );
  if (name?.value === undefined || network?.value === undefined) return [];
  const { origin, path } = network;
  return [{ origin, path, text: `found it beside "${name.path}", expected one of them` }];
}

/** What the keys of the system's config say against each other. */
function contradictions(
  values: ReadonlyMap<string, ClusterValue>,
  faults: readonly ClusterFault[],
): readonly ClusterFault[] {
  if (faults.some(({ path }) => innerOf(path, INTERNALS) !== undefined)) return [];
  return readConfig(internalsOf(values)).faults.map(({ key, text }) => {
    const path = `${INTERNALS}.${key}`;
    return { path, text, origin: values.get(path)?.origin ?? { type: "default" } };
  });
}

/** The keys of the system's config that are not at their defaults' layer. */
export function internalsOf(
  values: ReadonlyMap<string, ClusterValue>,
): Readonly<Record<string, ConfigValue>> {
  const set: Record<string, ConfigValue> = {};
  for (const { path, value, origin } of values.values()) {
    const key = innerOf(path, INTERNALS);
    const isValue = typeof value === "number" || typeof value === "string" ||
      typeof value === "boolean";
    if (key !== undefined && origin.type !== "default" && isValue) set[key] = value;
  }
  return Object.freeze(set);
}
