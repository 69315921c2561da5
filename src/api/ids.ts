/**
 * Names and ids: those that the API itself gives, and what those of the user
 * may be. That each is used once is checked where they are collected.
 */

/** The stream of `declare` and of an emit that names none. */
export const DEFAULT_STREAM = "default";

/** The source component of tick tuples. */
export const SYSTEM_COMPONENT = "__system";

/** The stream of tick tuples. */
export const TICK_STREAM = "__tick";

/** The stream of a bolt for tuples that its error policy gave up. */
export const DEAD_LETTER_STREAM = "__dead_letter";

/** Ids of components and streams that begin so are reserved. */
const RESERVED_PREFIX = "__";

/** Longest name or id, in characters; ids become parts of file names. */
export const ID_LENGTH_MAX = 100;

const CONTROL_CHARACTER = /\p{Cc}/u;

/** What is wrong with the id of a component or stream, to be read after "its id", or undefined. */
export function idFault(id: unknown): string | undefined {
  const fault = textFault(id);
  if (fault !== undefined || typeof id !== "string") return fault;
  for (const character of [",", ":", "/", "\\"]) {
    if (id.includes(character)) return `"${id}" contains "${character}"`;
  }
  if (id.startsWith(RESERVED_PREFIX)) return `"${id}" begins with "__", which is reserved`;
  return undefined;
}

/** What is wrong with the name of a topology, to be read after "its name", or undefined. */
export function topologyNameFault(name: unknown): string | undefined {
  const fault = textFault(name);
  if (fault !== undefined || typeof name !== "string") return fault;
  for (const character of [".", "/", "\\"]) {
    if (name.includes(character)) return `"${name}" contains "${character}"`;
  }
  return undefined;
}

function textFault(text: unknown): string | undefined {
  if (typeof text !== "string") return `is of type ${typeof text}, expected a string`;
  if (text.trim() === "") return "is empty";
  if (text.length > ID_LENGTH_MAX) {
    return `"${text.slice(0, ID_LENGTH_MAX)}…" is longer than ${ID_LENGTH_MAX} characters`;
  }
  if (CONTROL_CHARACTER.test(text) || !text.isWellFormed()) {
    return `${JSON.stringify(text)} contains a character that cannot be printed`;
  }
  return undefined;
}
