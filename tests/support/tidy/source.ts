/**
 * One TypeScript file as the tidy rules see it: its text, its syntax tree,
 * its comments, and what it imports and exports. The only file that knows
 * the parser.
 */

import { parseSync } from "oxc-parser";

/** A broken rule. */
export interface Fault {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** A node of the syntax tree (ESTree with TypeScript's own kinds). */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A comment, without its delimiters. */
export interface Comment {
  readonly block: boolean;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** One `import`, `export … from` or `import()` of a literal. */
export interface Import {
  readonly specifier: string;
  readonly start: number;
  /** Imported names; undefined for all of them. */
  readonly names: readonly string[] | undefined;
  readonly typeOnly: boolean;
  /** `with { type: … }`: an asset, not a module. */
  readonly asset: boolean;
  /** Whether it is an `export … from`. */
  readonly reexport: boolean;
}

/** A parsed file. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly root: Node;
  readonly comments: readonly Comment[];
  readonly imports: readonly Import[];
  readonly syntaxErrors: readonly string[];
}

/** Parses `text`. */
export function parseSource(path: string, text: string): Source {
  const parsed = parseSync(path, text);
  // The parser's own types are a closed union; the rules ask by kind and field.
  const root = parsed.program as unknown as Node;
  const comments = parsed.comments.map(({ type, value, start, end }) => ({
    block: type === "Block",
    value,
    start,
    end,
  }));
  const syntaxErrors = parsed.errors.map((error) => error.message);
  return { path, text, root, comments, syntaxErrors, imports: importsOf(root) };
}

/** The line of `offset`, counted from 1. */
export function lineOf(source: Source, offset: number): number {
  let line = 1;
  for (let at = source.text.indexOf("\n"); at !== -1 && at < offset;) {
    line += 1;
    at = source.text.indexOf("\n", at + 1);
  }
  return line;
}

/** The rule that is broken, and what is wrong. */
export type Finding = readonly [rule: string, message: string];

/** The fault that `finding` is where `node` starts. */
export function faultAt(source: Source, node: { start: number }, finding: Finding): Fault {
  const [rule, message] = finding;
  return { path: source.path, line: lineOf(source, node.start), rule, message };
}

/** Calls `visit` for each node below and including `node`, parents first; `parents` ends with the nearest. */
export function walk(
  node: Node,
  visit: (node: Node, parents: readonly Node[]) => void,
  parents: readonly Node[] = [],
): void {
  visit(node, parents);
  const below = [...parents, node];
  for (const value of Object.values(node)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (isNode(item)) walk(item, visit, below);
    }
  }
}

/** The node in `field`, if it holds one. */
export function child(node: Node | undefined, field: string): Node | undefined {
  const value = node?.[field];
  return isNode(value) ? value : undefined;
}

/** The nodes of the list in `field`. */
export function children(node: Node | undefined, field: string): readonly Node[] {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The text in `field`: a name, a kind, a value. */
export function textOf(node: Node | undefined, field: string): string | undefined {
  const value = node?.[field];
  return typeof value === "string" ? value : undefined;
}

/** Whether `path` is a test beside the code or in tests/. */
export function isTest(path: string): boolean {
  return path.endsWith("/conformance.ts") || path.endsWith("_test.ts") || path.startsWith("tests/");
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

function importsOf(root: Node): Import[] {
  const imports: Import[] = [];
  walk(root, (node) => {
    const specifier = textOf(child(node, "source"), "value");
    if (specifier === undefined) return;
    const named = children(node, "specifiers");
    const reexport = node.type.startsWith("Export");
    const whole = node.type === "ExportAllDeclaration" || node.type === "ImportExpression" ||
      named.some((one) => one.type === "ImportNamespaceSpecifier");
    imports.push({
      specifier,
      start: node.start,
      names: whole ? undefined : named.map(nameOfSpecifier),
      typeOnly: isTypeOnly(node, named),
      asset: children(node, "attributes").length > 0,
      reexport,
    });
  });
  return imports;
}

function isTypeOnly(node: Node, named: readonly Node[]): boolean {
  if (node["importKind"] === "type" || node["exportKind"] === "type") return true;
  const isType = (one: Node) => one["importKind"] === "type" || one["exportKind"] === "type";
  return named.length > 0 && named.every(isType);
}

function nameOfSpecifier(specifier: Node): string {
  const name = child(specifier, "imported") ?? child(specifier, "local");
  return specifier.type === "ImportDefaultSpecifier" ? "default" : textOf(name, "name") ?? "";
}
