/**
 * Rules about who may touch the world: the process, time, chance and the
 * console belong to few folders, so that everything else can run under the
 * simulator; and no promise is let go.
 */

import type { Exceptions } from "./exceptions.ts";
import {
  child,
  children,
  type Fault,
  faultAt,
  isTest,
  type Node,
  type Source,
  textOf,
  walk,
} from "./source.ts";

const PROCESS = new Set([
  "process.exit",
  "process.exitCode",
  "process.argv",
  "process.env",
  "Bun.argv",
  "Bun.env",
  "Deno.exit",
  "Deno.args",
  "Deno.env",
]);
const TIME = new Set([
  "setTimeout",
  "setInterval",
  "Date.now",
  "performance.now",
  "performance.timeOrigin",
  "process.hrtime",
  "process.uptime",
  "AbortSignal.timeout",
  "Bun.sleep",
  "Bun.sleepSync",
  "Bun.nanoseconds",
  "Math.random",
]);
const CHANCE = new Set([
  "randomBytes",
  "randomInt",
  "randomUUID",
  "randomFillSync",
  "getRandomValues",
]);

/** What the rules know of other files. */
export interface EffectContext {
  /** The names of all exported async functions. */
  readonly asyncFunctions: ReadonlySet<string>;
  readonly exceptions: Exceptions;
}

/** The faults of `source`. */
export function effectFaults(source: Source, context: EffectContext): Fault[] {
  const isExcepted = source.path in context.exceptions.effects;
  const faults: Fault[] = [];
  const promising = promisingNames(source, context.asyncFunctions);
  walk(source.root, (node, parents) => {
    const name = usedName(node, parents);
    const message = name === undefined || isExcepted ? undefined : effectFault(source.path, name);
    if (message !== undefined) faults.push(faultAt(source, node, ["effect", message]));
    if (node.type === "ExpressionStatement" && floats(child(node, "expression"), promising)) {
      faults.push(
        faultAt(source, node, ["floating_promise", "a promise is awaited, returned or void"]),
      );
    }
  });
  return faults;
}

/** The names of async functions that `source` exports. */
export function exportedAsyncFunctions(source: Source): string[] {
  return children(source.root, "body").flatMap((statement) => {
    const declared = child(statement, "declaration");
    if (statement.type !== "ExportNamedDeclaration" || declared?.["async"] !== true) return [];
    return [textOf(child(declared, "id"), "name") ?? ""];
  });
}

function effectFault(path: string, name: string): string | undefined {
  const folder = path.split("/")[0] ?? "";
  const outside = isTest(path) || ["scripts", "bench"].includes(folder);
  if (PROCESS.has(name) && !outside && folder !== "cmd") return `${name} only in cmd/`;
  if (outside || folder === "examples") return undefined;
  const isClock = path === "src/base/clock.ts" || path === "src/base/random.ts";
  if (TIME.has(name) && !isClock) return `${name} only in base/clock.ts and base/random.ts`;
  const inBase = path.startsWith("src/base/");
  if (CHANCE.has(name) && !inBase && folder !== "cmd") return `${name} only in base/ and cmd/`;
  if (name === "console" && !inBase && folder !== "cmd") return "console only in base/ and cmd/";
  return undefined;
}

/** The global or `object.member` that `node` reads, if it is one. */
function usedName(node: Node, parents: readonly Node[]): string | undefined {
  if (node.type === "NewExpression" && children(node, "arguments").length === 0) {
    return textOf(child(node, "callee"), "name") === "Date" ? "Date.now" : undefined;
  }
  if (node.type === "MemberExpression") {
    const member = textOf(child(node, "property"), "name") ?? "";
    const object = textOf(child(node, "object"), "name");
    return CHANCE.has(member) ? member : object === undefined ? undefined : `${object}.${member}`;
  }
  if (node.type !== "Identifier") return undefined;
  const parent = parents.at(-1);
  const isMember = parent?.type === "MemberExpression" && child(parent, "property") === node;
  const isKey = parent !== undefined && child(parent, "key") === node;
  return isMember || isKey ? undefined : textOf(node, "name");
}

function promisingNames(source: Source, exported: ReadonlySet<string>): Set<string> {
  const names = new Set(
    source.imports.flatMap(({ names }) => (names ?? []).filter((name) => exported.has(name))),
  );
  walk(source.root, (node) => {
    if (node.type === "FunctionDeclaration" && node["async"] === true) {
      names.add(textOf(child(node, "id"), "name") ?? "");
    }
    const key = child(node, "key");
    if (child(node, "value")?.["async"] === true && key?.type === "PrivateIdentifier") {
      names.add(`#${textOf(key, "name") ?? ""}`);
    }
  });
  return names;
}

function floats(expression: Node | undefined, promising: ReadonlySet<string>): boolean {
  if (expression?.type !== "CallExpression") return false;
  const callee = child(expression, "callee");
  const property = child(callee, "property");
  const name = property?.type === "PrivateIdentifier"
    ? `#${textOf(property, "name") ?? ""}`
    : textOf(callee, "name");
  return name !== undefined && promising.has(name);
}
