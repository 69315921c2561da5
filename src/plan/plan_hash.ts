/**
 * The hash that tells if two processes built the same topology, and the words
 * for what differs. Both work on plain data with sorted keys, configuration
 * values as text, as they are recorded.
 */

import type { TopologyDefinition } from "../api/mod.ts";

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The same value with object keys sorted and configuration values as text. */
function canonical(value: unknown, isConfig = false): unknown {
  if (Array.isArray(value)) return value.map((element) => canonical(element));
  if (!isRecord(value)) return isConfig ? String(value) : value;
  return Object.fromEntries(
    Object.keys(value).sort().map((key) => [key, canonical(value[key], isConfig || key === "config")]),
  );
}

/** SHA-256 over the canonical form of `definition`. */
export async function planHash(definition: TopologyDefinition): Promise<Uint8Array> {
  const text = new TextEncoder().encode(JSON.stringify(canonical(definition)));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", text));
}

/** What differs, a line each: path, first, second; empty when nothing does. */
export function describeDifference(first: TopologyDefinition, second: TopologyDefinition): string {
  return differences("", canonical(first), canonical(second)).slice(0, 20).join("\n");
}

function differences(path: string, first: unknown, second: unknown): string[] {
  if (Array.isArray(first) && Array.isArray(second)) {
    const length = Math.max(first.length, second.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      differences(`${path}[${nameOf(first[index] ?? second[index], index)}]`, first[index], second[index])
    );
  }
  if (isRecord(first) && isRecord(second)) {
    const keys = [...new Set([...Object.keys(first), ...Object.keys(second)])].sort();
    return keys.flatMap((key) =>
      differences(path === "" ? key : `${path}.${key}`, first[key], second[key])
    );
  }
  if (Object.is(first, second)) return [];
  return [`${path}: ${shown(first)} at first, then ${shown(second)}`];
}

function nameOf(element: unknown, index: number): string {
  return isRecord(element) && typeof element["name"] === "string" ? element["name"] : String(index);
}

function shown(value: unknown): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}
