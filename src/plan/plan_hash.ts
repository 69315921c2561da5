/**
 * Whether two processes built the same topology: a hash that is compared, and
 * the words for what differs. Both rest on one canonical form, a sorted list of
 * facts, so there is a difference to show exactly when the hashes differ.
 */

import {
  type ComponentDefinition,
  Config,
  type ConfigMap,
  type TopologyDefinition,
} from "../api/mod.ts";
import { defaultKeyGroups } from "./key_group_count.ts";

const LINES_MAX = 20;
const PLAIN_NAME = /^[\w.-]+$/;
const COMPONENT_PART = /^components\[(?:[\w.-]+|"(?:[^"\\]|\\.)*")\]/;

/** SHA-256 over the canonical form of `definition`, 32 bytes. */
export function planHash(definition: TopologyDefinition): Uint8Array {
  const facts = [...factsOf(definition)].sort(([a], [b]) => (a < b ? -1 : 1));
  // Not of node:crypto, which brings all of Node's streams into a process that starts.
  return new Uint8Array(new Bun.CryptoHasher("sha256").update(JSON.stringify(facts)).digest());
}

/** What differs, one line each, at most 20 and how many more; empty when nothing does. */
export function describeDifference(first: TopologyDefinition, second: TopologyDefinition): string {
  const before = factsOf(first);
  const after = factsOf(second);
  const lines = [...new Set([...before.keys(), ...after.keys()])]
    .filter((fact) => before.get(fact) !== after.get(fact))
    .filter((fact) => !isOfLoneComponent(fact, before, after))
    .map((fact) => {
      const [was, is] = [before, after].map((facts) => facts.get(fact) ?? "absent");
      return `${fact}: ${was} at first, then ${is}`;
    });
  const rest = lines.length - LINES_MAX;
  return [...lines.slice(0, LINES_MAX), ...(rest > 0 ? [`and ${rest} more`] : [])].join("\n");
}

/** That a component is absent says enough; its streams and the like are not listed. */
function isOfLoneComponent(fact: string, before: Facts, after: Facts): boolean {
  const component = COMPONENT_PART.exec(fact)?.[0];
  return component !== undefined && component !== fact &&
    before.has(component) !== after.has(component);
}

/** What a fact is about, as a path, and what it says. */
type Facts = ReadonlyMap<string, string>;

/** All that makes a plan. No two different plans have the same facts. */
function factsOf(definition: TopologyDefinition): Facts {
  const facts = new Map<string, string>();
  facts.set("name", JSON.stringify(definition.name));
  addConfig(facts, "config", withoutRecorded(definition));
  for (const component of definition.components) addComponent(facts, component);
  facts.set("components", namesOf(definition.components.map(({ name }) => name)));
  return facts;
}

/** The configuration less what recording it adds. */
function withoutRecorded(definition: TopologyDefinition): ConfigMap {
  const {
    [Config.TOPOLOGY_NAME]: _name,
    [Config.TOPOLOGY_KEY_GROUPS]: keyGroups,
    ...config
  } = definition.config;
  if (keyGroups === undefined || keyGroups === defaultKeyGroups(definition)) return config;
  return { ...config, [Config.TOPOLOGY_KEY_GROUPS]: keyGroups };
}

function addConfig(facts: Map<string, string>, owner: string, config: ConfigMap): void {
  for (const [key, value] of Object.entries(config)) {
    facts.set(`${owner}[${quoted(key)}]`, JSON.stringify(value));
  }
}

function addComponent(facts: Map<string, string>, component: ComponentDefinition): void {
  const owner = `components[${quoted(component.name)}]`;
  facts.set(owner, component.kind);
  facts.set(`${owner}.parallelism`, JSON.stringify(component.parallelism));
  addConfig(facts, `${owner}.config`, component.config);
  for (const { id, fields, direct } of component.outputs) {
    const stream = `${direct ? "direct " : ""}${namesOf(fields)}`;
    facts.set(`${owner}.outputs[${quoted(id)}]`, stream);
  }
  facts.set(`${owner}.outputs`, namesOf(component.outputs.map(({ id }) => id)));
  component.inputs.forEach((input, index) => {
    const { grouping } = input;
    const fields = "fields" in grouping ? ` ${namesOf(grouping.fields)}` : "";
    const source = `${JSON.stringify(input.component)} ${JSON.stringify(input.stream)}`;
    facts.set(`${owner}.inputs[${index}]`, `${source} ${grouping.type}${fields}`);
  });
}

function namesOf(names: readonly string[]): string {
  return `[${names.map((name) => JSON.stringify(name)).join(", ")}]`;
}

/** A name inside a path: bare where that cannot be misread. */
function quoted(name: string): string {
  return PLAIN_NAME.test(name) ? name : JSON.stringify(name);
}
