/** How many calls of a bolt's `execute` may be open at once in a task. */

import { Config } from "./config.ts";
import type { ConfigMap } from "./definition.ts";

/** What the configuration of a component says, with the topology's below it; at least 1. */
export function maxConcurrencyOf(config: ConfigMap): number {
  return Number(config[Config.TOPOLOGY_COMPONENT_MAX_CONCURRENCY] ?? 1);
}
