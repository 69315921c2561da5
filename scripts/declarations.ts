/**
 * The declarations of the user's API as one file without imports, made from
 * mod.ts by the compiler: what `heron-bin init` writes beside a topology, so
 * that an editor and tsc know exactly the API of that binary.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ModuleExportName, parseSync, type Statement } from "oxc-parser";
import { capture, ROOT, tool } from "./tool_chain.ts";

const COMPILE_TIMEOUT_MS = 120_000;

/** The declarations of the API as the text of one `.d.ts`; throws with what the compiler says. */
export async function apiDeclarations(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "heron-bin-declarations-"));
  try {
    return mergeDeclarations(await compileDeclarations(folder, "mod.ts"), "mod.d.ts");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The declarations of `entry` and of all it imports, by path. */
async function compileDeclarations(folder: string, entry: string): Promise<Map<string, string>> {
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

/** A top-level declaration, with its docstring. */
interface Declaration {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/** The exports of `entry` and all they speak of, as one file; `files` are `.d.ts` by path. */
export function mergeDeclarations(files: ReadonlyMap<string, string>, entry: string): string {
  const exported = exportsOf(files.get(entry) ?? "", entry);
  const declared = Map.groupBy(
    [...files].flatMap(([path, text]) => declarationsOf(text, path)),
    ({ name }) => name,
  );
  const used = [...reachable(exported, declared)].sort();
  const texts = used.flatMap((name) => {
    const declarations = declared.get(name) ?? [];
    const paths = new Set(declarations.map(({ path }) => path));
    // In one file, the names of several must not meet.
    if (paths.size !== 1) {
      const found = [...paths].join(", ") || "no file";
      throw new Error(`Merging declarations: "${name}" is declared in ${found}, expected one file`);
    }
    return declarations.map(({ text }) => text);
  });
  return `${texts.join("\n")}\nexport {\n${exported.map((name) => `  ${name},\n`).join("")}};\n`;
}

/** The names that a file of nothing but lists of exports passes on. */
function exportsOf(text: string, path: string): readonly string[] {
  return statementsOf(text).flatMap((statement) => {
    if (statement.type !== "ExportNamedDeclaration" || statement.declaration !== null) {
      throw new Error(`Merging declarations: ${path} has more than lists of exports`);
    }
    return statement.specifiers.map(({ local, exported }) => {
      const name = textOf(exported);
      if (name === textOf(local)) return name;
      throw new Error(`Merging declarations: ${path} renames "${textOf(local)}" to "${name}"`);
    });
  }).sort();
}

function textOf(name: ModuleExportName): string {
  return name.type === "Literal" ? name.value : name.name;
}

/** The declarations of a file, none of them exported. */
function declarationsOf(text: string, path: string): readonly Declaration[] {
  let end = 0;
  return statementsOf(text).flatMap((statement) => {
    const before = text.slice(end, statement.start);
    end = statement.end;
    const name = nameOf(statement);
    if (name === undefined) return [];
    // The last comment is the declaration's own; the one that a file begins with is the file's.
    const at = before.lastIndexOf("/**");
    const comment = at <= 0 ? "" : before.slice(at).trim();
    const doc = comment.startsWith("/**") ? `${comment}\n` : "";
    const code = text.slice(statement.start, statement.end).replace(/^export /, "");
    const declaration = /^(interface|type) /.test(code)
      ? code
      : code.replace(/^(declare )?/, "declare ");
    return [{ name, path, text: `${doc}${declaration}\n` }];
  });
}

/** What `statement` declares; undefined for imports and lists of exports. */
function nameOf(statement: Statement): string | undefined {
  const inner = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  switch (inner?.type) {
    case "ClassDeclaration":
    case "TSDeclareFunction":
      return inner.id?.name;
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
      return inner.id.name;
    case "VariableDeclaration": {
      const [first] = inner.declarations;
      return first?.id.type === "Identifier" ? first.id.name : undefined;
    }
    default:
      return undefined;
  }
}

function statementsOf(text: string): readonly Statement[] {
  // Only statements: no directive stands in a declaration file.
  return parseSync("file.d.ts", text).program.body as Statement[];
}

/** `roots` and all names that are mentioned in what they name. */
function reachable(
  roots: readonly string[],
  declared: ReadonlyMap<string, readonly Declaration[]>,
): ReadonlySet<string> {
  const found = new Set(roots);
  // A set that grows while it is walked is walked to its end.
  for (const name of found) {
    for (const { text } of declared.get(name) ?? []) {
      // Examples in comments name much that is not needed.
      const code = text.replaceAll(/\/\*\*.*?\*\//gs, "");
      // Nor are the names of members wanted: "(" or ":" follows them.
      for (const [word] of code.matchAll(/[A-Za-z_$][\w$]*(?![\w$]|\(|\??:)/g)) {
        if (declared.has(word)) found.add(word);
      }
    }
  }
  return found;
}
