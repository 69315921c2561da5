/**
 * A run of the compiled binary that a test watches from outside: in its own temporary, home and
 * working folder and its own process group, with what it prints as it comes.
 */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { decodeJob } from "../../src/plan/mod.ts";
import { ROOT } from "../support/repository.ts";
import { BINARY } from "./binary.ts";
import { label, processesIn, type RunProcess, signal } from "./process_tree.ts";

/** How long the tests wait for what must come, in milliseconds: a loaded machine is slow. */
export const PATIENCE_MS = 60_000;

const POLL_MS = 20;

/** What a run came to. */
export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The path of a topology of these tests. */
export function topologyFile(name: string): string {
  return join(ROOT, "tests/e2e/topologies", `${name}.ts`);
}

/** Waits until `check` gives something; throws with `what` when it does not in time. */
export async function until<T>(
  what: string,
  check: () => T | undefined | false,
  withinMs = PATIENCE_MS,
): Promise<T> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const found = check();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`Wait for ${what}: not within ${withinMs} ms`);
    await Bun.sleep(POLL_MS);
  }
}

/** A run under way. */
export class LiveRun implements AsyncDisposable {
  /** All that the run may write into, but for its own folder nothing is expected there. */
  readonly root: string;
  readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  /** `Date.now()` when the command was entered. */
  readonly startedMs: number;
  /** The end of the command. */
  readonly result: Promise<RunResult>;
  stdout = "";
  stderr = "";

  /** Starts `heron-bin run` with `args`. */
  constructor(args: readonly string[]) {
    if (!existsSync(BINARY)) {
      throw new Error(`"${BINARY}" is missing: "bun run build" makes it before these tests`);
    }
    // Short: the paths of unix sockets end after 107 bytes.
    this.root = mkdtempSync("/tmp/hb-");
    for (const inner of ["tmp", "home", "cwd"]) mkdirSync(join(this.root, inner));
    this.startedMs = Date.now();
    // TMPDIR for all, so that whatever a process writes beside its folder is seen here.
    this.child = Bun.spawn([BINARY, "run", "--env", "TMPDIR", ...args], {
      cwd: this.cwd,
      env: {
        PATH: process.env["PATH"] ?? "/usr/bin:/bin",
        HOME: join(this.root, "home"),
        TMPDIR: join(this.root, "tmp"),
      },
      stdio: ["ignore", "pipe", "pipe"],
      // Its own process group, as a shell gives it.
      detached: true,
    });
    this.result = this.#collect();
  }

  /** Starts a run and waits until its topology runs. */
  static async running(args: readonly string[]): Promise<LiveRun> {
    const run = new LiveRun(args);
    try {
      await run.untilStderr(/running \d+ tasks? in/);
      return run;
    } catch (thrown) {
      await run[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** The folder that the command stands in. */
  get cwd(): string {
    return join(this.root, "cwd");
  }

  /** The folder of the run, once it is told. */
  get folder(): string {
    const logs = /logs in (.*)\/logs\n/.exec(this.stderr)?.[1];
    if (logs === undefined) throw new Error(`Find the run's folder in:\n${this.stderr}`);
    return logs;
  }

  /** The processes of the run, the command itself left out. */
  get processes(): RunProcess[] {
    return processesIn(this.root).filter(({ pid }) => pid !== this.child.pid);
  }

  /** The only process of a role, of a container or a task if one is given. */
  process(role: string, place: { container?: number; task?: number } = {}): RunProcess {
    const found = this.processes.filter((one) =>
      one.role === role && (place.container ?? one.container) === one.container &&
      (place.task ?? one.task) === one.task
    );
    const [first] = found;
    if (first !== undefined && found.length === 1) return first;
    throw new Error(`Find the ${role} ${JSON.stringify(place)}: found ${found.length}`);
  }

  /** The job that the run was submitted as. */
  async job() {
    return decodeJob(await Bun.file(join(this.folder, "job")).bytes());
  }

  /** Waits until standard output matches. */
  untilStdout(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#untilMatch("stdout", pattern);
  }

  /** Waits until standard error matches. */
  untilStderr(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#untilMatch("stderr", pattern);
  }

  async #untilMatch(stream: "stdout" | "stderr", pattern: RegExp): Promise<RegExpExecArray> {
    try {
      return await until(`${pattern} on ${stream}`, () => {
        const match = pattern.exec(this[stream]) ?? undefined;
        if (match === undefined && this.child.exitCode !== null) {
          throw new Error(`The run ended with ${this.child.exitCode} before ${pattern}`);
        }
        return match;
      });
    } catch (thrown) {
      const tail = `stdout: ${this.stdout.slice(-500)}\nstderr: ${this.stderr.slice(-2000)}`;
      throw new Error(tail, { cause: thrown });
    }
  }

  /** Ctrl-C: SIGINT to the whole process group. */
  interrupt(): void {
    signal(-this.child.pid, "SIGINT");
  }

  /** Waits until no process of the run is left. */
  async untilGone(withinMs: number): Promise<void> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      const left = processesIn(this.root);
      if (left.length === 0) return;
      if (performance.now() > endMs) {
        throw new Error(`Left after ${withinMs} ms: ${left.map(label).join(", ")}`);
      }
      await Bun.sleep(POLL_MS);
    }
  }

  /** Kills what is left and removes all folders. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of processesIn(this.root)) signal(pid, "SIGKILL");
    signal(this.child.pid, "SIGKILL");
    await this.result;
    await this.untilGone(PATIENCE_MS);
    rmSync(this.root, { recursive: true });
  }

  async #collect(): Promise<RunResult> {
    const read = async (name: "stdout" | "stderr"): Promise<void> => {
      const decoder = new TextDecoder();
      for await (const chunk of this.child[name]) {
        this[name] += decoder.decode(chunk, { stream: true });
      }
    };
    await Promise.all([read("stdout"), read("stderr"), this.child.exited]);
    const { stdout, stderr } = this;
    return { exitCode: await this.child.exited, stdout, stderr };
  }
}

/** All paths below the folders that a run was given, but those in its own. */
export function strayPaths({ root }: LiveRun): string[] {
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" });
  // tmp/heron-bin-UID/NAME-HEX/…
  const own = /^(tmp|home|cwd|tmp\/heron-bin-\d+|tmp\/heron-bin-\d+\/[^/]+-[0-9a-f]{6}(\/.*)?)$/;
  return paths.filter((path) => !own.test(path)).sort();
}
