/**
 * Rules about form: what each file says at its head, what each export says
 * of itself, how things are named, and how large a function may be.
 */

import type { Exceptions } from "./exceptions.ts";
import {
  child,
  children,
  type Fault,
  faultAt,
  isTest,
  lineOf,
  type Node,
  type Source,
  textOf,
  walk,
} from "./source.ts";

const HEAD_LINES_MAX = 5;
const FUNCTION_LINES_MAX = 70;
const PARAMETERS_MAX = 3;

/** The faults of `source`. */
export function formFaults(source: Source, exceptions: Exceptions): Fault[] {
  const faults: Fault[] = [];
  const head = headFault(source);
  if (head !== undefined) faults.push(faultAt(source, { start: 0 }, ["head", head]));
  if (source.path.startsWith("src/") && !isTest(source.path) || isUserDoor(source.path)) {
    faults.push(...undocumented(source));
  }
  walk(source.root, (node, parents) => {
    const name = nameFault(node);
    if (name !== undefined) faults.push(faultAt(source, node, ["name", name]));
    if (child(node, "body") === undefined || !/Function/.test(node.type)) return;
    for (const message of sizeFaults(source, node, { parents, exceptions })) {
      faults.push(faultAt(source, node, ["function_size", message]));
    }
  });
  return faults;
}

/** What users import: its head is its documentation. */
function isUserDoor(path: string): boolean {
  return path === "mod.ts" || path === "testing.ts";
}

/** A test beside the code shares the head of the file it tests. */
function headFault(source: Source): string | undefined {
  if (source.path.endsWith("_test.ts") && !source.path.startsWith("tests/")) return undefined;
  // The users' door shows a whole topology at its head.
  if (isUserDoor(source.path)) return undefined;
  const lines = headLines(source);
  if (lines === 0) return "begins with a comment that says what the file is for";
  return lines > HEAD_LINES_MAX
    ? `${lines} lines at the head, at most ${HEAD_LINES_MAX}`
    : undefined;
}

function headLines(source: Source): number {
  const text = source.text.replace(/^#!.*\n/, "");
  const block = /^\/\*\*?([\s\S]*?)\*\//.exec(text);
  const lines = block === null
    ? /^(\/\/.*\n)*/.exec(text)?.[0].split("\n").slice(0, -1)
    : block[1]?.split("\n");
  return (lines ?? []).filter((line) => /[\p{L}\p{N}]/u.test(line)).length;
}

function undocumented(source: Source): Fault[] {
  const documented = new Set<string>();
  const faults: Fault[] = [];
  for (const statement of children(source.root, "body")) {
    const declared = child(statement, "declaration");
    if (statement.type !== "ExportNamedDeclaration" || declared === undefined) continue;
    const name = declaredName(declared);
    // A blank line parts the head of the file from what is declared first.
    const before = source.comments.findLast(({ end }) => end <= statement.start);
    const hasComment = before !== undefined && before.block && before.value.startsWith("*") &&
      source.text.slice(before.end, statement.start) === "\n";
    // The docstring of an overload stands at the first.
    if (hasComment) documented.add(name);
    else if (!documented.has(name)) {
      faults.push(
        faultAt(source, statement, ["docstring", `"${name}" is exported without a docstring`]),
      );
    }
  }
  return faults;
}

/** The name that a declaration declares. */
export function declaredName(declared: Node): string {
  const id = child(declared, "id") ?? child(children(declared, "declarations")[0], "id");
  return textOf(id, "name") ?? "";
}

function nameFault(node: Node): string | undefined {
  const isType = /^(Class|TSInterface|TSTypeAlias)Declaration$/.test(node.type);
  if (!isType && node.type !== "FunctionDeclaration") return undefined;
  const name = textOf(child(node, "id"), "name");
  if (name === undefined) return undefined;
  if (isType && !/^[A-Z][A-Za-z0-9]*$/.test(name)) return `"${name}": types are PascalCase`;
  if (!isType && !/^[a-z][A-Za-z0-9]*$/.test(name)) return `"${name}": functions are camelCase`;
  return /[A-Z]{3}/.test(name) ? `"${name}": acronyms are words, TmClient` : undefined;
}

interface FunctionPlace {
  readonly parents: readonly Node[];
  readonly exceptions: Exceptions;
}

function sizeFaults(source: Source, node: Node, place: FunctionPlace): string[] {
  const faults: string[] = [];
  const name = functionName(node, place.parents);
  const lines = lineOf(source, node.end) - lineOf(source, node.start) + 1;
  if (lines > FUNCTION_LINES_MAX && name !== "describe") {
    faults.push(`"${name}" has ${lines} lines, at most ${FUNCTION_LINES_MAX}`);
  }
  const parameters =
    children(node, "params").filter((one) => textOf(one, "name") !== "this").length;
  const listed = place.exceptions.wideFunctions;
  if (
    parameters > PARAMETERS_MAX && !(`* ${name}` in listed) && !(`${source.path} ${name}` in listed)
  ) {
    faults.push(`"${name}" has ${parameters} parameters, at most ${PARAMETERS_MAX}, then options`);
  }
  return faults;
}

/** The name a function is known by; of a callback, what it is given to. */
function functionName(node: Node, parents: readonly Node[]): string {
  const parent = parents.at(-1);
  const named = child(node, "id") ?? child(parent, "key") ?? child(parent, "id") ??
    child(parent, "callee");
  return textOf(named, "name") ?? "function";
}
