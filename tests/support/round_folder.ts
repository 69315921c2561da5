/**
 * The folder of a command that plays round after round: a file for each round that was played, so
 * that the same command goes on where one that was interrupted stopped, and a note of what the
 * round under way will leave behind if nobody ends it.
 */

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { processesIn, signal } from "../e2e/process_tree.ts";

/** What is killed may still write for so long, in milliseconds. */
const LAST_WRITES_MS = 1000;

/** The folder of rounds whose results are `Result`. */
export class RoundFolder<Result extends { readonly round: number }> {
  readonly #path: string;

  /** The folder is made if need be. */
  constructor(path: string) {
    this.#path = path;
    mkdirSync(path, { recursive: true });
  }

  /** The rounds that were played before. */
  read(): Result[] {
    return readdirSync(this.#path).filter((name) => /^round-\d+\.json$/.test(name)).sort()
      // Our own files.
      .map((name) => JSON.parse(readFileSync(join(this.#path, name), "utf8")) as Result);
  }

  /** A round has ended. */
  store(result: Result): void {
    const path = join(this.#path, `round-${String(result.round).padStart(4, "0")}.json`);
    writeFileSync(`${path}.tmp`, `${JSON.stringify(result, undefined, 1)}\n`);
    renameSync(`${path}.tmp`, path);
    rmSync(this.#running, { force: true });
  }

  /** A round is under way: its processes, known by `folders`, and these are to be gone when it ends. */
  begin(folders: readonly string[]): void {
    writeFileSync(this.#running, folders.join("\n"));
  }

  /** Ends what an interrupted run of the command has left. */
  async sweep(): Promise<void> {
    if (!existsSync(this.#running)) return;
    const folders = readFileSync(this.#running, "utf8").split("\n");
    const left = folders.flatMap((one) => processesIn(one));
    for (const { pid } of left) signal(pid, "SIGKILL");
    await Bun.sleep(left.length > 0 ? LAST_WRITES_MS : 0);
    for (const one of folders) rmSync(one, { recursive: true, force: true });
    rmSync(this.#running);
  }

  /** Where the files of a round that failed are kept. */
  keepFolder(round: number): string {
    return join(this.#path, `round-${round}`);
  }

  get #running(): string {
    return join(this.#path, "running");
  }
}
