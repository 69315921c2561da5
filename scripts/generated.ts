/**
 * The code generated from proto/: makes it anew in a folder, and compares
 * that with what is committed in src/base/gen.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileRegistry } from "@bufbuild/protobuf";
import { compactGenerated, readDescriptorSet } from "./compact_descriptors.ts";
import { capture, ROOT, tool } from "./tool_chain.ts";

const GENERATED = "src/base/gen";

/** Generates below `folder`, as src/base/gen/…; throws with what buf says. */
export async function generateInto(folder: string): Promise<void> {
  await runBuf(["generate", "--template", "proto/buf.gen.yaml", "--clean", "-o", folder]);
  const registry = await describeProtos();
  for (const file of registry.files) {
    const path = join(folder, GENERATED, `${file.name}_pb.ts`);
    await Bun.write(path, compactGenerated(await Bun.file(path).text(), file));
  }
}

/** What proto/ says, as protobuf-es knows it. */
export async function describeProtos(): Promise<FileRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "heron-bin-proto-"));
  try {
    const path = join(folder, "proto.binpb");
    await runBuf([
      "build",
      "proto",
      "--as-file-descriptor-set",
      "--exclude-source-info",
      "-o",
      path,
    ]);
    return readDescriptorSet(await Bun.file(path).bytes());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function runBuf(parameters: readonly string[]): Promise<void> {
  const { exitCode, output } = await capture([tool("buf"), ...parameters], 60_000);
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
