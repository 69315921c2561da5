/**
 * Runs one command of Slurm's to its end, with a listed environment, a time-out and a limit of
 * what is read. What its output means is for others.
 */

import { type Clock, HeronError } from "../../base/mod.ts";
import { spawnCaptured } from "../../base/supervision/mod.ts";

/** What a command came to. */
export interface CommandOutcome {
  /** 0 when a signal ended it. */
  readonly code: number;
  /** Empty when it exited. */
  readonly signal: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command: a program's name and its arguments. */
export type RunCommand = (command: readonly string[]) => Promise<CommandOutcome>;

/** Options of `createCommandRunner`. */
export interface CommandRunnerOptions {
  readonly clock: Clock;
  /** All variables that the command gets; programs are looked for in its PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /** Time until it is killed, in milliseconds. */
  readonly timeoutMs: number;
}

/** A queue of a hundred thousand jobs. */
const OUTPUT_BYTES_MAX = 32 * 1024 * 1024;

/** Slurm's programs where no PATH leads to them. */
const USUAL_PLACES = "/usr/local/bin:/usr/bin:/opt/slurm/bin";

/**
 * A runner of commands. It throws HeronError: `not_found` when there is no such program, `timeout`,
 * and `limit` when it prints too much.
 */
export function createCommandRunner(options: CommandRunnerOptions): RunCommand {
  return (command) => run(options, command);
}

async function run(
  { clock, environment, timeoutMs }: CommandRunnerOptions,
  [name = "", ...args]: readonly string[],
): Promise<CommandOutcome> {
  const attempted = `Run "${name}"`;
  const program = Bun.which(name, { PATH: `${environment["PATH"] ?? ""}:${USUAL_PLACES}` });
  if (program === null) {
    const expected = "Slurm's commands on this machine";
    throw new HeronError(
      "not_found",
      `${attempted}: no such program in PATH, expected ${expected}`,
    );
  }
  const child = spawnCaptured({ command: [program, ...args], workingFolder: "/", environment });
  let isLate = false;
  const timer = clock.after(timeoutMs, () => {
    isLate = true;
    child.kill();
  });
  try {
    const [stdout, stderr, exit] = await Promise.all([
      readText(child.stdout),
      readText(child.stderr),
      child.exited,
    ]);
    if (isLate) {
      const found = `no answer within ${timeoutMs / 1000} s`;
      throw new HeronError(
        "timeout",
        `${attempted}: ${found}, expected Slurm's controller to answer`,
      );
    }
    return { code: exit.code, signal: exit.signal, stdout, stderr };
  } catch (thrown) {
    child.kill();
    throw HeronError.from(thrown, attempted);
  } finally {
    timer.cancel();
  }
}

async function readText(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > OUTPUT_BYTES_MAX) {
      const found = `more than ${OUTPUT_BYTES_MAX} B of output`;
      throw new HeronError("limit", `Read the answer of Slurm: found ${found}, expected less`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
