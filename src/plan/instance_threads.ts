/** How many threads the instances of a component have: its own setting, else the topology's. */

import type { ComponentDefinition, TopologyDefinition } from "../api/mod.ts";
import { HeronError } from "../base/mod.ts";
import { type SystemConfig, systemConfigFrom } from "../base/config/mod.ts";

const KEY = "instance.threads";

/**
 * The threads of each instance of `component`.
 * @throws HeronError `invalid_config` that names the component
 */
export function instanceThreads(
  topology: Pick<TopologyDefinition, "config">,
  component: Pick<ComponentDefinition, "name" | "config">,
): SystemConfig["instanceThreads"] {
  const threads = component.config[KEY] ?? topology.config[KEY];
  if (threads === undefined) return systemConfigFrom({}).instanceThreads;
  try {
    return systemConfigFrom({ [KEY]: threads }).instanceThreads;
  } catch (thrown) {
    const { code, message } = HeronError.from(thrown);
    throw new HeronError(code, `Set up component "${component.name}": ${message}`, {
      cause: thrown,
    });
  }
}
