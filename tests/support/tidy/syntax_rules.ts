/**
 * Rules about what may be written at all: the strict subset of TypeScript,
 * comments that give reasons, errors whose text can be understood, and tests
 * that are run.
 */

import {
  child,
  children,
  type Comment,
  type Fault,
  faultAt,
  type Finding,
  isTest,
  lineOf,
  type Node,
  type Source,
  textOf,
  walk,
} from "./source.ts";

/** The faults of `source`. */
export function syntaxFaults(source: Source): Fault[] {
  const faults: Fault[] = [];
  for (const message of source.syntaxErrors) {
    faults.push(faultAt(source, { start: 0 }, ["syntax", message]));
  }
  walk(source.root, (node, parents) => {
    const found = ruleFor(source, node, parents);
    if (found !== undefined) faults.push(faultAt(source, node, found));
  });
  for (const comment of source.comments) {
    const message = ignoreFault(source.path, comment);
    if (message !== undefined) faults.push(faultAt(source, comment, ["ignore", message]));
  }
  return faults;
}

function ruleFor(source: Source, node: Node, parents: readonly Node[]): Finding | undefined {
  switch (node.type) {
    case "TSAnyKeyword":
      return ["any", "no any"];
    case "TSEnumDeclaration":
    case "TSModuleDeclaration":
      return ["enum", "no enum and no namespace"];
    case "TSNonNullExpression":
      return nonNullFault(source, node);
    case "TSAsExpression":
    case "TSTypeAssertion":
      return asFault(source, node, parents);
    case "ExportDefaultDeclaration":
      return isTopologyFile(source.path) ? undefined : ["default_export", "no default export"];
    case "VariableDeclaration":
      return moduleVariableFault(source, node, parents);
    case "MethodDefinition":
    case "PropertyDefinition":
    case "TSParameterProperty":
      return privacyFault(node);
    case "CatchClause":
      return emptyCatchFault(source, node);
    case "CallExpression":
      return callFault(source, node);
    case "NewExpression":
      return errorTextFault(source, node);
    default:
      return undefined;
  }
}

function isTopologyFile(path: string): boolean {
  return /^(examples|scripts\/template)\//.test(path) || path.includes("/topologies/");
}

function nonNullFault(source: Source, node: Node): Finding | undefined {
  const indexed = child(node, "expression")?.["computed"] === true;
  if (indexed && /^src\/(tuples|checkpoint|base\/wire)\//.test(source.path)) return undefined;
  return ["non_null", "no ! (indexed reads in tuples/, wire/ and checkpoint/ excepted)"];
}

function asFault(source: Source, node: Node, parents: readonly Node[]): Finding | undefined {
  const type = child(node, "typeAnnotation");
  if (textOf(child(type, "typeName"), "name") === "const") return undefined;
  if (parents.at(-1)?.type === "TSAsExpression") return undefined;
  const statement = parents.findLast(isStatement) ?? node;
  const lines = [node.start, node.end, statement.start].map((offset) => lineOf(source, offset));
  const explained = source.comments.some((comment) => {
    const first = lineOf(source, comment.start);
    const last = lineOf(source, comment.end);
    return lines.some((line) => last === line - 1 || (first <= line && line <= last));
  });
  return explained ? undefined : ["as", "as needs a comment beside or above that says why"];
}

function isStatement(node: Node): boolean {
  return /(Statement|Declaration|PropertyDefinition)$/.test(node.type) &&
    node.type !== "BlockStatement" && !/^(Function|Class|Export)/.test(node.type);
}

function moduleVariableFault(
  source: Source,
  node: Node,
  parents: readonly Node[],
): Finding | undefined {
  const atTop = parents.every(({ type }) =>
    type === "Program" || type === "ExportNamedDeclaration"
  );
  if (!atTop) return undefined;
  if (node["kind"] !== "const" && source.path.startsWith("src/") && !isTest(source.path)) {
    return ["module_state", "no mutable module state"];
  }
  const isFunction = (declarator: Node) =>
    /^(ArrowFunction|Function)Expression$/.test(child(declarator, "init")?.type ?? "");
  return children(node, "declarations").some(isFunction)
    ? ["arrow_constant", "a declared function, not a constant that holds one"]
    : undefined;
}

function privacyFault(node: Node): Finding | undefined {
  if (node["definite"] === true) return ["non_null", "no definite assignment"];
  if (node["accessibility"] !== "private" || node["kind"] === "constructor") return undefined;
  return ["private", "#private, not the keyword"];
}

function emptyCatchFault(source: Source, node: Node): Finding | undefined {
  const body = child(node, "body");
  if (body === undefined || children(body, "body").length > 0) return undefined;
  return hasCommentWithin(source, body) ? undefined : ["empty_catch", "no empty catch"];
}

function callFault(source: Source, node: Node): Finding | undefined {
  const callee = child(node, "callee");
  const method = textOf(child(callee, "property"), "name");
  const of = textOf(child(callee, "object"), "name");
  if (/^(test|it|describe)$/.test(of ?? "") && /^(skip|only|todo|if|failing)$/.test(method ?? "")) {
    return ["skipped_test", "tests are run, all of them"];
  }
  const body = child(children(node, "arguments")[0], "body");
  if (
    method === "catch" && body?.type === "BlockStatement" && children(body, "body").length === 0
  ) {
    return hasCommentWithin(source, body) ? undefined : ["empty_catch", "no empty catch"];
  }
  return undefined;
}

function hasCommentWithin(source: Source, node: Node): boolean {
  return source.comments.some(({ start, end }) => start > node.start && end < node.end);
}

/** "What was attempted: what was found": a colon, a capital first, no full stop last. */
function errorTextFault(source: Source, node: Node): Finding | undefined {
  if (textOf(child(node, "callee"), "name") !== "HeronError" || isTest(source.path)) {
    return undefined;
  }
  const message = children(node, "arguments")[1];
  const texts = message?.type === "TemplateLiteral"
    ? children(message, "quasis").map(({ value }) => cookedText(value))
    : [textOf(message, "value")];
  if (texts.includes(undefined)) return undefined;
  const first = texts[0] ?? "";
  const whole = texts.join("…");
  const opensWithValue = first === "";
  if (!opensWithValue && !/^\p{Lu}/u.test(first)) return ["error_text", "a capital first"];
  if (whole.endsWith(".")) return ["error_text", "no full stop at the end"];
  return whole.includes(": ") || whole.includes(":…") || opensWithValue
    ? undefined
    : ["error_text", 'what was attempted, then ": ", then what was found and expected'];
}

function cookedText(value: unknown): string | undefined {
  const holds = typeof value === "object" && value !== null && "cooked" in value;
  return holds && typeof value.cooked === "string" ? value.cooked : undefined;
}

function ignoreFault(path: string, comment: Comment): string | undefined {
  if (/@ts-(ignore|nocheck|expect-error)/.test(comment.value)) {
    // There a test compares what the compiler says with what stands behind it.
    if (path === "tests/types/wrong.ts" && /^ @ts-expect-error \S/.test(comment.value)) {
      return undefined;
    }
    return "the compiler is not silenced";
  }
  if (/deno-lint-ignore/.test(comment.value) && !/--\s*\S/.test(comment.value)) {
    return 'a silenced lint says why, after "--"';
  }
  return undefined;
}
