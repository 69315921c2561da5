/**
 * Keeps a connection to one party: has its address looked up, connects, and does so again
 * after each end, with backoff. What an end means is for the handlers to know.
 */

import { Backoff, type BackoffOptions } from "../mod.ts";
import { HeronError, type Random } from "../mod.ts";
import type { Address } from "./address.ts";
import { connectObserved, type ConnectOptions } from "./client.ts";
import type { Connection } from "./connection.ts";

/** Options of a kept connection. */
export interface KeepConnectedOptions extends Omit<ConnectOptions, "address" | "signal"> {
  /** Where the party is now, asked before each attempt; undefined: not known yet, which is a failed attempt. */
  address(): Address | undefined | Promise<Address | undefined>;
  /** Draws the jitter. */
  readonly random: Random;
  /** Delays between attempts. They start anew when a connection has lived longer than the longest of them. */
  readonly backoff?: BackoffOptions;
  /** Told of each failed attempt, the how many-th in a row it is; it may call `close`, when `fenced` say. */
  onFailure?(error: HeronError, failures: number): void;
}

/** A connection that is kept. */
export interface ManagedClient {
  /** The open connection, if there is one now. */
  readonly connection: Connection | undefined;
  /** Makes the next attempt now, if it waits for its time. */
  retryNow(): void;
  /** Closes it and gives up attempts. Idempotent. */
  close(reason?: string): void;
}

/** Starts to keep a connection; the handlers hear of each one. */
export function keepConnected(options: KeepConnectedOptions): ManagedClient {
  return new KeptConnection(options);
}

class KeptConnection implements ManagedClient {
  readonly #options: KeepConnectedOptions;
  readonly #backoff: Backoff;
  readonly #closing = new AbortController();
  #connection: Connection | undefined;
  #wake: (() => void) | undefined;
  #failures = 0;

  constructor(options: KeepConnectedOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random, options.backoff);
    // It ends by `close`, and throws only what `onFailure` throws: our own mistake, unhandled.
    void this.#run();
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  retryNow(): void {
    this.#wake?.();
  }

  close(reason?: string): void {
    this.#closing.abort();
    this.#wake?.();
    this.#connection?.close(reason);
  }

  async #run(): Promise<void> {
    const { clock, onFailure } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const startMs = clock.nowMs();
      try {
        await this.#live();
        if (clock.nowMs() - startMs > this.#backoff.maxMs) this.#backoff.reset();
      } catch (thrown) {
        if (signal.aborted) return;
        onFailure?.call(this.#options, HeronError.from(thrown), ++this.#failures);
      }
      await this.#pause(this.#backoff.next());
    }
  }

  /** One attempt and, when it succeeds, the life of its connection. */
  async #live(): Promise<void> {
    const { signal } = this.#closing;
    const address = await this.#options.address();
    if (signal.aborted) return;
    if (address === undefined) {
      throw new HeronError("unavailable", `Connect to "${this.#options.to.id}": no address yet`);
    }
    const ended = Promise.withResolvers<void>();
    await connectObserved({ ...this.#options, address, signal }, {
      opened: (connection) => {
        this.#connection = connection;
        this.#failures = 0;
      },
      ended: () => {
        this.#connection = undefined;
        ended.resolve();
      },
    });
    await ended.promise;
  }

  /** Waits, unless it is closed meanwhile. */
  async #pause(delayMs: number): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.after(delayMs, resolve);
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
    timer.cancel();
  }
}
