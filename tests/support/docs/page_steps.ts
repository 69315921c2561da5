/**
 * What the blocks of a page come to, in their order: files of its folder, commands, and what these
 * print. Every block has a rule, one without is an error; the rules are at `stepsOf`.
 */

import { type Block, blocksOf } from "./blocks.ts";

/** What is done with a file: of TypeScript one of the first three, `data` is only there. */
export type FileRole = "topology" | "test" | "module" | "data";

/** A file of the page's folder. */
export interface FileStep {
  readonly type: "file";
  readonly line: number;
  readonly path: string;
  readonly text: string;
  readonly role: FileRole;
  /** Present: it is wrong, and what is said of it has these lines. */
  readonly fault?: readonly string[];
}

/** Commands for a shell. */
export interface ShellStep {
  readonly type: "shell";
  readonly line: number;
  readonly text: string;
  readonly exitCode: number;
  /** Shows on a terminal, whose screen is looked at. */
  readonly screen?: string;
  /** What is printed. */
  readonly output?: string;
}

/** A step of a page. */
export type Step =
  | FileStep
  | ShellStep
  | {
    readonly type: "diff";
    readonly line: number;
    readonly path: string;
    readonly text: string;
  }
  | { readonly type: "copy"; readonly line: number; readonly path: string };

/** Commands that a page may have; all else would need a rule of its own. */
const COMMANDS =
  /^(heron-bin|dist\/heron-bin|tsc|cd|ls|cat|head|tail|grep|sort|wc|sbatch|scancel) /;
/** Commands of the repository's own scripts: that there is such a script is all that is checked. */
const SCRIPTS = /^(?:npx -y bun@\S+|bun) run ([\w-]+)/;
/** The place of a fragment. */
const PLACE = /^ *\/\/ …\n/m;

/**
 * The steps of a page.
 *
 * - `ts`: a file of its own, or named by `file: a.ts`. `continues` adds it to the file before it,
 *   `in: a.ts` puts it in place of the line `// …` of a copy of that file. A file with
 *   `export default` is a topology: it is checked and run in the test kit. One with `test(` is run as
 *   a test, any other is loaded. With `fails`, what follows as `text` is in what is said of it.
 * - `yaml`: a file, named by `file: a.yaml`, for the commands behind it.
 * - `diff`: lines of `file: a.ts` that are taken out and put in.
 * - `sh`: commands, run in the folder by the compiled binary; with `exit: 3` they end so.
 * - `text`: all that the commands before it print; a line `…` stands for any lines. With `screen` it
 *   is what a terminal shows while the commands run, but for figures.
 *
 * `uses: examples/a.ts` copies a file of the repository there first.
 *
 * @throws Error for a block that has no rule
 */
export function stepsOf(page: string, name: string): readonly Step[] {
  const steps = new StepList(name);
  for (const block of blocksOf(page)) steps.add(block);
  return steps.all;
}

class StepList {
  readonly all: Step[] = [];
  readonly #name: string;

  constructor(name: string) {
    this.#name = name.replace(/\.md$/, "").toLowerCase().replaceAll(/\W+/g, "_");
  }

  add(block: Block): void {
    const { notes, line } = block;
    const uses = notes.get("uses");
    if (uses !== undefined) this.all.push({ type: "copy", line, path: uses });
    switch (block.kind) {
      case "ts":
        return this.#addFile(block);
      case "sh":
        return this.#addCommands(block);
      case "text":
        return this.#addOutput(block);
      case "yaml": {
        const path = notes.get("file");
        if (path === undefined) throw this.#error(block, "names no file");
        this.all.push({ type: "file", line, path, text: block.text, role: "data" });
        return;
      }
      case "diff": {
        const path = notes.get("file");
        if (path === undefined) throw this.#error(block, "names no file");
        this.all.push({ type: "diff", line, path, text: block.text });
        return;
      }
      default:
        throw this.#error(block, `is of kind "${block.kind}", for which there is no rule`);
    }
  }

