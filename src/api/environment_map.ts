/**
 * `topology.environment`: variables for the processes of tasks, as JSON text in the configuration,
 * whose values are plain. What can load code into a process is never passed on.
 */

import type { ConfigMap } from "./definition.ts";

/** The configuration's key. */
export const ENVIRONMENT_KEY = "topology.environment";

// Their values are read by Bun or the loader of the system and can run code.
const CODE_LOADING = /^(BUN_.*|NODE_OPTIONS|NODE_PATH|LD_.*|DYLD_.*)$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether the variable `name` can load code into a process. */
export function isCodeLoading(name: string): boolean {
  return CODE_LOADING.test(name);
}

/** The text of a map of variables. */
export function environmentText(variables: Readonly<Record<string, string>>): string {
  return JSON.stringify(variables);
}

/** What is wrong with a text of variables, to be read after "is", or undefined. */
export function environmentFault(text: string): string | undefined {
  const variables = parse(text);
  if (variables === undefined) return `"${text}", expected a JSON object of strings`;
  for (const [name, value] of Object.entries(variables)) {
    if (!NAME.test(name)) return `setting "${name}", expected names of letters, digits and "_"`;
    if (name === "PATH" || isCodeLoading(name)) {
      return `setting "${name}", expected none of PATH, BUN_*, NODE_OPTIONS, NODE_PATH, LD_*, DYLD_*`;
    }
    if (value.includes("\0")) return `setting "${name}" to text with a 0 byte, expected none`;
  }
  return undefined;
}

/** The variables that a checked configuration sets for a task's process. */
export function environmentOf(config: ConfigMap): Readonly<Record<string, string>> {
  return parse(String(config[ENVIRONMENT_KEY] ?? "{}")) ?? {};
}

function parse(text: string): Readonly<Record<string, string>> | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
  const entries = Object.entries(parsed);
  if (entries.some(([, value]) => typeof value !== "string")) return undefined;
  return Object.fromEntries(entries);
}
