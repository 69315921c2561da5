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
  const known = knownNames(names);
  const texts = Array.isArray(raw) ? raw : [raw];
  for (const text of texts) {
    const used = typeof text === "string" ? [...text.matchAll(VARIABLE)] : [];
    const missing = used.find(([, name = ""]) => known(name) === undefined);
    if (missing !== undefined) return { missing: missing[0] };
  }
  const filled = (text: RawValue): RawValue => {
    if (typeof text !== "string") return text;
    const whole = text.replace(VARIABLE, (_, name: string) => known(name) ?? "");
    return variables === "home" ? whole.replace(/^~(?=\/|$)/, () => names.home) : whole;
  };
  return { value: Array.isArray(raw) ? raw.map(filled) : filled(raw) };
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
