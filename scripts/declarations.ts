/**
 * The declarations of what users import, made from mod.ts and testing.ts by
 * the compiler: what `heron-bin init` writes beside a topology, so that an
 * editor and tsc know exactly the API and the test kit of that binary.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportLists, mergeDeclarations, moduleBody } from "./merged_declarations.ts";
import { capture, ROOT, tool } from "./tool_chain.ts";

const COMPILE_TIMEOUT_MS = 120_000;

/** Whose declarations of the test runner are passed on, since nothing is installed beside a topology. */
const RUNNER_TYPES = join(ROOT, "node_modules/bun-types");
const RUNNER = "bun:test";

/** The declarations of the API as the text of one `.d.ts`; throws with what the compiler says. */
export async function apiDeclarations(): Promise<string> {
  const files = await compileDeclarations("mod.ts");
  return mergeDeclarations({ files, exported: namesIn(files.get("mod.d.ts") ?? "") });
}

/**
 * The declarations of the test kit as the text of one `.d.ts`: its own, which
 * import the API as "heron-bin", and what it passes on of the test runner.
 */
export async function testingDeclarations(): Promise<string> {
  const files = await compileDeclarations("testing.ts");
  const lists = exportLists(files.get("testing.d.ts") ?? "", "testing.d.ts");
  const own = [...lists].flatMap(([from, names]) => from === RUNNER ? [] : names);
  const api = namesIn(await Bun.file(join(ROOT, "mod.ts")).text());
  const kit = mergeDeclarations({
    files,
    exported: own,
    given: { names: new Set(api), from: "heron-bin" },
  });
  const declared = await Bun.file(join(RUNNER_TYPES, "test.d.ts")).text();
  const runner = mergeDeclarations({
    files: new Map([["test.d.ts", moduleBody(declared, RUNNER)]]),
    exported: lists.get(RUNNER) ?? [],
  });
  return `${kit}\n${await noticeOfRunner()}\n${runner}`;
}

function namesIn(entry: string): readonly string[] {
  return [...exportLists(entry, "mod.ts").values()].flat();
}

/** What the license of the runner's declarations wants said. */
async function noticeOfRunner(): Promise<string> {
  const { version, license } = await Bun.file(join(RUNNER_TYPES, "package.json")).json();
  if (license !== "MIT") {
    throw new Error(`Passing on declarations of bun-types: found license ${license}, expected MIT`);
  }
  const text = await Bun.file(join(import.meta.dir, "mit_license.txt")).text();
  const lines =
    `The declarations below are those of "${RUNNER}" in bun-types ${version}, which is part of
Bun (https://github.com/oven-sh/bun) and under the MIT License:

${text.trimEnd()}`;
  return `/*\n${lines.replaceAll(/^(?=.)/gm, " * ").replaceAll(/^$/gm, " *")}\n */`;
}

/** The declarations of `entry` and of all it imports, by path. */
async function compileDeclarations(entry: string): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "heron-bin-declarations-"));
  try {
    return await compileInto(folder, entry);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compileInto(folder: string, entry: string): Promise<Map<string, string>> {
  const outDir = join(folder, "out");
  const config = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: ROOT,
      outDir,
      typeRoots: [join(ROOT, "node_modules/@types")],
    },
    include: [],
    files: [join(ROOT, entry)],
  };
  const path = join(folder, "tsconfig.json");
  await Bun.write(path, JSON.stringify(config));
  const { exitCode, output } = await capture([tool("tsc"), "-p", path], COMPILE_TIMEOUT_MS);
  if (exitCode !== 0) throw new Error(`Compiling the declarations of ${entry}: ${output}`);
  const files = new Map<string, string>();
  for await (const file of new Bun.Glob("**/*.d.ts").scan(outDir)) {
    files.set(file, await Bun.file(join(outDir, file)).text());
  }
  return files;
}
