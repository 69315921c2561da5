/** Finds the test files that `heron-bin test` runs. */

import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { HeronError } from "../src/base/mod.ts";

/** What test files are called. */
const TEST_FILES = new Bun.Glob("**/*{_test,.test}.{ts,tsx,mts,js,jsx,mjs}");

/**
 * The files named, and those below the folders named, in order; without any, those below `workingFolder`.
 * @throws HeronError `not_found` for a name that is none, and when there is no test file at all
 */
export async function findTestFiles(
  names: readonly string[],
  workingFolder: string,
): Promise<readonly string[]> {
  const given = names.length === 0 ? ["."] : names;
  const found = await Promise.all(given.map((name) => filesOf(name, workingFolder)));
  const files = [...new Set(found.flat())];
  if (files.length > 0) return files;
  throw new HeronError(
    "not_found",
    `Find tests below ${given.map((name) => `"${resolve(workingFolder, name)}"`).join(", ")}: ` +
      "found no test file, expected a name that ends in _test.ts",
  );
}

async function filesOf(name: string, workingFolder: string): Promise<string[]> {
  const path = resolve(workingFolder, name);
  const found = await stat(path).catch((thrown: unknown) => {
    throw HeronError.from(thrown, `Find tests in "${name}"`);
  });
  if (!found.isDirectory()) return [path];
  const files = await Array.fromAsync(TEST_FILES.scan({ cwd: path, absolute: true }));
  return files.filter((file) => !file.slice(path.length).includes("/node_modules/")).sort();
}
