/**
 * What the components and containers of a topology ask for: RAM and disk in
 * bytes, CPU in cores, from Heron's configuration keys.
 */

import { parseComponentMap, type TopologyDefinition } from "../api/mod.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Heron's defaults; RAM and disk in bytes. */
export const RESOURCE_DEFAULTS = Object.freeze({
  instanceCpu: 1,
  instanceRamBytes: GIB,
  instanceDiskBytes: GIB,
  instanceRamBytesMin: 16 * MIB,
  processRamBytes: GIB,
  containerCpuPadding: 1,
  containerDiskPaddingBytes: 12 * GIB,
});

/** One kind of resource: what is asked for and what is added to it. */
export interface ResourceRequest {
  /** By component; the rest share what is left. */
  readonly byComponent: ReadonlyMap<string, number>;
  /** Of a container; undefined: as much as its instances need. */
  readonly container: number | undefined;
  readonly padding: number;
  readonly instanceDefault: number;
}

/** All that a topology asks for. */
export interface ResourceRequests {
  readonly ram: ResourceRequest;
  readonly cpu: ResourceRequest;
  readonly disk: ResourceRequest;
}

/** Reads the requests of `definition`; faults are added to `faults`. */
export function readRequests(definition: TopologyDefinition, faults: string[]): ResourceRequests {
  const reader = new RequestReader(definition, faults);
  const isStateful = definition.config["topology.reliability.mode"] === "EFFECTIVELY_ONCE";
  const { processRamBytes } = RESOURCE_DEFAULTS;
  const processes = reader.number("topology.stmgr.ram", processRamBytes) +
    reader.number("topology.metricsmgr.ram", processRamBytes) +
    reader.number("topology.stateful.checkpointmanager.ram", isStateful ? processRamBytes : 0);
  return {
    ram: {
      byComponent: reader.map("topology.component.rammap"),
      container: reader.optional("topology.container.ram"),
      padding: reader.number("topology.container.ram.padding", processes),
      instanceDefault: RESOURCE_DEFAULTS.instanceRamBytes,
    },
    cpu: {
      byComponent: reader.map("topology.component.cpumap"),
      container: reader.optional("topology.container.cpu"),
      padding: reader.number(
        "topology.container.cpu.padding",
        RESOURCE_DEFAULTS.containerCpuPadding,
      ),
      instanceDefault: RESOURCE_DEFAULTS.instanceCpu,
    },
    disk: {
      byComponent: reader.map("topology.component.diskmap"),
      container: reader.optional("topology.container.disk"),
      padding: RESOURCE_DEFAULTS.containerDiskPaddingBytes,
      instanceDefault: RESOURCE_DEFAULTS.instanceDiskBytes,
    },
  };
}

class RequestReader {
  readonly #definition: TopologyDefinition;
  readonly #faults: string[];

  constructor(definition: TopologyDefinition, faults: string[]) {
    this.#definition = definition;
    this.#faults = faults;
  }

  optional(key: string): number | undefined {
    const given = this.#definition.config[key];
    if (given === undefined || given === "") return undefined;
    const value = Number(given);
    if (Number.isFinite(value) && value >= 0) return value;
    this.#faults.push(`"${key}": found "${given}", expected a number of 0 or more`);
    return undefined;
  }

  number(key: string, byDefault: number): number {
    return this.optional(key) ?? byDefault;
  }

  map(key: string): ReadonlyMap<string, number> {
    const given = this.#definition.config[key];
    if (given === undefined || given === "") return new Map();
    const parsed = parseComponentMap(String(given));
    if (parsed === undefined) {
      this.#faults.push(`"${key}": found "${given}", expected "component:value,component:value"`);
      return new Map();
    }
    const names = new Set(this.#definition.components.map((component) => component.name));
    for (const name of parsed.keys()) {
      if (!names.has(name)) this.#faults.push(`"${key}": found "${name}", expected a component`);
    }
    return parsed;
  }
}
