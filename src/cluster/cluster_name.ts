/** Names of clusters, roles and environs: they are parts of paths and stand in Heron's records. */

const NAME_BYTES_MAX = 100;
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.@+-]*$/u;
const ENCODER = new TextEncoder();

/** What is wrong with a name, in the words of "found …, expected …"; undefined: nothing. */
export function clusterNameFault(name: string): string | undefined {
  if (name === "") return "found an empty name";
  const shown = JSON.stringify(name.slice(0, NAME_BYTES_MAX));
  if (ENCODER.encode(name).length > NAME_BYTES_MAX) {
    return `found ${shown}…, expected at most ${NAME_BYTES_MAX} bytes`;
  }
  if (NAME.test(name)) return undefined;
  return `found ${shown}, expected letters, digits, "_", ".", "@", "+" and "-", ` +
    "of which the last four do not begin it";
}
