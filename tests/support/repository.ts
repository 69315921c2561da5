/**
 * The repository's own files, for tests that read it: the root folder, and
 * the text of all that people write (nothing generated, built or installed).
 */

import { join } from "node:path";

/** The root folder of the repository. */
export const ROOT: string = join(import.meta.dir, "../..");

const WRITTEN = new Bun.Glob("**/*.{ts,md,json,proto,yaml,toml,sh}");
const NOT_WRITTEN = /^(node_modules|dist|results|src\/base\/gen)\//;

/** All written files, by their path in the repository. */
export async function repositoryFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const path of [...WRITTEN.scanSync({ cwd: ROOT }), ".ci/run"].sort()) {
    if (!NOT_WRITTEN.test(path)) files.set(path, await Bun.file(join(ROOT, path)).text());
  }
  return files;
}
