/**
 * A record that only the holder of a lease writes: by compare-and-set from a version that was read before the
 * lease was seen to be held. So what an older holder still writes is found and replaced, and what a newer one
 * wrote is never touched: then this holder is fenced.
 */

import { type Clock, HeronError, sleep } from "../base/mod.ts";
import type { Lease, StateManager, Versioned } from "../state/mod.ts";

/** What a record's writer needs. */
export interface GuardedRecordOptions {
  readonly state: StateManager;
  readonly path: string;
  readonly clock: Clock;
}

/** The lease that a record is written under. */
export type WritersLease = Pick<Lease, "isHeld" | "confirm">;

/** How long to wait before a store that failed is tried again, in milliseconds. */
const RETRY_MS = 100;

/** Codes that say "its version is another". */
const CONFLICTS: readonly string[] = ["version_conflict", "already_exists", "not_found"];

/** One record; one write at a time. */
export class GuardedRecord {
  readonly #options: GuardedRecordOptions;
  #found: Versioned | undefined;

  constructor(options: GuardedRecordOptions) {
    this.#options = options;
  }

  /** Reads it: before the lease is asked for, or is confirmed. */
  async read(): Promise<Uint8Array | undefined> {
    const { state, path } = this.#options;
    this.#found = await state.get(path);
    return this.#found?.bytes;
  }

  /**
   * Writes `bytes`. When the record is not as it was, `reconcile` gets what it is now and gives what to write.
   * @throws HeronError `fenced` when the lease is lost; what the store throws and says not to retry
   */
  async write(
    bytes: Uint8Array,
    lease: WritersLease,
    reconcile: (found: Uint8Array | undefined) => Uint8Array = () => bytes,
  ): Promise<void> {
    for (let next = bytes;;) {
      if (!lease.isHeld()) throw this.#fenced();
      if (await this.#tryWrite(next)) return;
      // Whoever wrote did so before the lease is confirmed, or the next attempt fails as well.
      const found = await this.#retrying(() => this.read());
      if (!await this.#retrying(() => lease.confirm())) throw this.#fenced();
      next = reconcile(found);
    }
  }

  /** Whether it was written; false also when nobody knows. */
  async #tryWrite(bytes: Uint8Array): Promise<boolean> {
    const { state, path, clock } = this.#options;
    const found = this.#found;
    try {
      const version = found === undefined
        ? await state.create(path, bytes)
        : await state.set(path, bytes, found.version);
      this.#found = { bytes, version };
      return true;
    } catch (thrown) {
      if (thrown instanceof HeronError && CONFLICTS.includes(thrown.code)) return false;
      await waitOrThrow(clock, thrown);
      return false;
    }
  }

  async #retrying<T>(run: () => Promise<T>): Promise<T> {
    while (true) {
      try {
        return await run();
      } catch (thrown) {
        await waitOrThrow(this.#options.clock, thrown);
      }
    }
  }

  #fenced(): HeronError {
    return new HeronError(
      "fenced",
      `Write "${this.#options.path}": found the lease lost, expected to hold it`,
    );
  }
}

async function waitOrThrow(clock: Clock, thrown: unknown): Promise<void> {
  if (!(thrown instanceof HeronError && thrown.retryable)) throw thrown;
  await sleep(clock, RETRY_MS);
}
