/** The one place that has Bun read YAML: the text of a cluster file as a tree, or what is wrong with it. */

/** A file's tree, or why there is none. */
export type YamlReading =
  | { readonly tree: Readonly<Record<string, unknown>> }
  | { readonly line: number; readonly fault: string };

/** Reads the text of a cluster file. */
export function readYaml(text: string): YamlReading {
  let tree: unknown;
  try {
    tree = Bun.YAML.parse(text);
  } catch (thrown) {
    const said = thrown instanceof Error ? thrown.message : String(thrown);
    const what = said.replace(/^YAML Parse error: /, "");
    return { line: faultyLine(text), fault: `found no YAML (${what}), expected keys and values` };
  }
  if (tree === null || tree === undefined) return { tree: {} };
  if (isTree(tree)) return { tree };
  const found = Array.isArray(tree) ? "a list, or several documents" : JSON.stringify(tree);
  return { line: 1, fault: `found ${found}, expected keys and values` };
}

/** Whether a value of YAML has keys. */
export function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The parser does not tell where it stopped: it is the line behind the last that ends something whole. */
function faultyLine(text: string): number {
  const lines = text.split("\n");
  for (let count = lines.length - 1; count > 0; count--) {
    if (isYaml(lines.slice(0, count).join("\n"))) return count + 1;
  }
  return 1;
}

function isYaml(text: string): boolean {
  try {
    Bun.YAML.parse(text);
    return true;
  } catch {
    // That it is none is the answer.
    return false;
  }
}
