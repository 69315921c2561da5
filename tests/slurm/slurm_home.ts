/**
 * The compiled binary with a home of its own, as a user of a real Slurm has it: what it submits,
 * lists and kills, and what is left of that.
 */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { BINARY, type BinaryResult, resultOf } from "../e2e/binary.ts";
import { NOBODY } from "../e2e/cluster.ts";
import { environmentOf, processesIn, type RunProcess } from "../e2e/process_tree.ts";
import { waitFor } from "../infra/programs.ts";
import type { SlurmCluster } from "../infra/slurm.ts";

/** What `list --json` says of a topology. */
export interface ListedTopology {
  readonly topology: string;
  readonly state: string;
  readonly reason: string;
  readonly folder: string;
  readonly job?: { readonly id: string; readonly nodes: string; readonly secondsLeft?: number };
}

/** The node that a process of a step runs on, by what Slurm told it; empty: it is of no step. */
export function nodeOf(pid: number): string {
  const found = environmentOf(pid).toString().split("\0")
    .find((one) => one.startsWith("SLURMD_NODENAME="));
  return found?.split("=")[1] ?? "";
}

/** The longest that a test waits for any one thing. */
export const PATIENCE_MS = 120_000;

/** Who calls the binary where a test does not say: a plain user, or HERON_TEST_USER. */
function usualUser(): number {
  const self = process.getuid?.() ?? 0;
  return Number(process.env["HERON_TEST_USER"] ?? (self === 0 ? NOBODY : self));
}

/** The home of a user. */
export class SlurmHome implements Disposable {
  readonly root: string;
  readonly #slurm: SlurmCluster;
  readonly #prefix: readonly string[];

  /** @param userId who calls the binary; needs root unless it is the caller's own */
  constructor(slurm: SlurmCluster, userId = usualUser()) {
    if (!existsSync(BINARY)) {
      throw new Error(`"${BINARY}" is missing: "bun run build" makes it before these tests`);
    }
    this.#slurm = slurm;
    this.root = mkdtempSync("/tmp/hb-");
    for (const inner of ["", "home", "tmp", "data"]) {
      const path = join(this.root, inner);
      if (inner !== "") mkdirSync(path);
      // All of it is that user's, whoever runs the test.
      Bun.spawnSync(["chown", String(userId), path]);
      chmodSync(path, 0o755);
    }
    const isOther = userId !== process.getuid?.();
    const ids = [`--reuid=${userId}`, `--regid=${userId}`, "--clear-groups"];
    this.#prefix = [...slurm.commandPrefix, ...(isOther ? ["setpriv", ...ids] : [])];
  }

  /** A folder for what topologies write. */
  get data(): string {
    return join(this.root, "data");
  }

  /** What a call gets. */
  get environment(): Readonly<Record<string, string>> {
    return {
      ...this.#slurm.environment,
      HOME: join(this.root, "home"),
      TMPDIR: join(this.root, "tmp"),
    };
  }

  /** The binary as its user calls it. @param before what comes right before it: `unshare` */
  program(...before: readonly string[]): readonly string[] {
    return [...this.#prefix, ...before, BINARY];
  }

  /** Calls the binary and waits for its end. */
  call(...args: readonly string[]): Promise<BinaryResult> {
    return resultOf(Bun.spawn([...this.program(), ...args], {
      cwd: this.root,
      env: { ...this.environment },
      stdio: ["ignore", "pipe", "pipe"],
    }));
  }

  /** Calls the binary; throws unless it succeeds. */
  async succeed(...args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.call(...args);
    if (exitCode === 0) return stdout;
    throw new Error(`heron-bin ${args.join(" ")} ended with ${exitCode}:\n${stdout}${stderr}`);
  }

  /** A topology as it is listed; undefined: it is not. */
  async listed(name: string): Promise<ListedTopology | undefined> {
    const lines = (await this.succeed("list", "slurm", "--json")).split("\n");
    // A line has all of it, as docs say.
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as ListedTopology)
      .find(({ topology }) => topology === name);
  }

