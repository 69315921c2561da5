/**
 * What `run` shows: user output on standard output, as fast as it is read and
 * no faster; everything else as progress lines on standard error.
 */

import type { Output } from "../src/base/gen/heron_bin/packet_pb.ts";
import {
  formatDuration,
  formatOutput,
  isForStderr,
  type OutputForm,
  type RunView,
} from "../src/lifecycle/mod.ts";

/** Options of `ConsoleView`. */
export interface ConsoleViewOptions {
  readonly form: OutputForm;
  /** Time since the command was entered, in milliseconds. */
  elapsedMs(): number;
}

/** The view of a run on the console. */
export class ConsoleView implements RunView {
  readonly #options: ConsoleViewOptions;
  #outputClosed = false;

  constructor(options: ConsoleViewOptions) {
    this.#options = options;
    // A reader that went away is seen by the write that failed; the event only must not be uncaught.
    process.stdout.on("error", () => {
      this.#outputClosed = true;
    });
    // Without standard error there is nobody to tell.
    process.stderr.on("error", () => undefined);
  }

  output(output: Output): Promise<boolean> {
    const { form } = this.#options;
    const text = formatOutput(output, form);
    if (!isForStderr(output, form)) return this.#print(text);
    return this.#write(process.stderr, text).then(() => true);
  }

  running(tasks: number, containers: number): void {
    const time = formatDuration(this.#options.elapsedMs());
    this.note(
      `running ${counted(tasks, "task")} in ${counted(containers, "container")} after ${time}`,
    );
    void this.json({
      type: "running",
      tasks,
      containers,
      seconds: this.#options.elapsedMs() / 1000,
    });
  }

  /** Lines say nothing of it but what an interrupt is answered with. */
  draining(): void {}

  note(text: string): void {
    void this.#write(process.stderr, `heron-bin: ${text}\n`);
  }

  restarted(text: string, object: Readonly<Record<string, unknown>>): void {
    void this.#write(process.stderr, `heron-bin: ${text}`);
    void this.json(object);
  }

  warned(text: string, object: Readonly<Record<string, unknown>>): void {
    this.restarted(text, object);
  }

  /** Text for people on standard error, as it is; resolves when it is written. */
  async report(text: string): Promise<void> {
    await this.#write(process.stderr, text);
  }

  /** One JSON line on standard output, if JSON was asked for. */
  async json(object: Readonly<Record<string, unknown>>): Promise<void> {
    if (this.#options.form === "json") await this.#print(`${JSON.stringify(object)}\n`);
  }

  async #print(text: string): Promise<boolean> {
    if (this.#outputClosed) return false;
    const written = await this.#write(process.stdout, text);
    if (!written) this.#outputClosed = true;
    return written;
  }

  #write(stream: NodeJS.WriteStream, text: string): Promise<boolean> {
    return new Promise((resolve) => {
      stream.write(text, (error) => resolve(error === null || error === undefined));
    });
  }
}

/** "1 task", "2 tasks". */
export function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
