/** A `logs -f` under way: what it has printed so far, and its end. */

import { readRest } from "./binary.ts";
import { until } from "./live_run.ts";

/** What `logs -f` is called with. */
export interface LogReaderOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** One that reads on. */
export class LogReader {
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #stderr: Promise<string>;
  readonly #read: Promise<void>;
  text = "";

  /** @param command the whole command line */
  constructor(command: readonly string[], { cwd, env }: LogReaderOptions) {
    this.#child = Bun.spawn([...command], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    this.#stderr = readRest(this.#child.stderr);
    this.#read = this.#readAll();
  }

  /** The lines so far, whole ones. */
  get lines(): readonly string[] {
    return this.text.split("\n").slice(0, -1);
  }

  /** Waits until lines match that come from now on. */
  async untilMore(what: string, isMeant: (line: string) => boolean): Promise<void> {
    const before = this.lines.length;
    await until(what, () => this.lines.slice(before).some(isMeant));
  }

  /** Waits until a line matches, be it one that came before. */
  async untilLine(what: string, isMeant: (line: string) => boolean): Promise<void> {
    await until(what, () => this.lines.some(isMeant));
  }

  /** Presses Ctrl-C. */
  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  /** Its exit code, and what it said besides. */
  async end(): Promise<{ readonly exitCode: number; readonly stderr: string }> {
    const [exitCode, stderr] = await Promise.all([
      this.#child.exited,
      this.#stderr,
      this.#read,
    ]);
    return { exitCode, stderr };
  }

  async #readAll(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stdout) {
      this.text += decoder.decode(chunk, { stream: true });
    }
  }
}
