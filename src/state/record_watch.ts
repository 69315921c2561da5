/**
 * One watch, for members that are told "something may have changed": reads the record again, one read at a
 * time, and tells the listener what is new. A read begins only after the one before it
 * ended, so nothing told is older than what was told before.
 */

import { HeronError } from "../base/mod.ts";
import type { Version, Versioned, Watch, WatchListener } from "./state_manager.ts";

/** What a watch needs of its member. */
export interface RecordWatchOptions {
  readonly listener: WatchListener;
  read(): Promise<Versioned | undefined>;
  /** Is told of a read that failed; the next `refresh` tries again. */
  onFault(error: HeronError): void;
  /** Is called once when the watch is closed. */
  onClose(): void;
}

/** A watch of one record. */
export class RecordWatch implements Watch {
  readonly #options: RecordWatchOptions;
  #told: { readonly version: Version | undefined } | undefined;
  #isStale = false;
  #isReading = false;
  #isClosed = false;

  constructor(options: RecordWatchOptions) {
    this.#options = options;
  }

  /** Reads and tells the first value. @throws what the read throws; the watch is closed then */
  async start(): Promise<void> {
    this.#isReading = true;
    try {
      await this.#readOnce();
    } catch (thrown) {
      this.close();
      throw thrown;
    } finally {
      this.#isReading = false;
    }
    if (this.#isStale) this.refresh();
  }

  /** Has the record read again, and the listener told if it is another. */
  refresh(): void {
    this.#isStale = true;
    if (!this.#isReading && !this.#isClosed) void this.#readUntilFresh();
  }

  /** The same, unless `isCurrent` says that what was told last is still the record. */
  look(isCurrent: (version: Version | undefined) => boolean): void {
    if (this.#told === undefined || !isCurrent(this.#told.version)) this.refresh();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.onClose();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #readUntilFresh(): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#isStale && !this.#isClosed) await this.#readOnce();
    } catch (thrown) {
      // What the listener throws is a mistake of the program, and nobody's to catch.
      if (!(thrown instanceof HeronError)) throw thrown;
      if (!this.#isClosed) this.#options.onFault(thrown);
    } finally {
      this.#isReading = false;
    }
  }

  async #readOnce(): Promise<void> {
    this.#isStale = false;
    const value = await this.#options.read();
    if (this.#isClosed) return;
    const version = value?.version;
    if (this.#told !== undefined && this.#told.version === version) return;
    this.#told = { version };
    this.#options.listener(value);
  }
}
