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
import { processesIn, type RunProcess } from "../e2e/process_tree.ts";
import { waitFor } from "../infra/programs.ts";
import type { SlurmCluster } from "../infra/slurm.ts";

/** What `list --json` says of a topology. */
export interface ListedTopology {
  readonly topology: string;
  readonly state: string;
  readonly reason: string;
  readonly folder: string;
}

/** The longest that a test waits for any one thing. */
export const PATIENCE_MS = 120_000;

/** The home of a user. */
export class SlurmHome implements Disposable {
  readonly root: string;
  readonly #slurm: SlurmCluster;
  readonly #prefix: readonly string[];

  /** @param userId who calls the binary; needs root unless it is the caller's own */
  constructor(slurm: SlurmCluster, userId = process.getuid?.() ?? 0) {
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

  /** Calls the binary and waits for its end. */
  call(...args: readonly string[]): Promise<BinaryResult> {
    const { PATH = "", ...environment } = this.#slurm.environment;
    return resultOf(Bun.spawn([...this.#prefix, BINARY, ...args], {
      cwd: this.root,
      env: {
        ...environment,
        PATH,
        HOME: join(this.root, "home"),
        TMPDIR: join(this.root, "tmp"),
      },
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

  /** All files but those that an empty cluster has, by their paths. */
  get files(): readonly string[] {
    const store = join(this.root, "home/.heron-bin");
    const entries = readdirSync(store, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(store.length + 1))
      .filter((path) => !path.endsWith("heron-bin/.lock") && path !== "slurm_queue");
  }

  /** The jobs that Slurm has for anybody. */
  async jobs(): Promise<readonly string[]> {
    const { stdout } = await this.#slurm.run(["squeue", "--noheader", "--format=%i %T"]);
    return stdout.split("\n").filter((line) => line !== "");
  }

  /** The numbers that the bolt of "counting" has seen of a spout's task. */
  seen(task: number): readonly number[] {
    const path = join(this.data, `seen-${task}`);
    if (!existsSync(path)) return [];
    return readFileSync(path, "utf8").split("\n").filter((one) => one !== "").map(Number);
  }

  /** Waits until a spout's numbers above all that were seen before come. */
  async untilFlowing(task: number): Promise<void> {
    const before = Math.max(-1, ...this.seen(task));
    await waitFor(
      "tuples to flow",
      () => Math.max(-1, ...this.seen(task)) > before + 3,
      PATIENCE_MS,
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
