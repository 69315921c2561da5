/**
 * What `~` and `${NAME}` in the values of a cluster stand for. A name is one of those listed here, or
 * a variable of the environment; one that is not set is a fault, never an empty text.
 */

import type { Kind, RawValue } from "./value_kinds.ts";

/** For whom a cluster is read. */
export interface ExpandNames {
  readonly cluster: string;
  readonly role: string;
  readonly environ: string;
  /** The user's home folder. */
  readonly home: string;
  readonly user: string;
  /** The environment of whoever reads it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A value with its variables put in, or the one that is not there. */
export type Expansion = { readonly value: RawValue } | { readonly missing: string };

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Puts in the variables that a kind of value takes, also in the texts of a list. */
export function expand(
  raw: RawValue,
  variables: Kind<unknown>["variables"],
  names: ExpandNames,
): Expansion {
  if (variables === "none") return { value: raw };
  if (Array.isArray(raw)) {
    const items = raw.map((item: RawValue) => expand(item, variables, names));
    const fault = items.find((item) => "missing" in item);
    return fault ?? { value: items.map((item) => "value" in item ? item.value : undefined) };
  }
  if (typeof raw !== "string") return { value: raw };
  const known = knownNames(names);
  const missing = [...raw.matchAll(VARIABLE)].find(([, name = ""]) => known(name) === undefined);
  if (missing !== undefined) return { missing: missing[0] };
  const filled = raw.replace(VARIABLE, (_, name: string) => known(name) ?? "");
  return { value: variables === "home" ? filled.replace(/^~(?=\/|$)/, () => names.home) : filled };
}

function knownNames(names: ExpandNames): (name: string) => string | undefined {
  const own: Readonly<Record<string, string>> = {
    HOME: names.home,
    USER: names.user,
    CLUSTER: names.cluster,
    ROLE: names.role,
    ENVIRON: names.environ,
  };
  return (name) => {
    const value = Object.hasOwn(own, name) ? own[name] : names.environment[name];
    return value === "" ? undefined : value;
  };
}
