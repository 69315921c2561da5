/**
 * Checks the name and the configuration of a topology against its components.
 * What single values may be is in config_rules.ts.
 */

import { HeronError } from "../base/mod.ts";
import { Config, serializationsOf, toConfigMap } from "./config.ts";
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

type Named = Pick<TopologyDefinition, "name" | "components">;

/** The topology's complete configuration; what is wrong with it is added to `faults`. */
export function checkTopologyConfig(
  config: ConfigMap,
  topology: Named,
  faults: string[],
): ConfigMap {
  return Object.freeze({
    ...DEFAULT_TOPOLOGY_CONFIG,
    ...checkGiven(config, topology, faults),
    [Config.TOPOLOGY_NAME]: topology.name,
  });
}

/**
 * The configuration of a built topology with `given` on top, checked and translated as its own was.
 * @throws HeronError "invalid_config", one line for each fault
 */
export function configOnTop(definition: TopologyDefinition, given: Config | ConfigMap): ConfigMap {
  const faults: string[] = [];
  const map = toConfigMap(given);
  nameOf(definition.name, map, faults);
  for (const { name } of serializationsOf(given)) {
    faults.push(`${OWNER}: serializer "${name}" comes late, expected it in createTopology()`);
  }
  const checked = checkGiven(map, definition, faults);
  if (faults.length === 0) return Object.freeze({ ...definition.config, ...checked });
  const lines = faults.map((fault) => `\n  ${fault}`).join("");
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  throw new HeronError(
    "invalid_config",
    `Configure topology "${definition.name}": found ${count}${lines}`,
  );
}

/** What `config` says, in today's keys too. */
function checkGiven(config: ConfigMap, { components }: Named, faults: string[]): ConfigMap {
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
  return { ...formerKeys(checked), ...checked };
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
