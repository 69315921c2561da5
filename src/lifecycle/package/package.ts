/**
 * The package of a topology: what its processes need on a node that has nothing of it. The bundle and its
 * files, the definition, the settings of the cluster, sometimes the binary; a manifest with the checksum of
 * each. Never the secret. It is listed and checked, all of it, before anything is written.
 */

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { HeronError } from "../../base/mod.ts";
import { readTar, type TarFile, type TarLimits, writeTar } from "./tar.ts";

/** What a package is made of. */
export interface PackageParts {
  readonly topologyName: string;
  readonly topologyId: string;
  /** Version of heron-bin that made it. */
  readonly version: string;
  /** Absolute path of the folder that holds the bundle and its files. */
  readonly topologyFolder: string;
  /** A `heron.proto.api.Topology`. */
  readonly definition: Uint8Array;
  /** The settings of the cluster, as text. */
  readonly config: string;
  /** Absolute path of the binary that goes along. @default none does */
  readonly binary?: string;
}

/** A package that was read and checked. */
export interface CheckedPackage {
  readonly topologyName: string;
  readonly topologyId: string;
  readonly version: string;
  readonly files: readonly TarFile[];
}

/** The bundle and its files lie below it, in the package and where that is unpacked. */
export const PACKAGED_TOPOLOGY = "topology";
/** The binary, in the package and where that is unpacked. */
export const PACKAGED_BINARY = "heron-bin";
const DEFINITION = "definition";
const CONFIG = "config.yaml";
const MANIFEST = "manifest.json";

const FORMAT = 1;
const LIMITS: TarLimits = Object.freeze({ filesMax: 100_000, bytesMax: 4 * 1024 ** 3 });

/** As the manifest says it, by path. */
type Checksums = Readonly<Record<string, string>>;

/**
 * Packs a topology.
 * @throws HeronError of the system error, when a file cannot be read; `limit`
 */
export async function packTopology(parts: PackageParts): Promise<Uint8Array> {
  const { topologyName, topologyId, version } = parts;
  const files = await filesOf(parts);
  const sha256: Checksums = Object.fromEntries(
    files.map(({ path, bytes }) => [path, digest(bytes)]),
  );
  const manifest = { format: FORMAT, topologyName, topologyId, version, sha256 };
  const first = {
    path: MANIFEST,
    bytes: Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`),
  };
  return new Uint8Array(gzipSync(writeTar([first, ...files])));
}

/**
 * Reads a package and checks all that is in it against its manifest.
 * @throws HeronError `corrupt`; `limit`
 */
export function checkPackage(bytes: Uint8Array): CheckedPackage {
  const [first, ...files] = readTar(unzip(bytes), LIMITS);
  const manifest = readManifest(first);
  const listed = new Set(Object.keys(manifest.sha256));
  for (const { path, bytes: content } of files) {
    if (!listed.delete(path)) throw corrupt(`found "${path}", which its manifest does not name`);
    if (digest(content) === manifest.sha256[path]) continue;
    throw corrupt(
      `found "${path}" with another checksum than its manifest says, expected the same`,
    );
  }
  const [missing] = listed;
  if (missing !== undefined) {
    throw corrupt(`found no "${missing}", expected what its manifest names`);
  }
  const { topologyName, topologyId, version } = manifest;
  return { topologyName, topologyId, version, files };
}

/**
 * Unpacks a package into the folder `folder`, which exists. What is there already is never replaced.
 * @throws HeronError `corrupt`, `limit`, or of the system error
 */
export async function unpackPackage(bytes: Uint8Array, folder: string): Promise<CheckedPackage> {
  const checked = checkPackage(bytes);
  try {
    for (const { path, bytes: content, isExecutable = false } of checked.files) {
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await writeFile(target, content, { mode: isExecutable ? 0o700 : 0o600, flag: "wx" });
    }
  } catch (thrown) {
    throw HeronError.from(thrown, `Unpack topology "${checked.topologyName}" into "${folder}"`);
  }
  return checked;
}

async function filesOf(parts: PackageParts): Promise<TarFile[]> {
  const { topologyName, topologyFolder, definition, config, binary } = parts;
  try {
    const entries = await readdir(topologyFolder, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(topologyFolder.length + 1)).sort();
    const files: TarFile[] = [
      { path: DEFINITION, bytes: definition },
      { path: CONFIG, bytes: Buffer.from(config) },
    ];
    for (const path of paths) {
      const bytes = await readFile(join(topologyFolder, path));
      files.push({ path: `${PACKAGED_TOPOLOGY}/${path}`, bytes });
    }
    if (binary === undefined) return files;
    const bytes = await readFile(binary);
    return [...files, { path: PACKAGED_BINARY, bytes, isExecutable: true }];
  } catch (thrown) {
    throw HeronError.from(thrown, `Pack topology "${topologyName}"`);
  }
}

function unzip(bytes: Uint8Array): Uint8Array {
  try {
    // Checked while it is unpacked: a small file can hold a very large one.
    return new Uint8Array(gunzipSync(bytes, { maxOutputLength: LIMITS.bytesMax }));
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw corrupt(`found ${bytes.length} B (${found}), expected a whole tar.gz`, cause);
  }
}

interface Manifest {
  readonly topologyName: string;
  readonly topologyId: string;
  readonly version: string;
  readonly sha256: Checksums;
}

function readManifest(file: TarFile | undefined): Manifest {
  if (file?.path !== MANIFEST) {
    throw corrupt(`found "${file?.path ?? "nothing"}" first, expected "${MANIFEST}"`);
  }
  let found: unknown;
  try {
    found = JSON.parse(new TextDecoder().decode(file.bytes));
  } catch (cause) {
    throw corrupt("found a manifest that is no JSON, expected it to be", cause);
  }
  if (!isManifest(found)) {
    throw corrupt(`found a manifest of another form, expected that of format ${FORMAT}`);
  }
  return found;
}

function isManifest(found: unknown): found is Manifest {
  if (typeof found !== "object" || found === null) return false;
  const { format, topologyName, topologyId, version, sha256 } = found as Record<string, unknown>; // checked here
  const isText = [topologyName, topologyId, version].every((value) => typeof value === "string");
  if (format !== FORMAT || !isText || typeof sha256 !== "object" || sha256 === null) return false;
  return Object.values(sha256).every((sum) => typeof sum === "string");
}

function digest(bytes: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}

function corrupt(found: string, cause?: unknown): HeronError {
  return new HeronError("corrupt", `Read the package: ${found}`, { cause });
}
