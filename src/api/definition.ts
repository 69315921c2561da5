/**
 * The topology as plain data: what `TopologyBuilder` makes of the user's calls,
 * what is stored, hashed and sent. Read-only, JSON-able, without any code of the user:
 * of a custom grouping it says only that there is one.
 */

import type { ConfigValue } from "../base/config/mod.ts";
export type { ConfigValue };

/** A configuration: Heron's keys and the user's own. */
export type ConfigMap = Readonly<Record<string, ConfigValue>>;

/** How the tuples of a stream are shared among the tasks of a bolt. */
export type GroupingDefinition =
  | { readonly type: "shuffle" }
  | { readonly type: "localOrShuffle" }
  | { readonly type: "none" }
  | { readonly type: "fields"; readonly fields: readonly string[] }
  | { readonly type: "partialKey"; readonly fields: readonly string[] }
  | { readonly type: "all" }
  | { readonly type: "global" }
  | { readonly type: "direct" }
  | { readonly type: "custom" };

/** The fields by which a grouping places tuples; none for groupings that look at no value. */
export function groupingFields(grouping: GroupingDefinition): readonly string[] {
  return "fields" in grouping ? grouping.fields : [];
}

/** A stream that a component declares. */
export interface StreamDefinition {
  /** Unique in its component. */
  readonly id: string;
  /** Names of the values, in their order. */
  readonly fields: readonly string[];
  /** Declared as direct; recorded, not enforced (as in Heron). */
  readonly direct: boolean;
}

/** A subscription of a bolt to a stream of a component. */
export interface InputDefinition {
  /** The source. */
  readonly component: string;
  /** A stream the source declares. */
  readonly stream: string;
  /** How its tuples are shared among the tasks of the bolt. */
  readonly grouping: GroupingDefinition;
}

/** A consumer of a stream, seen from its source. */
export interface TargetDefinition {
  /** A stream of the source. */
  readonly stream: string;
  /** The bolt that subscribes to it. */
  readonly component: string;
  /** How the tuples are shared among the tasks of the bolt. */
  readonly grouping: GroupingDefinition;
}

/** A spout or bolt. */
export interface ComponentDefinition {
  /** The id given to `setSpout` or `setBolt`. */
  readonly name: string;
  /** What it is. */
  readonly kind: "spout" | "bolt";
  /** Number of tasks, at least 1. */
  readonly parallelism: number;
  /** The component's own configuration; it wins over the topology's. */
  readonly config: ConfigMap;
  /** The streams it declares. */
  readonly outputs: readonly StreamDefinition[];
  /** Empty for spouts. */
  readonly inputs: readonly InputDefinition[];
}

/** A whole topology: spouts first, then bolts, each in the order of their declaration. */
export interface TopologyDefinition {
  /** The topology's name, chosen by its author. */
  readonly name: string;
  /** The topology's configuration, with Heron's defaults filled in. */
  readonly config: ConfigMap;
  /** All components. */
  readonly components: readonly ComponentDefinition[];
}
