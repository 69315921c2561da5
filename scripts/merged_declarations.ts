/**
 * Many declaration files made into one: what is exported and all that it
 * speaks of, without imports of each other.
 */

import { type ModuleExportName, parseSync, type Statement } from "oxc-parser";

/** A top-level declaration, with its docstring. */
interface Declaration {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/** What is merged. */
export interface Merging {
  /** `.d.ts` by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly exported: readonly string[];
  /** Names that are not taken from the files but imported from a module. */
  readonly given?: { readonly names: ReadonlySet<string>; readonly from: string };
}

/** The exported names and all they speak of, as the text of one file. */
export function mergeDeclarations({ files, exported, given }: Merging): string {
  const declared = Map.groupBy(
    [...files].flatMap(([path, text]) => declarationsOf(text, path)),
    ({ name }) => name,
  );
  const locals = localNames(files);
  const { inside, outside } = reachable(
    exported.map((name) => locals.get(name) ?? name),
    declared,
    given?.names,
  );
  const texts = [...inside].sort().flatMap((name) => {
    const declarations = declared.get(name) ?? [];
    const paths = new Set(declarations.map(({ path }) => path));
    // In one file, the names of several must not meet.
    if (paths.size !== 1) {
      const found = [...paths].join(", ") || "no file";
      throw new Error(`Merging declarations: "${name}" is declared in ${found}, expected one file`);
    }
    return declarations.map(({ text }) => text);
  });
  const names = [...outside].sort();
  const imports = names.length === 0
    ? ""
    : `import type {\n${names.map((name) => `  ${name},\n`).join("")}} from "${given?.from}";\n\n`;
  const list = exported.toSorted().map((name) => {
    const local = locals.get(name) ?? name;
    return local === name ? `  ${name},\n` : `  ${local} as ${name},\n`;
  });
  return `${imports}${texts.join("\n")}\nexport {\n${list.join("")}};\n`;
}

/** The text inside `declare module "name" { … }`, as that of a file of its own. */
export function moduleBody(text: string, name: string): string {
  for (const statement of statementsOf(text)) {
    if (statement.type !== "TSModuleDeclaration" || statement.id.type !== "Literal") continue;
    if (statement.id.value !== name || !statement.body) continue;
    const { start, end } = statement.body;
    return text.slice(start + 1, end - 1).replaceAll(/^ {2}/gm, "");
  }
  throw new Error(`Merging declarations: found no module "${name}", expected one`);
}

/** The names that a file of nothing but lists of exports passes on, by where from. */
export function exportLists(text: string, path: string): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, string[]>();
  for (const statement of statementsOf(text)) {
    if (statement.type !== "ExportNamedDeclaration" || statement.source === null) {
      throw new Error(`Merging declarations: ${path} has more than lists of exports`);
    }
    const from = statement.source.value;
    for (const { local, exported } of statement.specifiers) {
      const name = textOf(exported);
      if (name !== textOf(local)) {
        throw new Error(`Merging declarations: ${path} renames "${textOf(local)}" to "${name}"`);
      }
      lists.set(from, [...lists.get(from) ?? [], name]);
    }
  }
  return lists;
}

/** What files export under another name, by that name. */
function localNames(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const text of files.values()) {
    for (const statement of statementsOf(text)) {
      if (statement.type !== "ExportNamedDeclaration" || statement.source !== null) continue;
      for (const { local, exported } of statement.specifiers) {
        if (textOf(local) !== textOf(exported)) names.set(textOf(exported), textOf(local));
      }
    }
  }
  return names;
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
    case "TSModuleDeclaration":
      return inner.id.type === "Identifier" ? inner.id.name : undefined;
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

/** `roots` and all names that are mentioned in what they name, and those of `given` among them. */
function reachable(
  roots: readonly string[],
  declared: ReadonlyMap<string, readonly Declaration[]>,
  given: ReadonlySet<string> = new Set(),
) {
  const inside = new Set(roots);
  const outside = new Set<string>();
  // A set that grows while it is walked is walked to its end.
  for (const name of inside) {
    for (const { text } of declared.get(name) ?? []) {
      // Examples in comments name much that is not needed.
      const code = text.replaceAll(/\/\*\*.*?\*\//gs, "");
      // Nor are the names of members wanted: "(" or ":" follows them.
      for (const [word] of code.matchAll(/[A-Za-z_$][\w$]*(?![\w$]|\(|\??:)/g)) {
        if (given.has(word)) outside.add(word);
        else if (declared.has(word)) inside.add(word);
      }
    }
  }
  return { inside, outside };
}
