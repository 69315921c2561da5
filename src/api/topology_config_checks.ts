/**
 * Checks the name and the configuration of a topology against its components.
 * What single values may be is in config_rules.ts.
 */

import { Config } from "./config.ts";
import { checkConfig, DEFAULT_TOPOLOGY_CONFIG, parseComponentMap } from "./config_rules.ts";
import type { ComponentDefinition, ConfigMap, TopologyDefinition } from "./definition.ts";
import { topologyNameFault } from "./ids.ts";
import { suggestion } from "./input_checks.ts";

const OWNER = "Topology";

const COMPONENT_MAPS = [
  Config.TOPOLOGY_COMPONENT_CPUMAP,
  Config.TOPOLOGY_COMPONENT_RAMMAP,
  Config.TOPOLOGY_COMPONENT_DISKMAP,
] as const;

/** The topology's name, of the builder or of the configuration; both may give it if they agree. */
export function nameOf(name: string | undefined, config: ConfigMap, faults: string[]): string {
  const configured = config[Config.TOPOLOGY_NAME];
  const chosen = name ?? configured;
  if (chosen === undefined) {
    faults.push(`${OWNER}: has no name, expected one as argument of TopologyBuilder`);
    return "";
  }
  const fault = topologyNameFault(chosen);
  if (fault !== undefined) faults.push(`${OWNER}: its name ${fault}`);
  if (configured !== undefined && configured !== chosen) {
    faults.push(
      `${OWNER}: config "${Config.TOPOLOGY_NAME}" is "${configured}", expected the builder's "${chosen}"`,
    );
  }
  return String(chosen);
}

/** The topology's complete configuration; what is wrong with it is added to `faults`. */
export function checkTopologyConfig(
  config: ConfigMap,
  { name, components }: Pick<TopologyDefinition, "name" | "components">,
  faults: string[],
): ConfigMap {
  const checked = checkConfig(config, OWNER, faults);
  const names = new Set(components.map((component) => component.name));
  for (const key of COMPONENT_MAPS) {
    const map = parseComponentMap(String(checked[key] ?? ""));
    for (const component of map?.keys() ?? []) {
      if (names.has(component)) continue;
      faults.push(
        `${OWNER}: config "${key}" names component "${component}", ${suggestion(component, names)}`,
      );
    }
  }
  if (checked[Config.TOPOLOGY_COMPONENT_ERROR_THEN] === "dead_letter") {
    faults.push(
      `${OWNER}: config "${Config.TOPOLOGY_COMPONENT_ERROR_THEN}" is "dead_letter", expected this ` +
        "of single bolts, by setErrorPolicy()",
    );
  }
  checkKeyGroups(checked[Config.TOPOLOGY_KEY_GROUPS], components, faults);
  return Object.freeze({
    ...DEFAULT_TOPOLOGY_CONFIG,
    ...formerKeys(checked),
    ...checked,
    [Config.TOPOLOGY_NAME]: name,
  });
}

/** What keys of Storm, and former ones of Heron, say in today's; those that are set win over them. */
function formerKeys(checked: ConfigMap): ConfigMap {
  const workers = checked[Config.TOPOLOGY_WORKERS];
  const acking = checked[Config.TOPOLOGY_ACKING];
  return {
    ...(workers === undefined ? {} : { [Config.TOPOLOGY_STMGRS]: workers }),
    ...(acking === undefined ? {} : {
      [Config.TOPOLOGY_RELIABILITY_MODE]: acking === true ? "ATLEAST_ONCE" : "ATMOST_ONCE",
    }),
  };
}

function checkKeyGroups(
  keyGroups: unknown,
  components: readonly ComponentDefinition[],
  faults: string[],
): void {
  if (typeof keyGroups !== "number") return;
  const parallelism = Math.max(1, ...components.map((component) => component.parallelism));
  if (Number.isInteger(Math.log2(keyGroups)) && keyGroups >= parallelism) return;
  faults.push(
    `${OWNER}: config "${Config.TOPOLOGY_KEY_GROUPS}" is "${keyGroups}", ` +
      `expected a power of two not below the largest parallelism (${parallelism})`,
  );
}
