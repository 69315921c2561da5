/**
 * One record as one file: its bytes and nothing else, as Heron has it. A record is replaced by renaming a file
 * that is written and synced before, so a reader sees the old value or the new one, whole. Its version is
 * the file's modification time, inode and hash. Writers give each file a time later than that of the one it
 * replaces: so versions never come back, whatever the kernel's clock tick and however soon inodes are reused.
 */

import {
  closeSync,
  fstatSync,
  fsync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { HeronError } from "../../base/mod.ts";
import { checkSize } from "../record_faults.ts";
import type { Version, Versioned } from "../state_manager.ts";

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** The one thing that takes long: it waits for the disk, in a thread of the pool. */
const sync = promisify(fsync);

/** A file written and synced, not yet a record. */
export interface WrittenFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** What tells two files apart. */
interface FileFacts {
  readonly mtimeNs: bigint;
  readonly ino: bigint;
}

/**
 * Reads the record in `file`; undefined if there is none. At once, not in a thread of the pool: records are
 * small, and each step there costs more than all of this.
 */
export function readRecord(file: string): Promise<Versioned | undefined> {
  return Promise.try(() => {
    try {
      return recordSync(file);
    } catch (thrown) {
      throw HeronError.from(thrown, `Read "${file}"`);
    }
  });
}

function recordSync(file: string): Versioned | undefined {
  return withFacts(file, (descriptor, facts) => {
    checkSize(file, Number(facts.size));
    const bytes = new Uint8Array(readFileSync(descriptor));
    return { bytes, version: versionOf(facts, bytes) };
  });
}

/** What `use` makes of the open `file` and its facts; undefined if there is no such file. */
function withFacts<T>(
  file: string,
  use: (descriptor: number, facts: FileFacts & { readonly size: bigint }) => T,
): T | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (thrown) {
    if (isAbsence(thrown)) return undefined;
    throw thrown;
  }
  try {
    const facts = fstatSync(descriptor, { bigint: true });
    return facts.isFile() ? use(descriptor, facts) : undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** The version of the record in `file`; undefined if there is no record. */
export function versionSync(file: string): Version | undefined {
  return withFacts(file, (descriptor, facts) => versionOf(facts, readFileSync(descriptor)));
}

/**
 * Whether the record in `file` is still of `version`, which was read before; undefined: there was none.
 * The file is opened, which has a network file system ask its server, and not read.
 */
export function isVersionSync(file: string, version: Version | undefined): boolean {
  try {
    const found = withFacts(file, (_, facts) => factsOf(facts));
    return found === undefined ? version === undefined : version?.startsWith(`${found}-`) === true;
  } catch {
    // What is wrong is told by the read that follows.
    return false;
  }
}

/** Writes and syncs a file that must not exist yet. */
export async function writeSynced(file: string, bytes: Uint8Array): Promise<WrittenFile> {
  const descriptor = openSync(file, "wx", FILE_MODE);
  try {
    writeFileSync(descriptor, bytes);
    await sync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return { file, bytes };
}

/** Makes `written` the record in `file`, whose folder exists, with a time of `nowUs` or later. */
export function replaceSync(written: WrittenFile, file: string, nowUs: bigint): Version {
  const before = statSync(file, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? 0n;
  let facts = setTimeSync(written.file, nowUs);
  // The first step is larger than what a double loses of a time, the later ones are for coarse file systems.
  for (const stepUs of [2n, 2_000n, 2_000_000n]) {
    if (facts.mtimeNs > before) break;
    facts = setTimeSync(written.file, before / 1000n + stepUs);
  }
  renameSync(written.file, file);
  return versionOf(facts, written.bytes);
}

function setTimeSync(file: string, timeUs: bigint): FileFacts {
  const seconds = Number(timeUs) / 1e6;
  utimesSync(file, seconds, seconds);
  return statSync(file, { bigint: true });
}

/** Makes room for a record in `file`: its folder, if need be. False if a record or folder is in the way. */
export function clearWaySync(file: string): boolean {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: FOLDER_MODE });
    return statSync(file, { throwIfNoEntry: false }) === undefined;
  } catch (thrown) {
    if (["ENOTDIR", "EEXIST"].includes(codeOf(thrown) ?? "")) return false;
    throw thrown;
  }
}

/** Removes the record in `file`, and its folders below `keep` as far as they are empty then. */
export function removeSync(file: string, keep: string): void {
  unlinkSync(file);
  for (let folder = dirname(file); folder.length > keep.length; folder = dirname(folder)) {
    try {
      rmdirSync(folder);
    } catch (thrown) {
      if (codeOf(thrown) === "ENOTEMPTY") return;
      throw thrown;
    }
  }
}

/** Makes what was renamed or removed in `folder` outlive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  let descriptor: number;
  try {
    descriptor = openSync(folder, "r");
  } catch (thrown) {
    // Removed meanwhile, with what was in it.
    if (isAbsence(thrown)) return;
    throw thrown;
  }
  try {
    await sync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether the error says that there is no such file, or that a folder or a record is in its place. */
export function isAbsence(thrown: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "EISDIR"].includes(codeOf(thrown) ?? "");
}

/** Whether the error says that nothing may be written there. */
export function isForbidden(thrown: unknown): boolean {
  return ["EROFS", "EACCES", "EPERM"].includes(codeOf(thrown) ?? "");
}

function codeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error && "code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}

function versionOf(facts: FileFacts, bytes: Uint8Array): Version {
  return `${factsOf(facts)}-${BigInt(Bun.hash(bytes)).toString(36)}`;
}

function factsOf({ mtimeNs, ino }: FileFacts): string {
  return `${mtimeNs.toString(36)}-${ino.toString(36)}`;
}
