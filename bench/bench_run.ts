/**
 * A run of a compiled binary that is measured: its command line in a private home, temporary and
 * working folder, its processes by what they are, what its tasks print as it comes.
 */

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processesIn, type RunProcess, signal } from "../tests/e2e/process_tree.ts";

/** How long anything that must come may take, in milliseconds: a loaded machine is slow. */
const PATIENCE_MS = 120_000;
const POLL_MS = 5;
/** How long a run has to drain when it is ended, in milliseconds. */
const END_MS = 30_000;
/** How long the end of killed processes is waited for, in milliseconds. */
const KILL_MS = 3000;

/** What a run is started with. */
export interface BenchRunOptions {
  readonly binary: string;
  /** Path of the topology file. */
  readonly topology: string;
  /** Arguments of the topology. */
  readonly arguments: readonly string[];
  readonly containers?: number | undefined;
  /** Called with each line of user code. */
  onLine(line: TaskLine): void;
}

/** A line that a task printed. */
export interface TaskLine {
  readonly component: string;
  readonly task: number;
  readonly text: string;
}

/** A process by what it does: the component of an instance, else the role. */
export interface RoleProcess extends RunProcess {
  readonly name: string;
}

/** Tuples of a component over a whole run. */
export interface ComponentSummary {
  readonly component: string;
  readonly emitted: number;
  readonly executed: number;
  readonly failed: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** What a run printed when it ended. */
export interface RunEnd {
  readonly exitCode: number | null;
  readonly components: readonly ComponentSummary[];
}

/** A run under way. */
export class BenchRun implements AsyncDisposable {
  static readonly #live = new Set<BenchRun>();
  readonly #options: BenchRunOptions;
  readonly #root: string;
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #reading: Promise<unknown>;
  /** When the command was entered, in milliseconds since the epoch. */
  readonly enteredMs: number;
  #stderr = "";
  #isRunning = false;
  #components: readonly ComponentSummary[] = [];

  /** Enters the command. */
  constructor(options: BenchRunOptions) {
    this.#options = options;
    // Short: the paths of unix sockets end after 107 bytes.
    this.#root = mkdtempSync(join(tmpdir().length < 20 ? tmpdir() : "/tmp", "hbb-"));
    for (const inner of ["tmp", "home", "cwd"]) mkdirSync(join(this.#root, inner));
    const { binary, containers, topology } = options;
    const flags = containers === undefined ? [] : ["--containers", String(containers)];
    const command = [binary, "run", "--json", ...flags, topology, ...options.arguments];
    this.enteredMs = performance.timeOrigin + performance.now();
    this.#child = Bun.spawn(command, {
      cwd: join(this.#root, "cwd"),
      env: {
        PATH: process.env["PATH"] ?? "/usr/bin:/bin",
        HOME: join(this.#root, "home"),
        TMPDIR: join(this.#root, "tmp"),
      },
      stdio: ["ignore", "pipe", "pipe"],
      // Ctrl-C at the bench is the bench's to handle.
      detached: true,
    });
    BenchRun.#live.add(this);
    this.#reading = Promise.all([this.#readOutput(), this.#readErrors(), this.#child.exited]);
  }

  /** The folder of the run. */
  get folder(): string {
    const folder = /logs in (.*)\/logs\n/.exec(this.#stderr)?.[1];
    if (folder === undefined) throw new Error(`Find the run's folder in:\n${this.#stderr}`);
    return folder;
  }

  /** All that the run has said on standard error. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Waits until the topology runs. */
  async running(): Promise<void> {
    await this.until("the topology to run", () => this.#isRunning);
  }

  /** Waits until `check` gives something; throws when it does not in time, or when the run ends. */
  async until<T>(
    what: string,
    check: () => T | undefined | false,
    withinMs: number = PATIENCE_MS,
  ): Promise<T> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      const found = check();
      if (found !== undefined && found !== false) return found;
      const isOver = performance.now() > endMs;
      if (isOver || this.#child.exitCode !== null) {
        const end = isOver ? `not within ${withinMs} ms` : `it ended with ${this.#child.exitCode}`;
        throw new Error(`Wait for ${what}: ${end}; it said\n${this.#stderr.slice(-2000)}`);
      }
      await Bun.sleep(POLL_MS);
    }
  }

  /** All processes of the run; instances under the names of their components. */
  processes(): RoleProcess[] {
    const components = componentsIn(join(this.folder, "logs"));
    return processesIn(this.#root).map((one) => {
      const component = one.task === undefined ? undefined : components.get(one.task);
      const role = one.pid === this.#child.pid ? "cli" : one.role;
      return { ...one, role, name: component ?? role };
    });
  }

  /** Ends the run as Ctrl-C does, and waits until it has drained. */
  async end(): Promise<RunEnd> {
    signal(-this.#child.pid, "SIGINT");
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`End the run: it was not over within ${END_MS} ms`)),
      END_MS,
    );
    await Promise.race([this.#reading, late]).finally(() => clearTimeout(timer));
    return { exitCode: this.#child.exitCode, components: this.#components };
  }

  /** Kills what is left and removes the folders. */
  async [Symbol.asyncDispose](): Promise<void> {
    const endMs = performance.now() + END_MS;
    for (;;) {
      // What is killed may have just started another.
      const left = processesIn(this.#root);
      const { exitCode, signalCode } = this.#child;
      if (left.length === 0 && (exitCode !== null || signalCode !== null)) break;
      for (const { pid } of left) signal(pid, "SIGKILL");
      signal(this.#child.pid, "SIGKILL");
      if (performance.now() > endMs) throw new Error(`End all processes in "${this.#root}"`);
      await Bun.sleep(POLL_MS);
    }
    await this.#reading;
    rmSync(this.#root, { recursive: true, force: true });
    BenchRun.#live.delete(this);
  }

  /** Kills all runs at once and removes their folders: the bench itself is about to end. */
  static killAll(): void {
    for (const run of BenchRun.#live) {
      const endMs = performance.now() + KILL_MS;
      for (;;) {
        const left = processesIn(run.#root);
        if (left.length === 0 || performance.now() > endMs) break;
        for (const { pid } of left) signal(pid, "SIGKILL");
        Bun.sleepSync(POLL_MS);
      }
      rmSync(run.#root, { recursive: true, force: true });
    }
  }

  async #readOutput(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of this.#child.stdout) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
    }
  }

  #take(line: string): void {
    // The binary's own format.
    const found = JSON.parse(line) as PrintedLine;
    if (found.type === "output") this.#options.onLine(found);
    else if (found.type === "running") this.#isRunning = true;
    else if (found.type === "summary") this.#components = found.components ?? [];
  }

  async #readErrors(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stderr) {
      this.#stderr += decoder.decode(chunk, { stream: true });
    }
  }
}

type PrintedLine =
  | ({ readonly type: "output" } & TaskLine)
  | { readonly type: "running" | "failure" | "restarted" }
  | { readonly type: "summary"; readonly components?: readonly ComponentSummary[] };

/** The components of tasks, from the names of their logs: `container_1_word_3.log`. */
function componentsIn(logs: string): Map<number, string> {
  const components = new Map<number, string>();
  for (const name of readdirSync(logs)) {
    const [, component, task] = /^container_\d+_(.+)_(\d+)\.log$/.exec(name) ?? [];
    if (component !== undefined) components.set(Number(task), component);
  }
  return components;
}