  #addFile(block: Block): void {
    const { notes, line } = block;
    const name = `${this.#name}_${line}`;
    const fault = notes.has("fails") ? { fault: [] } : {};
    if (notes.has("continues")) {
      const before = this.all.findLast((step) => step.type === "file");
      if (before === undefined) throw this.#error(block, "continues no file");
      const text = `${before.text}\n${block.text}`;
      this.all.push({ type: "file", line, path: before.path, text, role: roleOf(text), ...fault });
      return;
    }
    const into = notes.get("in");
    const text = into === undefined ? block.text : this.#inserted(block, into);
    const role = roleOf(text);
    const path = notes.get("file") ?? `${name}${role === "test" ? "_test" : ""}.ts`;
    this.all.push({ type: "file", line, path, text, role, ...fault });
  }

  #inserted(block: Block, into: string): string {
    const files = this.all.filter((step) => step.type === "file");
    const around = files.findLast(({ path }) => path === into)?.text ?? "";
    if (!PLACE.test(around)) throw this.#error(block, `is part of "${into}", which has no place`);
    const lines = block.text.split("\n");
    const isImport = (text: string): boolean => /^import .*;$/.test(text);
    const imports = lines.filter(isImport).map((text) => `${text}\n`).join("");
    const rest = lines.filter((text) => !isImport(text)).join("\n");
    return imports + around.replace(PLACE, () => rest);
  }

  #addCommands(block: Block): void {
    const { text, line, notes } = block;
    const lines = text.split("\n").filter((one) => one !== "" && !one.startsWith("#"));
    if (lines.every((one) => SCRIPTS.test(one))) return;
    const unknown = lines.find((one) => !COMMANDS.test(`${one} `));
    if (unknown !== undefined) {
      throw this.#error(block, `has "${unknown}", for which there is no rule`);
    }
    this.all.push({ type: "shell", line, text, exitCode: Number(notes.get("exit") ?? 0) });
  }

  #addOutput(block: Block): void {
    const last = this.all.at(-1);
    const { text } = block;
    if (last?.type === "file" && last.fault !== undefined) {
      const fault = [...last.fault, ...text.trimEnd().split("\n")];
      this.all[this.all.length - 1] = { ...last, fault };
    } else if (last?.type === "shell" && last.output === undefined && last.screen === undefined) {
      const is = block.notes.has("screen") ? { screen: text } : { output: text };
      this.all[this.all.length - 1] = { ...last, ...is };
    } else throw this.#error(block, "follows nothing that prints");
  }

  #error({ line, kind }: Block, fault: string): Error {
    return new Error(`Read page "${this.#name}": the ${kind} block of line ${line} ${fault}`);
  }
}

function roleOf(text: string): FileRole {
  if (/^export default /m.test(text)) return "topology";
  return /^\s*test(\.each\(.*\))?\(/m.test(text) ? "test" : "module";
}

/** The names of the repository's scripts that a page calls. */
export function scriptsOf(page: string): readonly string[] {
  return blocksOf(page).filter(({ kind }) => kind === "sh")
    .flatMap(({ text }) => text.split("\n"))
    .flatMap((line) => SCRIPTS.exec(line)?.[1] ?? []);
}

/** A file with the lines of a diff taken out and put in. @throws Error where they are not, or several times */
export function patched(text: string, diff: string): string {
  const lines = diff.split("\n").slice(0, -1);
  const without = (mark: string): string =>
    lines.filter((line) => !line.startsWith(mark)).map((line) => `${line.slice(1)}\n`).join("");
  const [before, ...others] = text.split(without("+"));
  if (before === undefined || others.length !== 1) {
    throw new Error(
      `Apply a diff: found its lines ${others.length} times, expected once:\n${diff}`,
    );
  }
  return before + without("-") + others.join("");
}
