/**
 * A scheduler with all the processes below it, for tests: in a folder of its own, with the
 * command line's end of the pipes in the test's hand.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConfigMap } from "../../src/api/mod.ts";
import type { Packet } from "../../src/base/gen/heron_bin/packet_pb.ts";
import { decodePacket, encodeFrame, FrameDecoder } from "../../src/base/wire/mod.ts";
import { createJobFolder, type JobFolder } from "./job_folder.ts";
import { ROOT } from "./repository.ts";

/** Options of `startTree`. */
export interface TreeOptions {
  /** What roles do: `<process id>=<behaviour>`; by default they wait for Stop. */
  readonly behaviours?: readonly string[];
  readonly config?: ConfigMap;
  /** What user code gets. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A process of the tree. */
export interface TreeProcess {
  readonly pid: number;
  /** Its arguments from the role's name on. */
  readonly arguments: readonly string[];
}

/** How long a test waits for anything: twelve processes that start at once take a slow machine long. */
const PATIENCE_MS = 60_000;

/** How many processes a healthy tree has. */
export const ALL_PROCESSES = 12;

/** Starts a scheduler for two worker containers of one task each. */
export async function startTree(options: TreeOptions = {}): Promise<ProcessTree> {
  return new ProcessTree(
    await createJobFolder({
      arguments: options.behaviours ?? [],
      config: options.config ?? {},
      environment: { PATH: process.env["PATH"] ?? "", ...options.environment },
    }),
    (options.behaviours ?? []).filter((one) => one.endsWith("=silent")).length,
  );
}

/** A running tree. */
export class ProcessTree {
  readonly folder: string;
  /** What the scheduler told, in order. */
  readonly packets: Packet["body"][] = [];
  readonly scheduler: Bun.Subprocess<"pipe", "pipe", Bun.BunFile>;
  readonly #files: JobFolder;
  readonly #jobFile: string;
  readonly #silent: number;
  #reading: Promise<void> | undefined;

  /** @param silent how many processes never say that they are up */
  constructor(folder: JobFolder, silent: number) {
    this.#files = folder;
    this.#silent = silent;
    this.folder = folder.path;
    this.#jobFile = folder.jobFile;
    const fakeRole = join(ROOT, "tests/support/fake_role.ts");
    this.scheduler = Bun.spawn(
      [process.execPath, fakeRole, "scheduler", "--job", this.#jobFile],
      {
        stdin: "pipe",
        stdout: "pipe",
        stderr: Bun.file(join(folder.path, "logs", "scheduler.stderr")),
        detached: true,
        lazy: true,
      },
    );
  }

  /** Begins to read what the scheduler tells. */
  read(): void {
    this.#reading ??= this.#read();
  }

  async #read(): Promise<void> {
    const decoder = new FrameDecoder(16 * 1024 * 1024);
    for await (const chunk of this.scheduler.stdout) {
      decoder.feed(chunk, 0, {
        frame: (bytes, { packetStart, end }) => {
          this.packets.push(decodePacket(bytes, packetStart, end).body);
          return true;
        },
      });
    }
  }

  /** Gives an order. */
  order(order: "stop" | "drain"): void {
    this.scheduler.stdin.write(encodeFrame({ body: { case: order, value: {} } }));
    void this.scheduler.stdin.flush();
  }

  /** Resolves with the scheduler's exit code, or signal, when all that it told is read. */
  async ended(): Promise<number | string> {
    this.read();
    await this.scheduler.exited;
    await this.#reading;
    return this.scheduler.exitCode ?? String(this.scheduler.signalCode);
  }

  /** All lines that an instance printed so far. */
  linesOf(component: string): string[] {
    return this.bodies("output").flatMap((output) =>
      output.component === component ? output.lines : []
    );
  }

  /** What was told of one kind. */
  bodies<Case extends NonNullable<Packet["body"]["case"]>>(kind: Case) {
    return this.packets.flatMap((body) =>
      // The compiler does not narrow a one-of by a type parameter.
      body.case === kind ? [body.value as Extract<Packet["body"], { case: Case }>["value"]] : []
    );
  }

  /** The processes of the tree that live. */
  processes(): TreeProcess[] {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => {
      const words = readWords(name);
      const at = words.indexOf("--job");
      if (words[at + 1] !== this.#jobFile || at < 1) return [];
      return [{ pid: Number(name), arguments: words.slice(at - 1) }];
    });
  }

  /** The pid of the process with this role, and in this container. */
  pidOf(role: string, container?: number): number {
    const found = this.processes().find((one) =>
      one.arguments[0] === role &&
      (container === undefined || one.arguments.includes(`${container}`))
    );
    if (found === undefined) throw new Error(`Find process: there is no ${role} ${container}`);
    return found.pid;
  }

  /** Waits until all processes are there and up: who still loads its code cannot obey an order in time. */
  async up(): Promise<void> {
    // The scheduler itself says so to nobody.
    const expected = ALL_PROCESSES - 1 - this.#silent;
    await this.until("all to be up", () => this.#upCount() === expected);
    await this.until("all processes", () => this.processes().length === ALL_PROCESSES);
  }

  /** How many have said that they are up, by the logs of the scheduler and of the containers. */
  #upCount(): number {
    const folder = join(this.folder, "logs");
    const logs = readdirSync(folder).filter((name) =>
      /^(scheduler|container-\d+)\.log$/.test(name)
    );
    return logs.flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
      .filter((line) => line.includes('"process is up"')).length;
  }

  /** Waits for a condition. */
  async until(what: string, condition: () => boolean, patienceMs = PATIENCE_MS): Promise<void> {
    const endMs = performance.now() + patienceMs;
    while (!condition()) {
      if (performance.now() > endMs) {
        const found = this.processes().map((one) => one.arguments.join(" ")).join("\n");
        throw new Error(`Wait for ${what}: not within ${patienceMs} ms, processes:\n${found}`);
      }
      await Bun.sleep(10);
    }
  }

  /** Waits until no process is left. */
  async gone(patienceMs: number): Promise<void> {
    await this.until("the end of all processes", () => this.processes().length === 0, patienceMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of this.processes()) process.kill(pid, "SIGKILL");
    await this.scheduler.exited;
    await this.#files[Symbol.asyncDispose]();
  }
}

/** The command line of a process; empty for one that has ended. */
function readWords(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    // It ended just now.
    return [];
  }
}
