/**
 * The lock that makes "compare, then replace" one step between all processes and threads that use a root: the
 * write lock of an empty SQLite database. It is a lock of the kernel's: a process that dies, however it
 * dies, holds it no longer, and no process ids, hosts or times have to be compared to find that out. What is
 * done under it is synchronous and short, so that a stopped process hardly ever holds it.
 */

import { chmodSync } from "node:fs";
import { Database, SQLiteError, type Statement } from "bun:sqlite";
import { type Clock, HeronError, type Random, sleep } from "../../base/mod.ts";

/** Up to how long to wait before the next attempt, in milliseconds; the lock is held far shorter. */
const RETRY_MS = 4;

/** What a lock needs. */
export interface RootLockOptions {
  /** The lock's file; it is made if there is none. Nothing else may open it: that would free the lock. */
  readonly file: string;
  readonly clock: Clock;
  readonly random: Random;
  /** How long to wait for another holder, in milliseconds. */
  readonly waitMs: number;
}

/** A lock file that is open. */
export class RootLock {
  readonly #options: RootLockOptions;
  readonly #database: Database;
  readonly #begin: Statement;
  readonly #end: Statement;

  /** @throws {HeronError} `io` when the file cannot be opened */
  constructor(options: RootLockOptions) {
    this.#options = options;
    try {
      this.#database = new Database(options.file, { create: true });
      chmodSync(options.file, 0o600);
      // Nothing is ever written, so no journal is needed; the default one costs a file a time.
      this.#database.run("PRAGMA journal_mode = MEMORY");
      this.#begin = this.#database.prepare("BEGIN IMMEDIATE");
      this.#end = this.#database.prepare("ROLLBACK");
    } catch (thrown) {
      throw lockFault(options.file, thrown);
    }
  }

  /**
   * Runs `run` while nobody else holds the lock. `run` is synchronous.
   *
   * @throws {HeronError} `unavailable` when another holds it for all of `waitMs`
   */
  async hold<T>(run: () => T): Promise<T> {
    const { file, clock, random, waitMs } = this.#options;
    const startMs = clock.nowMs();
    while (!this.#tryBegin()) {
      if (clock.nowMs() - startMs >= waitMs) {
        throw new HeronError(
          "unavailable",
          `Locking "${file}": found another process at it for "${waitMs}" ms, expected it free`,
        );
      }
      await sleep(clock, 1 + random.unit() * RETRY_MS);
    }
    try {
      return run();
    } finally {
      this.#end.run();
    }
  }

  /** Closes the file. */
  close(): void {
    this.#database.close(true);
  }

  #tryBegin(): boolean {
    try {
      this.#begin.run();
      return true;
    } catch (thrown) {
      if (thrown instanceof SQLiteError && thrown.code?.startsWith("SQLITE_BUSY")) return false;
      throw lockFault(this.#options.file, thrown);
    }
  }
}

function lockFault(file: string, thrown: unknown): HeronError {
  const found = thrown instanceof Error ? thrown.message : String(thrown);
  return new HeronError("io", `Locking "${file}": found "${found}", expected a file to lock`, {
    cause: thrown,
  });
}
