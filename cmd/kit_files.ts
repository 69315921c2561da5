/**
 * The API and the test kit as JavaScript files, for code that runs outside the
 * binary's own modules. The build puts what `bundleKit` gives in place of
 * `kitFiles`, so that a binary needs none of its sources.
 */

import { basename, join } from "node:path";

/** A file of the kit. */
export interface KitFile {
  readonly name: string;
  readonly text: string;
}

/** The files of the kit: `mod.js`, `testing.js` and what they share. */
export function kitFiles(): Promise<readonly KitFile[]> {
  return bundleKit(join(import.meta.dir, ".."));
}

/** Bundles the kit from the sources in `root`. @throws AggregateError when they cannot be bundled */
export async function bundleKit(root: string): Promise<readonly KitFile[]> {
  const { outputs } = await Bun.build({
    entrypoints: [join(root, "mod.ts"), join(root, "testing.ts")],
    target: "bun",
    format: "esm",
    // One copy of the API for both.
    splitting: true,
    minify: { whitespace: true, syntax: true, identifiers: false },
    env: "disable",
  });
  return await Promise.all(outputs.map(async (output) => ({
    name: basename(output.path),
    text: await output.text(),
  })));
}
