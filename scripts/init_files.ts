/**
 * The files that `heron-bin init` writes: the template, and the declarations
 * of the API and of the test kit. The build puts what it
 * gives in its place, so that the binary has them inside.
 */

import { join } from "node:path";
import { apiDeclarations, testingDeclarations } from "./declarations.ts";

const TEMPLATE = join(import.meta.dir, "template");

/** Named so here, where it must not be that of the template's own test. */
const TSCONFIG = "tsconfig.topology.json";

/** Text of each file by its path in the new folder. */
export async function initFiles(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const path of [...new Bun.Glob("**/*").scanSync(TEMPLATE)].sort()) {
    files[path === TSCONFIG ? "tsconfig.json" : path] = await Bun.file(join(TEMPLATE, path)).text();
  }
  const [api, testing] = await Promise.all([apiDeclarations(), testingDeclarations()]);
  return { ...files, "types/heron-bin.d.ts": api, "types/heron-bin-testing.d.ts": testing };
}
