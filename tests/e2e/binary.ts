/** The compiled binary, as users have it: where it is, and one call of it. */

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Path of the binary that `bun run build` makes. */
export const BINARY: string = process.env["HERON_BIN"] ??
  join(import.meta.dir, "../../dist/heron-bin");

/** What a call of the binary came to. */
export interface BinaryResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of `startBinary`. */
export interface BinaryOptions {
  readonly cwd: string;
  /** Folder for the folders of runs, a short path; @default the system's */
  readonly temporary?: string;
}

/** A call of the binary under way. */
export type BinaryProcess = Bun.Subprocess<"ignore", "pipe", "pipe">;

/** Starts the binary with `args`; fails with a clear message when it was not built. */
export function startBinary(args: readonly string[], options: BinaryOptions): BinaryProcess {
  if (!existsSync(BINARY)) {
    throw new Error(`"${BINARY}" is missing: "bun run build" makes it before these tests`);
  }
  const { PATH = "/usr/bin:/bin", HOME = "/" } = process.env;
  return Bun.spawn([BINARY, ...args], {
    cwd: options.cwd,
    env: { PATH, HOME, TMPDIR: options.temporary ?? "/tmp" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Starts a run that prints without an end; resolves when all its tasks run and some have printed. */
export async function startPrinting(
  args: readonly string[],
  options: BinaryOptions,
): Promise<{ readonly child: BinaryProcess; readonly printed: string }> {
  const child = startBinary(["run", ...args], options);
  const [output, errors] = [child.stdout.getReader(), child.stderr.getReader()];
  let [printed, said] = ["", ""];
  const isRunning = (): boolean => /running \d+ tasks? in/.test(said);
  const readErrors = async (): Promise<void> => {
    while (!isRunning()) said += await textOf(errors);
  };
  const readOutput = async (): Promise<void> => {
    do printed += await textOf(output); while (!isRunning());
  };
  // Both at once: what a task prints may come before the word that all of them run.
  await Promise.all([readErrors(), readOutput()]);
  output.releaseLock();
  errors.releaseLock();
  return { child, printed };
}

/** What a stream of a call brings next. @throws Error at its end */
export async function textOf(
  reader: { read(): Promise<{ readonly value?: Uint8Array | undefined }> },
): Promise<string> {
  const { value } = await reader.read();
  if (value === undefined) throw new Error("Read what the binary says: it has ended");
  return new TextDecoder().decode(value);
}

/** Calls the binary with `args` and waits for its end. */
export function runBinary(
  args: readonly string[],
  options: BinaryOptions,
): Promise<BinaryResult> {
  return resultOf(startBinary(args, options));
}

/** Ids of the processes of all runs whose folders lie below `temporary`. */
export async function processesBelow(temporary: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    // A process may end while it is looked at.
    const line = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    if (line.includes(`${temporary}/heron-bin-`)) found.push(Number(entry));
  }
  return found;
}

/** Waits for the end of a call. */
export async function resultOf(child: BinaryProcess): Promise<BinaryResult> {
  const [stdout, stderr, exitCode] = await Promise.all([
    readRest(child.stdout),
    readRest(child.stderr),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
}

/** What a stream still brings, also one of which a part was read. */
export async function readRest(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
