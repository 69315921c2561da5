/** An instance as the metrics of its gateway see it: shared counters, and a registry to read. */

import type { ComponentDefinition } from "../../src/api/mod.ts";
import { ManualClock } from "../../src/base/mod.ts";
import { COUNTED_STREAMS_MAX, COUNTER, encodeTimePlace } from "../../src/instance/bridge.ts";
import { MetricRegistry } from "../../src/metrics/mod.ts";

/** What metrics need to know of a component. */
export type CountedComponent =
  & Pick<ComponentDefinition, "kind" | "outputs" | "inputs">
  & Partial<Pick<ComponentDefinition, "config">>;

/** A registry, and counters of which those after the fixed ones are `streams`. */
export function countedInstance(streams: readonly number[]) {
  const counters = new Float64Array(encodeTimePlace(COUNTED_STREAMS_MAX));
  counters.set(streams, COUNTER.firstStream);
  const clock = new ManualClock();
  const registry = new MetricRegistry(clock);
  const collect = (): Map<string, string> =>
    new Map(registry.collect().map(({ name, value }) => [name, value]));
  return { counters, clock, registry, collect };
}

/** An output stream of one field. */
export function output(id: string) {
  return { id, fields: ["word"], direct: false };
}

/** Those of `values` whose name begins with `prefix`. */
export function beginning(values: Map<string, string>, prefix: string): Record<string, string> {
  return Object.fromEntries([...values].filter(([name]) => name.startsWith(prefix)));
}
