/**
 * What the API exports, and which members its classes and interfaces have, read
 * from its source: types leave nothing behind that could be asked at run time.
 */

import { child, children, type Node, parseSource, textOf, walk } from "../tidy/source.ts";

/** The names of the API. */
export interface ApiNames {
  /** Whether `name` is exported: `Config`, `isTick`, or with a member, `Config.setDebug`. */
  has(name: string): boolean;
}

interface Declared {
  readonly members: ReadonlySet<string>;
  /** Names of what it extends. */
  readonly bases: readonly string[];
}

/** The doors that users import. */
const DOORS: readonly string[] = ["mod.ts", "testing.ts"];
const ROOMS = /^src\/(api|testing|base)\//;

/** The names in `files`, by their paths in the repository. */
export function apiNames(files: ReadonlyMap<string, string>): ApiNames {
  const exported = new Set(
    DOORS.flatMap((path) => exportsOf(parseSource(path, files.get(path) ?? "").root)),
  );
  const declared = new Map<string, Declared>();
  for (const [path, text] of files) {
    if (!ROOMS.test(path) || !path.endsWith(".ts") || path.endsWith("_test.ts")) continue;
    walk(parseSource(path, text).root, (node) => declare(node, declared));
  }
  const hasMember = (owner: string, member: string): boolean => {
    const own = declared.get(owner);
    if (own === undefined) return false;
    return own.members.has(member) || own.bases.some((base) => hasMember(base, member));
  };
  return {
    has(name) {
      const [owner = "", member, ...rest] = name.split(".");
      if (!exported.has(owner) || rest.length > 0) return false;
      return member === undefined || hasMember(owner, member);
    },
  };
}

function exportsOf(root: Node): readonly string[] {
  return children(root, "body").filter(({ type }) => type === "ExportNamedDeclaration")
    .flatMap((node) => children(node, "specifiers"))
    .map((specifier) => textOf(child(specifier, "exported"), "name") ?? "");
}

function declare(node: Node, declared: Map<string, Declared>): void {
  const isInterface = node.type === "TSInterfaceDeclaration";
  if (!isInterface && node.type !== "ClassDeclaration") return;
  const name = textOf(child(node, "id"), "name") ?? "";
  const before = declared.get(name);
  const members = children(child(node, "body"), "body").map(memberName);
  const extended = isInterface
    ? children(node, "extends").map((one) => textOf(child(one, "expression"), "name"))
    : [
      textOf(child(node, "superClass"), "name"),
      ...children(node, "implements").map((one) => textOf(child(one, "expression"), "name")),
    ];
  declared.set(name, {
    members: new Set([...before?.members ?? [], ...members]),
    bases: [...before?.bases ?? [], ...extended.filter((base) => base !== undefined)],
  });
}

function memberName(member: Node): string {
  return textOf(child(member, "key"), "name") ?? "";
}
