/**
 * The blocks of a page, done by the compiled binary in a folder of its own: each topology is checked
 * and run in the test kit, each test run, each command entered, and what the page says is printed is
 * compared with what is.
 */

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { FileStep, ShellStep, Step } from "../support/docs/page_steps.ts";
import { type Page, PageFolder } from "../support/docs/pages.ts";
import { missingOnScreen, outputFault } from "../support/docs/same_output.ts";
import { ROOT } from "../support/repository.ts";
import { BINARY, runBinary } from "./binary.ts";
import { TerminalScreen } from "./terminal_screen.ts";

/** Virtual time that a topology of a page gets in the test kit. */
const KIT_MS = 2_000;
/** No line that says what is wrong is as long. */
const LINE_MAX = 500;
const COLUMNS = 100;
const ROWS = 30;

/** Where pages are run. */
export class PageWorld implements AsyncDisposable {
  readonly root: string;
  /** What commands get. */
  readonly environment: Readonly<Record<string, string>>;

  private constructor(root: string, { PATH, ...more }: Readonly<Record<string, string>>) {
    const path = PATH ?? process.env["PATH"] ?? "/usr/bin:/bin";
    this.root = root;
    this.environment = { ...more, PATH: `${join(root, "bin")}:${path}`, HOME: join(root, "home") };
  }

  /** Makes a folder with a home and the binary. @param environment variables of commands besides */
  static async create(environment: Readonly<Record<string, string>> = {}): Promise<PageWorld> {
    if (!existsSync(BINARY)) throw new Error(`"${BINARY}" is missing: "bun run build" makes it`);
    const root = await mkdtemp("/tmp/hb-docs-");
    for (const folder of ["bin", "dist", "home"]) await mkdir(join(root, folder));
    await symlink(BINARY, join(root, "bin/heron-bin"));
    await symlink(join(ROOT, "node_modules/.bin/tsc"), join(root, "bin/tsc"));
    return new PageWorld(root, environment);
  }

  /** Does all that a page shows. @throws Error that says which block is not so */
  async show({ path, steps }: Page): Promise<void> {
    const home = join(this.root, path.replaceAll("/", "_"));
    // Short: the paths of unix sockets end after 107 bytes.
    const temporary = await mkdtemp(join(this.root, "t"));
    await mkdir(join(home, "dist"), { recursive: true });
    await symlink(BINARY, join(home, "dist/heron-bin"));
    const run = new PageRun(this, home, temporary);
    for (const step of steps) {
      try {
        await run.do(step);
      } catch (thrown) {
        const where = `${path}, block of line ${step.line}`;
        throw new Error(`${where}: ${String(thrown)}`, { cause: thrown });
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true });
  }
}

/** A page in its folder. */
class PageRun {
  readonly #world: PageWorld;
  readonly #folder: PageFolder;
  readonly #temporary: string;

  constructor(world: PageWorld, home: string, temporary: string) {
    this.#world = world;
    this.#folder = new PageFolder(home);
    this.#temporary = temporary;
  }

  /** Does a step. @throws Error that says what came otherwise */
  async do(step: Step): Promise<void> {
    await this.#folder.apply(step);
    if (step.type === "shell") await this.#enter(step);
    // What the compiler refuses is another test's.
    if (step.type === "file" && !step.fault?.some((line) => line.includes("error TS"))) {
      await this.#check(step);
    }
  }

  async #check(step: FileStep): Promise<void> {
    if (step.role === "data") return;
    const said = step.role === "topology"
      ? await this.#heronBin("check", step.path) ?? await this.#inKit(step)
      : step.role === "test"
      ? await this.#heronBin("test", "--timeout", "60000", step.path)
      : await this.#inKit(step);
    if (step.fault === undefined) {
      if (said !== undefined) throw new Error(said);
      return;
    }
    for (const line of step.fault) {
      if (said?.includes(line.trim()) === true) continue;
      throw new Error(`expected\n${line.trim()}\n\nfound\n${said ?? "that it went well"}`);
    }
  }

  /** Loads a file in the test kit, and runs the topology that it exports. */
  async #inKit({ path, role }: FileStep): Promise<string | undefined> {
    const name = `${basename(path, ".ts")}_kit_test.ts`;
    const file = join(dirname(this.#folder.pathOf(path)), name);
    const body = role === "module" ? "" : `
      await using running = await createTestTopology(file.default);
      await running.advance(${KIT_MS});`;
    await writeFile(
      file,
      `import { createTestTopology, test } from "heron-bin/testing";
      test("it runs", async () => {
        const file = await import("./${basename(path)}");${body}
      });`,
    );
    const said = await this.#heronBin("test", "--timeout", "60000", file);
    await rm(file);
    return said;
  }

  /** What the binary says when it fails; undefined: it does not. */
  async #heronBin(...args: readonly string[]): Promise<string | undefined> {
    const cwd = this.#folder.current;
    const result = await runBinary(args, { cwd, temporary: this.#temporary });
    if (result.exitCode === 0) return undefined;
    // The test runner shows the lines of the kit itself, which are long.
    const lines = `${result.stdout}${result.stderr}`.split("\n");
    return lines.filter((line) => line.length < LINE_MAX).join("\n");
  }

  async #enter(step: ShellStep): Promise<void> {
    if (step.screen !== undefined) return await this.#show(step, step.screen);
    const printed = join(this.#world.root, "printed");
    // One file for both, so that what is printed stays in its order.
    const code = await this.#bash(`exec > ${printed} 2>&1\n${step.text}`);
    const said = await readFile(printed, "utf8");
    expectExit(step, code, said);
    const fault = step.output === undefined ? undefined : outputFault(step.output, said);
    if (fault !== undefined) throw new Error(fault);
  }

  /** Enters commands on a terminal, and looks for the words of `wanted` on its screen. */
  async #show(step: ShellStep, wanted: string): Promise<void> {
    const screen = new TerminalScreen(COLUMNS);
    const decoder = new TextDecoder();
    let missing = missingOnScreen(wanted, "");
    let last = "";
    await using terminal = new Bun.Terminal({
      cols: COLUMNS,
      rows: ROWS,
      data: (_, data) => {
        screen.write(decoder.decode(data, { stream: true }));
        if (screen.isView) last = screen.text;
        const now = missingOnScreen(wanted, screen.text);
        if (now.length < missing.length) missing = now;
      },
    });
    expectExit(step, await this.#bash(step.text, terminal), screen.text);
    if (missing.length > 0) throw new Error(`no screen has ${missing.join(", ")}:\n${last}`);
  }

  /** Runs commands; the next ones run in the folder that they end in. */
  async #bash(commands: string, terminal?: Bun.Terminal): Promise<number> {
    const place = join(this.#world.root, "place");
    const child = Bun.spawn(
      ["bash", "-c", `set -eu -o pipefail\ntrap 'pwd > ${place}' EXIT\n${commands}`],
      {
        cwd: this.#folder.current,
        env: {
          ...this.#world.environment,
          TMPDIR: this.#temporary,
          TERM: "xterm-256color",
        },
        ...(terminal === undefined ? { stdio: ["ignore", "inherit", "inherit"] } : { terminal }),
      },
    );
    const code = await child.exited;
    this.#folder.current = (await readFile(place, "utf8")).trimEnd();
    return code;
  }
}

function expectExit({ exitCode }: ShellStep, code: number, said: string): void {
  if (code !== exitCode) throw new Error(`it ended with ${code}, expected ${exitCode}:\n${said}`);
}
