/** The live view of the compiled binary on a pseudo-terminal: what it shows, its keys, and what it leaves behind. */

import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BINARY } from "./binary.ts";
import { topologyFile, until } from "./live_run.ts";
import { processesIn, signal } from "./process_tree.ts";
import { TerminalScreen } from "./terminal_screen.ts";

const COLUMNS = 100;
const ROWS = 30;
/** How long a screen may take to show what it should, on a loaded machine. */
const SHOW_MS = 45_000;
/** Longer than any one wait. */
const TEST_MS = 240_000;
/** Longer than the time between two drawings, a second. */
const QUIET_MS = 2500;
/** Of `c_lflag` on Linux: lines are read whole, and echoed. */
const ICANON_AND_ECHO = 0o2 | 0o10;

/** A shell with job control: it has a job of two processes, goes on when that stops, and later resumes it. */
const SHELL = `set -m; sh -c '"$@"; exit $?' sh "$@"; echo back; read line; fg %1; echo ended $?`;

/** A run on a terminal of its own. */
class TerminalRun implements AsyncDisposable {
  readonly root = mkdtempSync("/tmp/hb-");
  readonly screen = new TerminalScreen(COLUMNS);
  readonly terminal: Bun.Terminal;
  readonly child: Bun.Subprocess;
  bytes = 0;

  /** Starts a run with `args`; `before` is the command that runs it. */
  constructor(args: readonly string[], before: readonly string[] = []) {
    for (const inner of ["tmp", "home", "cwd"]) mkdirSync(join(this.root, inner));
    const decoder = new TextDecoder();
    this.terminal = new Bun.Terminal({
      cols: COLUMNS,
      rows: ROWS,
      data: (_terminal, data) => {
        this.bytes += data.length;
        this.screen.write(decoder.decode(data, { stream: true }));
      },
    });
    this.child = Bun.spawn([...before, BINARY, "run", ...args], {
      terminal: this.terminal,
      cwd: join(this.root, "cwd"),
      env: {
        PATH: process.env["PATH"] ?? "/usr/bin:/bin",
        HOME: join(this.root, "home"),
        TMPDIR: join(this.root, "tmp"),
        TERM: "xterm-256color",
      },
    });
  }

  press(keys: string): void {
    this.terminal.write(keys);
  }

  /** Waits until the screen matches. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    try {
      return await until(
        String(pattern),
        () => pattern.exec(this.screen.text) ?? undefined,
        SHOW_MS,
      );
    } catch (thrown) {
      throw new Error(`It shows:\n${this.screen.text.slice(-4000)}`, { cause: thrown });
    }
  }

  /** The lines that the run has kept in its file. */
  get kept(): string[] {
    const paths = readdirSync(join(this.root, "tmp"), { recursive: true, encoding: "utf8" });
    const path = paths.find((one) => one.endsWith("logs/output.log"));
    if (path === undefined) return [];
    return readFileSync(join(this.root, "tmp", path), "utf8").split("\n");
  }

