/**
 * The titles of the tests in a file, as its text writes them: of a title with
 * `${…}` or of `test.each` the pattern, not what it comes to when it runs.
 */

import { child, children, type Node, parseSource, textOf, walk } from "../tidy/source.ts";

const TESTS: ReadonlySet<string> = new Set(["test", "it"]);
/** Modifiers of tests that run. */
const RUNNING: ReadonlySet<string> = new Set(["each", "serial", "concurrent"]);

/** The titles in `text`; tests that are skipped or left for later are none. */
export function testTitles(path: string, text: string): ReadonlySet<string> {
  const source = parseSource(path, text);
  const titles = new Set<string>();
  walk(source.root, (node) => {
    if (node.type !== "CallExpression" || !isTest(child(node, "callee"))) return;
    const [title] = children(node, "arguments");
    const written = title === undefined ? undefined : titleOf(title, text);
    if (written !== undefined) titles.add(written);
  });
  return titles;
}

/** Whether `callee` is `test`, `it`, or one of their forms that run: `test.each([…])`, `test.serial`. */
function isTest(callee: Node | undefined): boolean {
  if (callee === undefined) return false;
  if (callee.type === "Identifier") return TESTS.has(textOf(callee, "name") ?? "");
  if (callee.type === "CallExpression") {
    const inner = child(callee, "callee");
    return inner?.type === "MemberExpression" && isTest(inner);
  }
  if (callee.type !== "MemberExpression") return false;
  const modifier = textOf(child(callee, "property"), "name") ?? "";
  return RUNNING.has(modifier) && isTest(child(callee, "object"));
}

function titleOf(node: Node, text: string): string | undefined {
  if (node.type === "Literal") return textOf(node, "value");
  if (node.type !== "TemplateLiteral") return undefined;
  return text.slice(node.start + 1, node.end - 1);
}
