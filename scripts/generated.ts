/**
 * The code generated from proto/: makes it anew in a folder, and compares
 * that with what is committed in src/base/gen.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture, ROOT, tool } from "./tool_chain.ts";

const GENERATED = "src/base/gen";

/** Generates below `folder`, as src/base/gen/…; throws with what buf says. */
export async function generateInto(folder: string): Promise<void> {
  const command = [
    tool("buf"),
    "generate",
    "--template",
    "proto/buf.gen.yaml",
    "--clean",
    "-o",
    folder,
  ];
  const { exitCode, output } = await capture(command, 60_000);
  if (exitCode !== 0) throw new Error(`Generating code from proto/: ${output}`);
}

/** Throws with the names of the files that differ from what proto/ gives. */
export async function assertGeneratedIsCurrent(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "heron-bin-gen-"));
  try {
    await generateInto(folder);
    const [fresh, committed] = await Promise.all([filesOf(folder), filesOf(ROOT)]);
    const paths = [...new Set([...fresh.keys(), ...committed.keys()])].sort();
    const stale = paths.filter((path) => fresh.get(path) !== committed.get(path));
    if (stale.length === 0) return;
    throw new Error(
      `Comparing ${GENERATED} with proto/: run "bun run generate", these differ:\n${
        stale.join("\n")
      }`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function filesOf(root: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const path of new Bun.Glob("**/*").scan(join(root, GENERATED))) {
    files.set(path, await Bun.file(join(root, GENERATED, path)).text());
  }
  return files;
}
