/** How often a bolt gets a tick tuple. */

import type { ConfigMap } from "../../api/mod.ts";

/** The period of tick tuples in ms; undefined: none are asked for. The builder turned seconds into ms. */
export function tickPeriodMs(config: ConfigMap): number | undefined {
  const ms = Number(config["topology.tick.tuple.freq.ms"] ?? 0);
  return ms > 0 ? ms : undefined;
}
