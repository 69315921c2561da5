/**
 * The files that `heron-bin init` writes: the template, and the declarations
 * of the API. Called as a macro, so that they are inside the binary.
 */

import { join } from "node:path";
import { apiDeclarations } from "./declarations.ts";

const TEMPLATE = join(import.meta.dir, "template");

/** Text of each file by its path in the new folder. */
export async function initFiles(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const path of [...new Bun.Glob("**/*").scanSync(TEMPLATE)].sort()) {
    files[path] = await Bun.file(join(TEMPLATE, path)).text();
  }
  return { ...files, "types/heron-bin.d.ts": await apiDeclarations() };
}
