/**
 * Archives in the form of POSIX tar, of plain files alone: names, sizes and bytes in, an archive out, and
 * back. What anything else could mean to whoever unpacks it (links, devices, paths that lead away) is not
 * even read. Pure.
 */

import { HeronError } from "../../base/mod.ts";

/** A file of an archive. */
export interface TarFile {
  /** With slashes, relative. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Whether it may be run. @default false */
  readonly isExecutable?: boolean;
}

/** What an archive may hold. */
export interface TarLimits {
  readonly filesMax: number;
  /** Of all files together. */
  readonly bytesMax: number;
}

const BLOCK = 512;
const MODE_PLAIN = 0o600;
const MODE_EXECUTABLE = 0o700;
const SIZE_DIGITS = 11;
const FILE_BYTES_MAX = 8 ** SIZE_DIGITS - 1;

/** Where the fields of a header lie, in bytes, as POSIX says. */
const FIELDS = Object.freeze({
  name: { at: 0, length: 100 },
  mode: { at: 100, length: 8 },
  size: { at: 124, length: 12 },
  checksum: { at: 148, length: 8 },
  type: { at: 156, length: 1 },
  magic: { at: 257, length: 8 },
  prefix: { at: 345, length: 155 },
});
type Field = (typeof FIELDS)[keyof typeof FIELDS];

const MAGIC = "ustar\x0000";
const PLAIN_FILE = "0";
/** What its own field counts as in a header's checksum. */
const BLANK = 0x20;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true });

/**
 * The archive of `files`, in their order.
 * @throws HeronError `limit` when a path or a file is too large for one
 */
export function writeTar(files: readonly TarFile[]): Uint8Array {
  const parts = files.flatMap((file) => [headerOf(file), file.bytes, padding(file.bytes.length)]);
  return new Uint8Array(Buffer.concat([...parts, new Uint8Array(2 * BLOCK)]));
}

/**
 * The files of an archive. Their bytes lie in `archive`.
 * @throws HeronError `corrupt` when it holds anything but plain files of safe and different paths; `limit`
 */
export function readTar(archive: Uint8Array, { filesMax, bytesMax }: TarLimits): TarFile[] {
  const files: TarFile[] = [];
  const taken = new Set<string>();
  let bytes = 0;
  for (let at = 0; at < archive.length && !isEnd(archive, at);) {
    const { path, size, isExecutable } = readHeader(archive, at);
    const start = at + BLOCK;
    if (start + size > archive.length) {
      throw corrupt(
        `found "${path}" of ${size} B cut off after ${
          archive.length - start
        } B, expected all of it`,
      );
    }
    checkPath(path, taken);
    bytes += size;
    if (files.length >= filesMax || bytes > bytesMax) throw tooLarge({ filesMax, bytesMax });
    files.push({ path, bytes: archive.subarray(start, start + size), isExecutable });
    at = start + size + padding(size).length;
  }
  return files;
}

function headerOf({ path, bytes, isExecutable = false }: TarFile): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const put = ({ at, length }: Field, text: string): void => {
    header.set(ENCODER.encode(text).subarray(0, length), at);
  };
  if (bytes.length > FILE_BYTES_MAX) {
    throw new HeronError(
      "limit",
      `Pack "${path}": found ${bytes.length} B, expected less than 8 GiB`,
    );
  }
  const { prefix, name } = splitPath(path);
  put(FIELDS.name, name);
  put(FIELDS.prefix, prefix);
  put(FIELDS.mode, octal(isExecutable ? MODE_EXECUTABLE : MODE_PLAIN, 7));
  put(FIELDS.size, octal(bytes.length, SIZE_DIGITS));
  put(FIELDS.type, PLAIN_FILE);
  put(FIELDS.magic, MAGIC);
  put(FIELDS.checksum, `${octal(checksumOf(header), 6)}\0 `);
  return header;
}

/** A long path stands in two fields, divided at a slash. */
function splitPath(path: string): { readonly prefix: string; readonly name: string } {
  const fits = (text: string, { length }: Field): boolean => ENCODER.encode(text).length <= length;
  if (fits(path, FIELDS.name)) return { prefix: "", name: path };
  for (let cut = path.indexOf("/"); cut > 0; cut = path.indexOf("/", cut + 1)) {
    const [prefix, name] = [path.slice(0, cut), path.slice(cut + 1)];
    if (fits(prefix, FIELDS.prefix) && fits(name, FIELDS.name)) return { prefix, name };
  }
  throw new HeronError(
    "limit",
    `Pack "${path}": found a path too long for an archive, expected names of at most 100 bytes`,
  );
}

interface Header {
  readonly path: string;
  readonly size: number;
  readonly isExecutable: boolean;
}

function readHeader(archive: Uint8Array, at: number): Header {
  const header = archive.subarray(at, at + BLOCK);
  if (header.length < BLOCK) {
    throw corrupt(`found ${header.length} B at its end, expected a header of ${BLOCK} B`);
  }
  if (numberIn(header, FIELDS.checksum) !== checksumOf(header)) {
    throw corrupt(
      `found a header at byte ${at} that does not fit its checksum, expected one that does`,
    );
  }
  const [prefix, name] = [textIn(header, FIELDS.prefix), textIn(header, FIELDS.name)];
  const path = prefix === "" ? name : `${prefix}/${name}`;
  const type = textIn(header, FIELDS.type);
  if (type !== PLAIN_FILE && type !== "") {
    throw corrupt(`found "${path}" of kind "${type}", expected plain files only`);
  }
  const isExecutable = (numberIn(header, FIELDS.mode) & 0o100) !== 0;
  return { path, size: numberIn(header, FIELDS.size), isExecutable };
}

/** A path that leads out of the folder it is unpacked in, or that is there already, is refused. */
function checkPath(path: string, taken: Set<string>): void {
  const parts = path.split("/");
  const isSafe = parts.every((part) => part !== "" && part !== "." && part !== "..");
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  if (!isSafe || /[\u0000-\u001f\u007f\\]/.test(path)) {
    throw corrupt(`found the path ${JSON.stringify(path)}, expected one inside the package`);
  }
  if (taken.has(path)) throw corrupt(`found "${path}" twice, expected it once`);
  taken.add(path);
}

function isEnd(archive: Uint8Array, at: number): boolean {
  return archive.subarray(at, at + BLOCK).every((byte) => byte === 0);
}

function padding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - size % BLOCK) % BLOCK);
}

function checksumOf(header: Uint8Array): number {
  const { at, length } = FIELDS.checksum;
  let sum = BLANK * length;
  for (const [index, byte] of header.entries()) {
    if (index < at || index >= at + length) sum += byte;
  }
  return sum;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function textIn(header: Uint8Array, { at, length }: Field): string {
  const bytes = header.subarray(at, at + length);
  const end = bytes.indexOf(0);
  try {
    return DECODER.decode(end < 0 ? bytes : bytes.subarray(0, end));
  } catch (cause) {
    throw corrupt("found a name that is no UTF-8, expected text", cause);
  }
}

function numberIn(header: Uint8Array, field: Field): number {
  const text = textIn(header, field).trim();
  if (/^[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  throw corrupt(`found "${text}" in place of a number, expected octal digits`);
}

function tooLarge({ filesMax, bytesMax }: TarLimits): HeronError {
  return new HeronError(
    "limit",
    `Read the package: found more than ${filesMax} files or ${bytesMax} B in it, expected less`,
  );
}

function corrupt(found: string, cause?: unknown): HeronError {
  return new HeronError("corrupt", `Read the package: ${found}`, { cause });
}
