/**
 * The listed environment: the only variables that roles and user code get.
 * What loads code into a process by its environment is never passed on.
 */

import { isCodeLoading } from "../api/mod.ts";
import { HeronError } from "../base/mod.ts";

/** Variables of an environment, by name. */
export type Environment = Readonly<Record<string, string>>;

/** Variables every role gets when they are set. */
export const LISTED_VARIABLES: readonly string[] = Object.freeze([
  "PATH",
  "HOME",
  "LANG",
  "TZ",
  "USER",
]);

/** The variables of `source` that every role gets. */
export function baseEnvironment(source: Readonly<Record<string, string | undefined>>): Environment {
  const listed: Record<string, string> = {};
  for (const name of LISTED_VARIABLES) {
    const value = source[name];
    if (value !== undefined) listed[name] = value;
  }
  return Object.freeze(listed);
}

/**
 * The base environment and what the user names on top, each as `NAME` (its present value) or `NAME=VALUE`.
 * @throws HeronError `usage` for a name that is not set, malformed or never passed on
 */
export function userEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  named: readonly string[],
): Environment {
  const listed: Record<string, string> = { ...baseEnvironment(source) };
  for (const item of named) {
    const cut = item.indexOf("=");
    const name = cut < 0 ? item : item.slice(0, cut);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new HeronError("usage", `Read --env: found "${item}", expected "NAME" or "NAME=VALUE"`);
    }
    if (isCodeLoading(name)) {
      throw new HeronError(
        "usage",
        `Read --env: found "${name}", which can load code and is never passed on`,
      );
    }
    const value = cut < 0 ? source[name] : item.slice(cut + 1);
    if (value === undefined) {
      throw new HeronError(
        "usage",
        `Read --env: "${name}" is not set here, expected a set variable or "${name}=VALUE"`,
      );
    }
    listed[name] = value;
  }
  return Object.freeze(listed);
}
