/**
 * The state store as the roles see it: records of bytes in a tree of slash-separated paths, each with a
 * version, changed by compare-and-set and watched. Leases, epochs and `put` are built on top of it once
 * for all members (`lease/`, `epoch.ts`, `put.ts`); what the bytes mean is left to the roles.
 */

/** Names one value of one record. Opaque: only equality means anything; it never comes back. */
export type Version = string;

/** A record's value and its version. */
export interface Versioned {
  readonly bytes: Uint8Array;
  readonly version: Version;
}

/** Gets a record's value, or undefined when there is none. */
export type WatchListener = (value: Versioned | undefined) => void;

/** An open watch. */
export interface Watch extends Disposable {
  /** Ends it: the listener is not called again. Idempotent. */
  close(): void;
}

/** The largest record in bytes; a larger one is refused with `limit`. */
export const RECORD_BYTES_MAX = 16 * 1024 * 1024;

/**
 * A connection to the state store. Several, also of different processes, see the same tree.
 *
 * A path is a record or a folder, not both; folders come and go with what is in them. All methods reject
 * with `RangeError` for a path that `checkRecordPath` refuses, with `TypeError` after `close`,
 * and with `HeronError` `io` or `unavailable` when the store cannot be used.
 */
export interface StateManager extends AsyncDisposable {
  /** The record at `path`, or undefined. The bytes are the caller's own. */
  get(path: string): Promise<Versioned | undefined>;

  /**
   * Makes the record `path` if there is none, folders included.
   *
   * @throws {HeronError} `already_exists`; `limit`
   */
  create(path: string, bytes: Uint8Array): Promise<Version>;

  /**
   * Replaces the record at `path` if it still has the version `expected`; of several that expect
   * the same version, one succeeds.
   *
   * @throws {HeronError} `version_conflict`; `not_found` when there is no record, also with "any"; `limit`
   */
  set(path: string, bytes: Uint8Array, expected: Version | "any"): Promise<Version>;

  /**
   * Removes the record at `path` if it still has the version `expected`. Idempotent: that there is
   * none is no error, whatever was expected; then the answer is false.
   *
   * @throws {HeronError} `version_conflict`
   */
  delete(path: string, expected: Version | "any"): Promise<boolean>;

  /** The names of the records and folders in `folder`, sorted; none if there is no such folder. */
  list(folder: string): Promise<string[]>;

  /**
   * Calls `listener` with the current value before it resolves, then after each change, deletion
   * included. Changes that follow each other closely may be told as one, but the last is always told, and
   * no value is older than one told before.
   */
  watch(path: string, listener: WatchListener): Promise<Watch>;

  /** Ends all watches and waits for what is under way. Idempotent. */
  close(): Promise<void>;
}