  /** Waits until a topology is in one of those states. */
  async untilState(name: string, ...states: readonly string[]): Promise<ListedTopology> {
    let found: ListedTopology | undefined;
    await waitFor(`${name} to be ${states.join(" or ")}`, async () => {
      found = await this.listed(name);
      return found !== undefined && states.includes(found.state);
    }, PATIENCE_MS);
    if (found === undefined) throw new Error("Wait for a state: none was found");
    return found;
  }

  /** The processes of all that was submitted, and of the steps that they run in. */
  get processes(): readonly RunProcess[] {
    return processesIn(join(this.root, "home/.heron-bin/topologies"));
  }

  /** Those of the processes that are the binary: the commands of steps have its words as well. */
  get roles(): readonly RunProcess[] {
    return this.processes.filter(({ commandLine }) => commandLine[0] === BINARY);
  }

  /** Waits for a process of a role. */
  async process(role: string, container?: number): Promise<RunProcess> {
    let found: RunProcess | undefined;
    await waitFor(`a ${role}`, () => {
      found = this.roles.find((one) =>
        one.role === role && (container === undefined || one.container === container)
      );
      return found !== undefined;
    }, PATIENCE_MS);
    if (found === undefined) throw new Error("Wait for a process: none was found");
    return found;
  }

  /** All files but those that an empty cluster has, and what a killed writer left to the next one. */
  get files(): readonly string[] {
    const store = join(this.root, "home/.heron-bin");
    const entries = readdirSync(store, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(store.length + 1))
      .filter((path) => !/heron-bin\/\.(lock|tmp\/.*)$/.test(path) && path !== "slurm_queue");
  }

  /** Forgets what was last heard of the queue, which is asked for no more often than every 30 s. */
  forgetQueue(): void {
    rmSync(join(this.root, "home/.heron-bin/slurm_queue"), { force: true });
  }

  /** The jobs that Slurm has for anybody. */
  async jobs(): Promise<readonly string[]> {
    const { stdout } = await this.#slurm.run(["squeue", "--noheader", "--format=%i %T"]);
    return stdout.split("\n").filter((line) => line !== "");
  }

  /** The numbers that the bolt of "counting" has seen of a spout's task. */
  seen(task: number): readonly number[] {
    return linesOf(join(this.data, `seen-${task}`)).map(Number);
  }

  /** The highest of those numbers; -1: it has seen none. */
  highest(task: number): number {
    // Arguments have a limit, numbers have not.
    return this.seen(task).reduce((highest, number) => Math.max(highest, number), -1);
  }

  /** Waits until a spout's numbers above all that were seen before come. */
  async untilFlowing(task: number): Promise<void> {
    const before = this.highest(task);
    await waitFor("tuples to flow", () => this.highest(task) > before + 3, PATIENCE_MS);
  }

  /** Waits until all numbers of a spout that were seen so far, and those below, are acked: each was seen. */
  async expectNoneLost(task: number): Promise<void> {
    const highest = this.highest(task);
    const acked = () => Number(linesOf(join(this.data, `position-${task}`))[0] ?? 0);
    await waitFor("all to be acked", () => acked() > highest, PATIENCE_MS);
    const seen = new Set(this.seen(task));
    const missing = Array.from({ length: highest + 1 }, (_, number) => number)
      .filter((number) => !seen.has(number));
    if (missing.length === 0) return;
    throw new Error(`Find the numbers of task ${task}: ${missing.length} are lost: ${missing}`);
  }

  /** Waits until no job is left; throws when a process or a file of what was submitted is. */
  async expectNothingLeft(): Promise<void> {
    await waitFor("the jobs to be gone", async () => (await this.jobs()).length === 0, PATIENCE_MS);
    const left = {
      processes: this.processes.map(({ commandLine }) => commandLine.join(" ")),
      files: this.files,
      ofJobs: this.#slurm.jobProcesses(),
    };
    if (Object.values(left).every((found) => found.length === 0)) return;
    throw new Error(`Find nothing left: found ${JSON.stringify(left)}`);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The lines of a file; none when it is not there. */
function linesOf(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").split("\n").filter((line) => line !== "");
}
