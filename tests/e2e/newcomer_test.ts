/**
 * A stranger's first minutes: from an empty folder, on a terminal, with the binary on the path and
 * nothing else. What the terminal showed is left in results/newcomer.txt.
 */

import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ROOT } from "../support/repository.ts";
import { BINARY } from "./binary.ts";
import { until } from "./live_run.ts";
import { TerminalScreen } from "./terminal_screen.ts";

const TEST_MS = 120_000;
const COLUMNS = 100;
const ROWS = 30;
const root = await mkdtemp("/tmp/hb-new-");
afterAll(() => rm(root, { recursive: true }));

/** What a command line came to on a terminal. */
interface Shown {
  readonly exitCode: number;
  readonly text: string;
  /** The last picture of the live view; empty where there was none. */
  readonly view: string;
}

/** Enters `line` in a shell on a terminal, in `cwd`. */
async function enter(line: string, cwd: string): Promise<Shown> {
  const screen = new TerminalScreen(COLUMNS);
  const decoder = new TextDecoder();
  let view = "";
  await using terminal = new Bun.Terminal({
    cols: COLUMNS,
    rows: ROWS,
    data: (_terminal, data) => {
      screen.write(decoder.decode(data, { stream: true }));
      if (screen.isView && screen.text.trim() !== "") view = screen.text;
    },
  });
  // The last line says that all came; what is written at the very end comes after the exit.
  const child = Bun.spawn(["sh", "-c", `${line}\necho "status $?"`], {
    terminal,
    cwd,
    env: {
      PATH: `${root}/bin:/usr/bin:/bin`,
      HOME: join(root, "home"),
      TMPDIR: join(root, "tmp"),
      TERM: "xterm-256color",
    },
  });
  await child.exited;
  const [, text = "", code] = await until(
    `the end of "${line}"`,
    () => /^([^]*?)status (\d+)\s*$/.exec(screen.text) ?? undefined,
  );
  return { exitCode: Number(code), text: text.trimEnd(), view: view.trimEnd() };
}

/** The command lines, where they are entered, and what their terminal must show. */
const STEPS = [
  ["heron-bin init my-words", "", /topology "my-words"[^]*cd my-words/],
  [
    "sed -i 's/the cow jumped/the heron flew/' topology.ts && grep -n flew topology.ts",
    "my-words",
    /const SENTENCES = \["the heron flew over the moon"/,
  ],
  ["heron-bin check topology.ts", "my-words", /topology my-words: 3 components/],
  ["heron-bin test", "my-words", /2 pass\n +0 fail/],
  ["heron-bin run topology.ts", "my-words", /(?=[^]*summary of "my-words")[^]*count\[\d\] heron 1/],
] as const;

test("a newcomer makes a topology, changes it, checks, tests and runs it", async () => {
  for (const folder of ["bin", "home", "tmp", "work"]) await mkdir(join(root, folder));
  await symlink(resolve(BINARY), join(root, "bin/heron-bin"));
  const told: string[] = [];
  for (const [line, folder, expected] of STEPS) {
    const { exitCode, text, view } = await enter(line, join(root, "work", folder));
    const picture = view === "" ? "" : `(meanwhile, a view of its own:)\n${view}\n(and then:)\n`;
    told.push(`~/${folder} $ ${line}\n${picture}${text}\n`);
    expect(text).toMatch(expected);
    expect({ line, exitCode }).toEqual({ line, exitCode: 0 });
  }
  await mkdir(join(ROOT, "results"), { recursive: true });
  await writeFile(join(ROOT, "results/newcomer.txt"), told.join("\n"));
}, TEST_MS);
