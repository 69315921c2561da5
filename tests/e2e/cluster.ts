/**
 * The local cluster of one test: the compiled binary with a home of its own, where all that it submits
 * lies, and a look at what it has left there.
 */

import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { BINARY, type BinaryResult, resultOf } from "./binary.ts";
import { processesIn, type RunProcess, signal } from "./process_tree.ts";
import { until } from "./live_run.ts";
import type { SmallDisk } from "./small_disk.ts";

/** Options of a call. */
export interface CallOptions {
  /** Before the binary: `unshare -rm`, `setpriv`. */
  readonly prefix?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** What `list --json` says of a topology. */
export interface ListedTopology {
  readonly topology: string;
  readonly state: string;
  readonly reason: string;
  readonly folder: string;
  readonly pid: number;
  readonly unaskedEnds: number;
}

/** A user without rights. */
export const NOBODY = 65_534;

/** Before a command of `userId`; only root can say so of others. */
export function asUser(userId: number): readonly string[] {
  if (userId === process.getuid?.()) return [];
  return ["setpriv", `--reuid=${userId}`, `--regid=${userId}`, "--clear-groups"];
}

/** A cluster of one test. */
export class Cluster implements AsyncDisposable {
  readonly root: string;
  /** Before the binary, where a call names nothing else. */
  readonly prefix: readonly string[];
  /** On which its home is; undefined: on that of the machine. */
  disk: SmallDisk | undefined;

  /** Nothing is submitted yet. @param userId whose it is */
  constructor(userId = process.getuid?.() ?? 0) {
    if (!existsSync(BINARY)) {
      throw new Error(`"${BINARY}" is missing: "bun run build" makes it before these tests`);
    }
    // Short: the paths of unix sockets end after 107 bytes.
    this.root = mkdtempSync("/tmp/hb-");
    this.prefix = asUser(userId);
    chmodSync(this.root, 0o755);
    for (const inner of ["home", "tmp", "data"]) {
      mkdirSync(join(this.root, inner));
      if (this.prefix.length > 0) chownSync(join(this.root, inner), userId, userId);
    }
  }

  /** What a call gets. */
  get environment(): Record<string, string> {
    return {
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      HOME: join(this.root, "home"),
      TMPDIR: join(this.root, "tmp"),
    };
  }

  /** A folder for what topologies write. */
  get data(): string {
    return join(this.root, "data");
  }

  /** Where heron-bin keeps what was submitted. */
  get store(): string {
    const path = join(this.root, "home/.heron-bin");
    return this.disk?.pathOf(path) ?? path;
  }

  /** Calls the binary. */
  start(args: readonly string[], options: CallOptions = {}) {
    const { prefix = this.disk?.prefix ?? this.prefix, environment = {} } = options;
    return Bun.spawn([...prefix, BINARY, ...args], {
      cwd: this.root,
      env: { ...this.environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Calls the binary and waits for its end. */
  call(args: readonly string[], options?: CallOptions): Promise<BinaryResult> {
    return resultOf(this.start(args, options));
  }

  /** Calls the binary; throws unless it succeeds. */
  async succeed(...args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.call(args);
    if (exitCode === 0) return stdout;
    throw new Error(`heron-bin ${args.join(" ")} ended with ${exitCode}:\n${stdout}${stderr}`);
  }

  /** The topologies that are listed. */
  async list(): Promise<readonly ListedTopology[]> {
    const lines = (await this.succeed("list", "local", "--json")).split("\n");
    // What it prints has this form.
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as ListedTopology);
  }

  /** Waits until a topology is in one of those states. */
  async untilState(name: string, ...states: readonly string[]): Promise<ListedTopology> {
    for (;;) {
      const found = (await this.list()).find(({ topology }) => topology === name);
      if (found !== undefined && states.includes(found.state)) return found;
      await Bun.sleep(50);
    }
  }

  /** The processes of all that was submitted. */
  get processes(): readonly RunProcess[] {
    return processesIn(join(this.root, "home/.heron-bin/topologies"));
  }

  /** Waits for a process of a role. */
  process(role: string, container?: number): Promise<RunProcess> {
    return until(
      `a ${role}`,
      () =>
        this.processes.find((one) =>
          one.role === role && (container === undefined || one.container === container)
        ),
    );
  }

  /** All files but those that an empty cluster has, by their paths. */
  get files(): readonly string[] {
    if (!existsSync(this.store)) return [];
    const entries = readdirSync(this.store, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.store.length + 1))
      // What a process that was killed was about to write is the store's own to remove.
      .filter((path) => !/heron-bin\/\.(lock$|tmp\/)/.test(path));
  }

  /** How many lines a file of the data folder has. */
  lines(file: string): readonly string[] {
    const path = join(this.data, file);
    return existsSync(path)
      ? readFileSync(path, "utf8").split("\n").filter((one) => one !== "")
      : [];
  }

  /** Waits until that many lines more came to a file of the data folder. */
  async untilMore(file: string, count: number): Promise<void> {
    const before = this.lines(file).length;
    await until(
      `${count} more lines in "${file}"`,
      () => this.lines(file).length >= before + count,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = (): readonly RunProcess[] => this.processes;
    for (const { pid } of left()) signal(pid, "SIGKILL");
    await until("the end of what is left", () => left().length === 0);
    rmSync(this.root, { recursive: true, force: true });
  }
}
