/**
 * Takes the kit's own calls out of the stacks of what it throws: in the binary it is one long file,
 * of which a test's author has no use.
 */

import { dirname } from "node:path";

/** The folder of the kit where it is bundled; undefined: it is the repository. */
const BUNDLED = import.meta.path.endsWith(".js") ? dirname(import.meta.path) : undefined;

/** Waits for `work`; what it throws tells the calls outside of `folder` alone, and so do its causes. */
export async function shown<Result>(
  work: Promise<Result>,
  folder: string | undefined = BUNDLED,
): Promise<Result> {
  try {
    return await work;
  } catch (thrown) {
    if (folder !== undefined) hide(thrown, `${folder}/`);
    throw thrown;
  }
}

function hide(thrown: unknown, folder: string): void {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const lines = (error.stack ?? "").split("\n");
    const others = lines.filter((line) => !(/^\s+at /.test(line) && line.includes(folder)));
    error.stack = others.join("\n");
  }
}
