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

interface OpenLock {
  readonly database: Database;
  readonly begin: Statement;
  readonly end: Statement;
}

/** A lock file. It is opened when it is first needed: who only reads needs no right to write. */
export class RootLock {
  readonly #options: RootLockOptions;
  #opened: OpenLock | undefined;

  /** Nothing is opened yet. */
  constructor(options: RootLockOptions) {
    this.#options = options;
  }

  /**
   * Runs `run` while nobody else holds the lock. `run` is synchronous.
   *
   * @throws {HeronError} `io` when the file cannot be opened, `unavailable` when another holds it for
   *   all of `waitMs`
   */
  async hold<T>(run: () => T): Promise<T> {
    const { file, clock, random, waitMs } = this.#options;
    const opened = this.#opened ??= openLock(file);
    const startMs = clock.nowMs();
    while (!this.#tryBegin(opened)) {
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
      opened.end.run();
    }
  }

  /** Closes the file. */
  close(): void {
    this.#opened?.database.close(true);
    this.#opened = undefined;
  }

  #tryBegin({ begin }: OpenLock): boolean {
    try {
      begin.run();
      return true;
    } catch (thrown) {
      if (thrown instanceof SQLiteError && thrown.code?.startsWith("SQLITE_BUSY")) return false;
      throw lockFault(this.#options.file, thrown);
    }
  }
}

function openLock(file: string): OpenLock {
  try {
    const database = new Database(file, { create: true });
    chmodSync(file, 0o600);
    // Nothing is ever written, so no journal is needed; the default one costs a file a time.
    database.run("PRAGMA journal_mode = MEMORY");
    return {
      database,
      begin: database.prepare("BEGIN IMMEDIATE"),
      end: database.prepare("ROLLBACK"),
    };
  } catch (thrown) {
    throw lockFault(file, thrown);
  }
}

function lockFault(file: string, thrown: unknown): HeronError {
  const found = thrown instanceof Error ? thrown.message : String(thrown);
  return new HeronError("io", `Locking "${file}": found "${found}", expected a file to lock`, {
    cause: thrown,
  });
}
