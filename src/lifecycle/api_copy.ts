/**
 * Finds a second copy of the API beside or inside a topology. The binary
 * brings its own: another one has other classes, and may be of another version.
 */

import { readFile, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { HeronError } from "../base/mod.ts";

/** Where a copy was found. */
export interface ApiCopy {
  /** Absolute path of the package, or of a file of the copy. */
  readonly path: string;
  /** Version of the package; undefined when it does not say. */
  readonly version?: string;
}

/** The package `heron-bin` that an import in `folder` would find, were it not the binary's own. */
export async function installedCopy(folder: string): Promise<ApiCopy | undefined> {
  for (let at = folder;; at = dirname(at)) {
    const path = join(at, "node_modules/heron-bin");
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory() === true) {
      const version = await versionOf(path);
      return { path, ...(version !== undefined && { version }) };
    }
    if (at === dirname(at)) return undefined;
  }
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const read: unknown = JSON.parse(await readFile(join(path, "package.json"), "utf8"));
    if (typeof read !== "object" || read === null || !("version" in read)) return undefined;
    return typeof read.version === "string" ? read.version : undefined;
  } catch (thrown) {
    // Whatever is wrong with it: it is a copy, of no version.
    if (thrown instanceof Error) return undefined;
    throw thrown;
  }
}

// What src/api/topology.ts says, in whatever form it was packed.
const BRAND = /Symbol\.for\(\s*["'`]heron-bin\.topology["'`]\s*\)/;

/** The file among `sources` (absolute path -> text) that is part of a copy of the API. */
export function bundledCopy(sources: ReadonlyMap<string, string>): ApiCopy | undefined {
  for (const [path, text] of sources) {
    if (BRAND.test(text)) return { path };
  }
  return undefined;
}

/** The error that names `copy`; `file` is the topology's, paths are relative to `folder`. */
export function copyError(copy: ApiCopy, file: string, folder: string): HeronError {
  const path = relative(folder, copy.path);
  const version = copy.version === undefined ? "" : ` (version ${copy.version})`;
  const isPackage = /(^|\/)node_modules\/heron-bin(\/|$)/.test(copy.path);
  const advice = isPackage
    ? 'remove the package ("npm uninstall heron-bin", "bun remove heron-bin")'
    : 'import from "heron-bin" in place of it';
  return new HeronError(
    "duplicate_api",
    `Bundle "${file}": found a second copy of the API, "${path}"${version}, expected the one in ` +
      `this binary alone: ${advice}; types for the editor come from "heron-bin init"`,
  );
}
