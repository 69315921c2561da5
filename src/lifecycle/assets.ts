/**
 * The files a topology names in `export const assets`: copied beside the
 * bundle under their own relative names, never from outside its folder.
 */

import { copyFile, lstat, mkdir, mkdtemp, realpath, rename, rmdir } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize } from "node:path";
import { HeronError } from "../base/mod.ts";
import { BUNDLE_FILE } from "./bundle.ts";

const ASSETS_MAX = 10_000;

/**
 * The relative paths that `value`, a module's `assets`, names.
 * @throws HeronError `invalid_topology` when it is no array of paths inside the folder; all faults at once
 */
export function readAssetNames(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > ASSETS_MAX) {
    throw new HeronError(
      "invalid_topology",
      `Read "assets": expected an array of at most ${ASSETS_MAX} relative paths`,
    );
  }
  const faults = value.flatMap((name: unknown) => faultOfName(name));
  if (faults.length > 0) {
    throw new HeronError(
      "invalid_topology",
      `Read "assets": found what cannot be packed\n${faults.join("\n")}`,
    );
  }
  return [...new Set(value.map((name: unknown) => normalize(String(name))))];
}

function faultOfName(name: unknown): string[] {
  if (typeof name !== "string" || name === "") {
    return [`found ${Bun.inspect(name)}, expected a relative path`];
  }
  const path = normalize(name);
  if (isAbsolute(path) || path === ".." || path.startsWith("../") || path.includes("\0")) {
    return [`"${name}" lies outside the topology's folder`];
  }
  if (path === BUNDLE_FILE || path === `${BUNDLE_FILE}.map` || path.startsWith("files/")) {
    return [`"${name}" is a name that the bundle itself uses`];
  }
  return [];
}

/**
 * Copies the files `names` from one folder to another; may run twice at a time.
 * @throws HeronError `invalid_topology` for what is missing, no plain file, or led outside by a link
 */
export async function copyAssets(
  names: readonly string[],
  from: string,
  to: string,
): Promise<void> {
  const home = await realpath(from);
  const faults: string[] = [];
  for (const name of names) {
    const real = await realpath(join(home, name)).catch(() => undefined);
    if (real === undefined) faults.push(`"${name}" does not exist in "${from}"`);
    else if (!real.startsWith(`${home}/`)) faults.push(`"${name}" is a link out of "${from}"`);
    else if (!(await lstat(real)).isFile()) faults.push(`"${name}" is no plain file`);
    else await copyOne(real, join(to, name));
  }
  if (faults.length > 0) {
    throw new HeronError(
      "invalid_topology",
      `Pack "assets": found what cannot be packed\n${faults.join("\n")}`,
    );
  }
}

async function copyOne(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const part = await mkdtemp(`${to}.`);
  await copyFile(from, join(part, "whole"));
  await rename(join(part, "whole"), to);
  await rmdir(part);
}
