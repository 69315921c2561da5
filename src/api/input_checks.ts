/**
 * Checks the subscriptions of a bolt against what the other components
 * declare. The components themselves were checked before.
 */

import type {
  ComponentDefinition,
  GroupingDefinition,
  InputDefinition,
  StreamDefinition,
} from "./definition.ts";
import { nearestName } from "../base/mod.ts";

const GROUPING_TYPES: ReadonlySet<string> = new Set<GroupingDefinition["type"]>([
  "shuffle",
  "localOrShuffle",
  "none",
  "fields",
  "partialKey",
  "all",
  "global",
  "direct",
  "custom",
]);

/** Adds what is wrong with the bolt's subscriptions to `faults`. */
export function checkInputs(
  bolt: ComponentDefinition,
  components: ReadonlyMap<string, ComponentDefinition>,
  faults: string[],
): void {
  const owner = `Bolt "${bolt.name}"`;
  if (bolt.inputs.length === 0) {
    faults.push(`${owner}: has no input, expected a grouping such as shuffleGrouping()`);
  }
  const seen = new Set<string>();
  for (const input of bolt.inputs) {
    const fault = inputFault(input, components);
    if (fault !== undefined) faults.push(`${owner}: ${fault}`);
    const subscription = JSON.stringify(input);
    if (seen.has(subscription)) {
      faults.push(
        `${owner}: subscribes twice to stream "${input.stream}" of "${input.component}" by ` +
          `${input.grouping.type} grouping`,
      );
    }
    seen.add(subscription);
  }
}

function inputFault(
  { component, stream, grouping }: InputDefinition,
  components: ReadonlyMap<string, ComponentDefinition>,
): string | undefined {
  const source = components.get(component);
  if (source === undefined) {
    return `input component "${component}" is unknown, ${suggestion(component, components.keys())}`;
  }
  if (source.outputs.length === 0) {
    return `input component "${component}" declares no stream, expected "${stream}"`;
  }
  const declared = source.outputs.find(({ id }) => id === stream);
  if (declared === undefined) {
    return `"${component}" does not declare stream "${stream}", ` +
      `expected one of ${quoted(source.outputs.map(({ id }) => id))}`;
  }
  return groupingFault(grouping, declared, component);
}

function groupingFault(
  grouping: GroupingDefinition,
  stream: StreamDefinition,
  component: string,
): string | undefined {
  if (!GROUPING_TYPES.has(grouping.type)) {
    const found = `grouping on stream "${stream.id}" of "${component}" is ` +
      `${JSON.stringify(grouping.type)}`;
    return `${found}, expected one of ${quoted([...GROUPING_TYPES])}`;
  }
  if (!("fields" in grouping)) return undefined;
  const place = `${grouping.type} grouping on stream "${stream.id}" of "${component}"`;
  if (grouping.fields.length === 0) return `${place} names no field`;
  const unknown = grouping.fields.filter((field) => !stream.fields.includes(field));
  if (unknown.length > 0) {
    return `${place} names ${quoted(unknown)}, ` +
      `expected some of ${stream.fields.length === 0 ? "no fields" : quoted(stream.fields)}`;
  }
  const repeated = grouping.fields.filter((field, index) => grouping.fields.indexOf(field) < index);
  return repeated.length === 0 ? undefined : `${place} names ${quoted(repeated)} twice`;
}

/** Says which of `names` was probably meant, or all of them. */
export function suggestion(name: string, names: Iterable<string>): string {
  const all = [...names];
  const nearest = nearestName(name, all);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  return all.length === 0 ? "and there are no others" : `expected one of ${quoted(all)}`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
