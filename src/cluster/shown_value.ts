/** A value of YAML in the words of a fault. */

import { isTree } from "./cluster_yaml.ts";
import type { RawValue } from "./value_kinds.ts";

/** Longest part of a value that is shown. */
const SHOWN_MAX = 100;

/** A value as it was given, and what it came to where that is something else. */
export function shownValue(raw: RawValue, value: RawValue = raw): string {
  if (raw === null || raw === undefined || raw === "") return "nothing";
  if (isTree(raw)) return "a section";
  // Aliases may make a list that is endless, or too large to be written.
  if (Array.isArray(raw) && raw.some((item) => typeof item === "object" && item !== null)) {
    return "a list of lists or sections";
  }
  const text = shortText(raw);
  return typeof value === "string" && value !== raw
    ? `${text}, which is ${shortText(value)}`
    : text;
}

function shortText(value: RawValue): string {
  const text = JSON.stringify(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
