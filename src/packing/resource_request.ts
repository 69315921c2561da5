/**
 * What a topology's configuration asks for: containers, and memory, cores and
 * disk of components and containers. Heron's keys, defaults and units; which
 * instance goes where is the algorithm's business.
 */

import { Config, type ConfigMap, parseComponentMap, type TopologyDefinition } from "../api/mod.ts";
import { HeronError } from "../base/mod.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** What an instance gets of a resource when nothing is said. */
export const INSTANCE_DEFAULT: Readonly<Amounts> = Object.freeze({ cpu: 1, ram: GIB, disk: GIB });
/** The least memory of an instance, bytes. */
export const INSTANCE_RAM_MIN: number = 16 * MIB;

const CPU_PADDING = 1;
const DISK_PADDING = 12 * GIB;
const DAEMON_RAM_DEFAULT = GIB;
/** Heron's key; nothing sets it yet. */
const CHECKPOINT_MANAGER_RAM = "topology.stateful.checkpointmanager.ram";

/** Cores, bytes of memory, bytes of disk. */
export interface Amounts {
  readonly cpu: number;
  readonly ram: number;
  readonly disk: number;
}

/** Kind of a resource. */
export type Resource = keyof Amounts;

/** What is asked for of one resource. */
export interface ResourceRequest {
  /** For an instance of a component, where one is named. */
  readonly byComponent: ReadonlyMap<string, number>;
  /** Of a whole container; undefined: not said. */
  readonly container: number | undefined;
  /** Of a container, kept from its instances. */
  readonly padding: number;
}

/** Everything a packing algorithm goes by besides the parallelisms. */
export interface PackingRequest extends Readonly<Record<Resource, ResourceRequest>> {
  /** Number of worker containers. */
  readonly containers: number;
}

/**
 * Reads what `definition` asks for.
 * @throws HeronError "invalid_topology" naming the key that cannot be used
 */
export function readPackingRequest(definition: TopologyDefinition): PackingRequest {
  const { config } = definition;
  const mapOf = (key: string, rule: NumberRule) => readComponentMap(definition, { key, rule });
  const loads = readLoads(definition);
  return {
    containers: readNumber(config, Config.TOPOLOGY_STMGRS, WHOLE_FROM_1) ?? 1,
    cpu: {
      byComponent: new Map([...mapOf(Config.TOPOLOGY_COMPONENT_CPUMAP, ABOVE_0), ...loads.cpu]),
      container: readNumber(config, Config.TOPOLOGY_CONTAINER_CPU_REQUESTED, ABOVE_0),
      padding: CPU_PADDING,
    },
    ram: {
      byComponent: new Map([
        ...mapOf(Config.TOPOLOGY_COMPONENT_RAMMAP, WHOLE_FROM_1),
        ...loads.ram,
      ]),
      container: readNumber(config, Config.TOPOLOGY_CONTAINER_RAM_REQUESTED, WHOLE_FROM_1),
      padding: readRamPadding(config),
    },
    disk: {
      byComponent: mapOf(Config.TOPOLOGY_COMPONENT_DISKMAP, WHOLE_FROM_1),
      container: readNumber(config, Config.TOPOLOGY_CONTAINER_DISK_REQUESTED, WHOLE_FROM_1),
      padding: DISK_PADDING,
    },
  };
}

/** What components say of themselves, by Storm's keys. */
function readLoads({ components }: TopologyDefinition): {
  readonly cpu: ReadonlyMap<string, number>;
  readonly ram: ReadonlyMap<string, number>;
} {
  const cpu = new Map<string, number>();
  const ram = new Map<string, number>();
  for (const { name, config } of components) {
    const percent = readNumber(config, Config.TOPOLOGY_COMPONENT_CPU_PCORE_PERCENT, ABOVE_0);
    if (percent !== undefined) cpu.set(name, percent / 100);
    const mib = [
      Config.TOPOLOGY_COMPONENT_RESOURCES_ONHEAP_MEMORY_MB,
      Config.TOPOLOGY_COMPONENT_RESOURCES_OFFHEAP_MEMORY_MB,
    ].map((key) => readNumber(config, key, ABOVE_0) ?? 0).reduce((sum, part) => sum + part, 0);
    if (mib > 0) ram.set(name, Math.ceil(mib * MIB));
  }
  return { cpu, ram };
}

function readRamPadding(config: ConfigMap): number {
  const padding = readNumber(config, Config.TOPOLOGY_CONTAINER_RAM_PADDING, WHOLE_FROM_0);
  if (padding !== undefined) return padding;
  const isStateful = config[Config.TOPOLOGY_RELIABILITY_MODE] === "EFFECTIVELY_ONCE";
  const daemons = [
    Config.TOPOLOGY_STMGR_RAM,
    Config.TOPOLOGY_METRICSMGR_RAM,
    ...(isStateful ? [CHECKPOINT_MANAGER_RAM] : []),
  ];
  return daemons.map((key) => readNumber(config, key, WHOLE_FROM_0) ?? DAEMON_RAM_DEFAULT)
    .reduce((sum, ram) => sum + ram, 0);
}

/** What a number must be, as a test and in words. */
interface NumberRule {
  readonly isMet: (number: number) => boolean;
  readonly expected: string;
}

const WHOLE_FROM_0 = wholeFrom(0);
const WHOLE_FROM_1 = wholeFrom(1);
const ABOVE_0: NumberRule = {
  isMet: (number) => Number.isFinite(number) && number > 0,
  expected: "a number above 0",
};

function wholeFrom(min: number): NumberRule {
  return {
    isMet: (number) => Number.isSafeInteger(number) && number >= min,
    expected: `a whole number from ${min}`,
  };
}

// Numbers may come as text, from a record that Heron wrote.
function readNumber(config: ConfigMap, key: string, rule: NumberRule): number | undefined {
  const value = config[key];
  if (value === undefined) return undefined;
  const number = typeof value === "boolean" || value === "" ? NaN : Number(value);
  if (rule.isMet(number)) return number;
  throw refused(key, `found "${value}", expected ${rule.expected}`);
}

function readComponentMap(
  { config, components }: TopologyDefinition,
  { key, rule }: { key: string; rule: NumberRule },
): ReadonlyMap<string, number> {
  const value = config[key];
  if (value === undefined) return new Map();
  const map = parseComponentMap(String(value));
  if (map === undefined) {
    throw refused(key, `found "${value}", expected pairs "component:number" with commas between`);
  }
  const names = components.map(({ name }) => name);
  const unknown = [...map.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw refused(key, `found component "${unknown}", expected one of [${names.join(", ")}]`);
  }
  for (const [name, amount] of map) {
    if (rule.isMet(amount)) continue;
    throw refused(key, `found "${amount}" for "${name}", expected ${rule.expected}`);
  }
  return map;
}

function refused(key: string, fault: string): HeronError {
  return new HeronError("invalid_topology", `Pack by "${key}": ${fault}`);
}