  /** What is wrong with the terminal after the run, if anything is. */
  get faults(): string[] {
    return [
      ...this.screen.strange,
      ...(this.screen.isView ? ["it still shows the view"] : []),
      ...(this.screen.hasCursor ? [] : ["it has no cursor"]),
      ...((this.terminal.localFlags & ICANON_AND_ECHO) === ICANON_AND_ECHO ? [] : ["it is raw"]),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Who still runs would write into what is removed, or start another.
    await until("the end of all processes", () => {
      const left = processesIn(this.root);
      for (const { pid } of left) signal(pid, "SIGKILL");
      return left.length === 0;
    });
    await this.child.exited;
    this.terminal.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

test("run shows components, containers and output, and their pages", async () => {
  await using run = new TerminalRun([topologyFile("ticker")]);
  await run.shows(/ticker {2}running \d+s {2}3 tasks in 1 container/);
  await run.shows(/COMPONENT +TASKS +EMIT\/S +EXEC\/S/);
  await run.shows(/>numbers +1 +[1-9]\d* /);
  await run.shows(/ middle +1 +[1-9]\d* +[1-9]\d* /);
  await run.shows(/container 1 +5 +[\d.]+ MiB/);
  // However many were printed before the pane was looked at.
  await run.shows(/last\[0\] seen \d+\n/);
  expect(run.screen.isView).toBe(true);
  // Down to "middle" and into its page.
  run.press("\x1b[B\r");
  await run.shows(/BOLT[^]*middle[^]*TASK[^]*middle\[0\] +[1-9]/);
  run.press("p");
  await run.shows(/PROCESS[^]*stmgr-1 +1 /);
  run.press("\x1b");
  await run.shows(/BOLT/);
  run.press("o");
  await run.shows(/OUTPUT {2}the newest\n last\[0\] (first|seen)/);
  run.press("q");
  expect(await run.child.exited).toBe(0);
  await run.shows(/summary of "ticker"/);
  expect(run.faults).toEqual([]);
  // What was printed meanwhile is printed now.
  expect(run.screen.text).toMatch(/\nlast\[0\] seen 50\n/);
}, TEST_MS);

test("run sorts, pauses, and paints anew on another size", async () => {
  await using run = new TerminalRun([topologyFile("ticker")]);
  await run.shows(/>numbers[^]* middle[^]* last +1 +- +[1-9]/);
  // By executed tuples, those without last; reversed changes the rest.
  run.press("sss");
  await run.shows(/▼EXEC\/S[^]*numbers/);
  await run.shows(/ (middle|last) [^]*>numbers/);
  run.press(" ");
  const [, paused] = await run.shows(/running (\d+s)[^\n]*PAUSED/);
  // What stands behind these words in the same update may still be on its way.
  await Bun.sleep(500);
  const before = run.bytes;
  await Bun.sleep(QUIET_MS);
  expect(run.screen.text).toContain(`running ${paused} `);
  // Nothing changed, so nothing was written.
  expect(run.bytes).toBe(before);
  run.terminal.resize(60, 20);
  // The kernel tells the job of a controlling terminal, which this one is not.
  run.child.kill("SIGWINCH");
  await until("another screen", () => run.bytes > before);
  run.press(" ");
  await until("no pause", () => !run.screen.text.includes("PAUSED"));
  run.press("\x03");
  expect(await run.child.exited).toBe(0);
  expect(run.faults).toEqual([]);
}, TEST_MS);

test("run gives the terminal back when it is killed by a signal that can be caught", async () => {
  for (const name of ["SIGTERM", "SIGQUIT"] as const) {
    await using run = new TerminalRun([topologyFile("ticker")]);
    await run.shows(/last\[0\] seen \d+\n/);
    run.child.kill(name);
    await run.child.exited;
    await until("the main screen", () => !run.screen.isView);
    expect(run.faults).toEqual([]);
  }
}, TEST_MS);

test("run keeps all lines in a file, and prints those that were shown", async () => {
  await using run = new TerminalRun([topologyFile("printer"), "3000"]);
  expect(await run.child.exited).toBe(0);
  await run.shows(/summary of "printer"/);
  expect(run.faults).toEqual([]);
  const [, path = ""] = await run.shows(/lines, kept in (.*output\.log); the last/);
  const kept = readFileSync(path, "utf8").split("\n");
  expect(kept.filter((line) => /^lines\[[01]\] line \d+ ö$/.test(line))).toHaveLength(6000);
}, TEST_MS);

test("run prints lines with --no-view", async () => {
  await using plain = new TerminalRun(["--no-view", "--for", "5s", topologyFile("ticker")]);
  expect(await plain.child.exited).toBe(0);
  await plain.shows(/last\[0\] seen 50\n[^]*summary of/);
  expect(plain.faults).toEqual([]);
}, TEST_MS);

test("run shows an error once, and that it ends", async () => {
  await using run = new TerminalRun([topologyFile("faulty")]);
  // Enough for the first ones to be reported too.
  await run.shows(/LAST ERRORS\n[^]*middle\[0\] ×([5-9]|\d\d) [^\n]*thrown on purpose/);
  // Within an update it may stand where it was and where it will be.
  await until("one line", () => run.screen.text.match(/thrown on purpose/g)?.length === 1);
  run.press("q");
  await run.shows(/ending, was running/);
  // At most once, a failure of user code costs tuples.
  expect(await run.child.exited).toBe(4);
  await run.shows(/summary of "faulty"/);
  expect(run.faults).toEqual([]);
}, TEST_MS);

test("run goes on when its terminal is closed, and ends by SIGHUP as by Ctrl-C", async () => {
  await using run = new TerminalRun([topologyFile("ticker")]);
  await run.shows(/last\[0\] seen \d+\n/);
  run.terminal.close();
  const before = run.kept.length;
  await until("more lines in the file", () => run.kept.length > before + 20);
  expect(run.child.exitCode).toBeNull();
  run.child.kill("SIGHUP");
  expect(await run.child.exited).toBe(0);
}, TEST_MS);

test("run stops its whole job by Ctrl-Z, and shows the view again when it goes on", async () => {
  const shell = ["setsid", "--ctty", "--wait", "bash", "-c", SHELL, "bash"];
  await using run = new TerminalRun([topologyFile("ticker")], shell);
  await run.shows(/last\[0\] seen \d+\n/);
  run.press("\x1a");
  await run.shows(/\nback/);
  expect(run.faults).toEqual([]);
  run.press("\r");
  await until("the view", () => run.screen.isView);
  await run.shows(/running \d+s[^]*last\[0\] seen \d+\n/);
  run.press("q");
  expect(await run.child.exited).toBe(0);
  await run.shows(/summary of "ticker"[^]*ended 0/);
}, TEST_MS);
