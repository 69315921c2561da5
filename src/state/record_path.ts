/**
 * What may be a path in the state store. Paths hold names that users choose, so they are checked
 * before any member makes a file name of them.
 */

/** The longest path in bytes of UTF-8. */
const PATH_BYTES_MAX = 1024;
/** The longest part of a path in bytes of UTF-8: what file systems allow. */
const PART_BYTES_MAX = 255;

// deno-lint-ignore no-control-regex -- control characters are what is looked for
const FORBIDDEN = /[\u0000-\u001f\u007f\\]/;
const ENCODER = new TextEncoder();

/**
 * Checks the path of a folder: parts divided by single slashes, none of them empty or starting with a dot
 * (such names are the members' own), no control character, no backslash; at most 255 bytes
 * a part and 1024 in all.
 *
 * @throws {RangeError} when it is none
 */
export function checkFolderPath(path: string): void {
  const fault = faultOf(path);
  if (fault === undefined) return;
  throw new RangeError(`Using state path ${JSON.stringify(path)}: found ${fault}`);
}

/**
 * Checks the path of a record: as a folder's, and of two parts at least.
 *
 * @throws {RangeError} when it is none
 */
export function checkRecordPath(path: string): void {
  checkFolderPath(path);
  if (path.includes("/")) return;
  throw new RangeError(`Using state path "${path}": found one part, expected two or more`);
}

function faultOf(path: string): string | undefined {
  if (ENCODER.encode(path).length > PATH_BYTES_MAX) {
    return `over ${PATH_BYTES_MAX} bytes, expected fewer`;
  }
  if (!path.isWellFormed()) return "a lone surrogate, expected Unicode";
  if (FORBIDDEN.test(path)) return "a control character or a backslash, expected neither";
  for (const part of path.split("/")) {
    if (part === "") return "an empty part, expected a name";
    if (part.startsWith(".")) return `part "${part}", expected one that does not start with a dot`;
    if (ENCODER.encode(part).length > PART_BYTES_MAX) {
      return `a part over ${PART_BYTES_MAX} bytes, expected fewer`;
    }
  }
  return undefined;
}
