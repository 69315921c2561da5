/**
 * The C control: the word count as three plain processes. Built when the bench begins, where
 * there is a C compiler, and run around each run: it says what the machine gave at that time.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const COMPILERS = ["gcc", "cc", "clang"] as const;

/** What one run of the control came to. */
export interface ControlRun {
  readonly tuples: number;
  readonly seconds: number;
  readonly tuples_per_s: number;
  readonly cpu_s: Readonly<Record<string, number>>;
  readonly tuples_per_cpu_s: number;
}

/** The control, built. */
export class Control implements Disposable {
  readonly #folder: string;
  readonly #seconds: number;

  constructor(folder: string, seconds: number) {
    this.#folder = folder;
    this.#seconds = seconds;
  }

  /** Builds it; undefined, and why, where there is no compiler. */
  static build(seconds: number): Control | string {
    const compiler = COMPILERS.find((name) => Bun.which(name) !== null);
    if (compiler === undefined) return "there is no C compiler";
    const folder = mkdtempSync(join(tmpdir(), "heron-bench-control-"));
    const source = join(import.meta.dir, "control/pipeline.c");
    const { exitCode, stderr } = Bun.spawnSync([
      compiler,
      "-O2",
      "-march=native",
      "-std=gnu11",
      "-Wall",
      "-Wextra",
      "-Werror",
      "-o",
      join(folder, "pipeline"),
      source,
    ]);
    if (exitCode === 0) return new Control(folder, seconds);
    rmSync(folder, { recursive: true });
    throw new Error(`Build the C control: ${stderr}`);
  }

  /** Runs it once. */
  async run(): Promise<ControlRun> {
    const child = Bun.spawn([join(this.#folder, "pipeline"), String(this.#seconds)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [text, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    if (await child.exited !== 0) throw new Error(`Run the C control: ${errors}`);
    // Its own format.
    return JSON.parse(text) as ControlRun;
  }

  /** Removes what was built. */
  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
