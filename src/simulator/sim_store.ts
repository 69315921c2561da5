/**
 * The simulated state store: one tree for all processes, on a disk that takes
 * its time. What a process had asked for when it died may happen or not.
 */

import {
  MemoryState,
  openMemory,
  type StateManager,
  type Version,
  type Versioned,
  type Watch,
  type WatchListener,
} from "../state/mod.ts";
import type { VirtualProcess } from "./virtual_process.ts";
import type { VirtualWorld } from "./virtual_world.ts";

const DELAY_MAX_MS = 15;
const SLOW_DELAY_MAX_MS = 4_000;

/** What a store is made of. */
export interface SimStoreOptions {
  readonly world: VirtualWorld;
  /** The version that a writer asks for is looked at; what it gives is. */
  expected(path: string, version: Version): Version | "any";
  /** A record was written. */
  written(path: string, bytes: Uint8Array): void;
}

interface Listening {
  readonly path: string;
  tell(): void;
}

/** The store of a run. */
export class SimStore {
  readonly state = new MemoryState();
  readonly #options: SimStoreOptions;
  readonly #watches = new Set<Listening>();
  #slowUntilMs = 0;

  /** An empty store. */
  constructor(options: SimStoreOptions) {
    this.#options = options;
  }

  /** The disk is slow until `timeMs`. */
  slowUntil(timeMs: number): void {
    this.#slowUntilMs = Math.max(this.#slowUntilMs, timeMs);
  }

  /** The store as `process` sees it. */
  openFor(process: VirtualProcess): StateManager {
    return new ProcessState(this, process);
  }

  get world(): VirtualWorld {
    return this.#options.world;
  }

  delayMs(): number {
    const { world } = this.#options;
    const isSlow = world.nowMs() < this.#slowUntilMs;
    return world.delayMs(isSlow ? SLOW_DELAY_MAX_MS : DELAY_MAX_MS);
  }

  expected(path: string, version: Version | "any"): Version | "any" {
    return version === "any" ? version : this.#options.expected(path, version);
  }

  changed(path: string, bytes: Uint8Array): void {
    this.#options.written(path, bytes);
    for (const watch of this.#watches) if (watch.path === path) watch.tell();
  }

  add(watch: Listening): void {
    this.#watches.add(watch);
  }

  remove(watch: Listening): void {
    this.#watches.delete(watch);
  }
}

/** The store seen by one process. */
class ProcessState implements StateManager {
  readonly #store: SimStore;
  readonly #process: VirtualProcess;
  readonly #memory: StateManager;

  constructor(store: SimStore, process: VirtualProcess) {
    this.#store = store;
    this.#process = process;
    this.#memory = openMemory(store.state);
  }

  get(path: string): Promise<Versioned | undefined> {
    return this.#later(() => this.#memory.get(path));
  }

  create(path: string, bytes: Uint8Array): Promise<Version> {
    return this.#later(async () => {
      const version = await this.#memory.create(path, bytes);
      this.#store.changed(path, bytes);
      return version;
    });
  }

  set(path: string, bytes: Uint8Array, expected: Version | "any"): Promise<Version> {
    return this.#later(async () => {
      const version = await this.#memory.set(path, bytes, this.#store.expected(path, expected));
      this.#store.changed(path, bytes);
      return version;
    });
  }

  delete(path: string, expected: Version | "any"): Promise<boolean> {
    return this.#later(() => this.#memory.delete(path, expected));
  }

  list(folder: string): Promise<string[]> {
    return this.#later(() => this.#memory.list(folder));
  }

  async watch(path: string, listener: WatchListener): Promise<Watch> {
    let isClosed = false;
    const tell = (): void => {
      const delayMs = this.#store.delayMs();
      this.#store.world.after(delayMs, () =>
        this.#process.post(() => {
          this.#store.world.settleRole();
          if (!isClosed) listener(this.#store.state.get(path));
        }));
    };
    const listening = { path, tell };
    this.#store.add(listening);
    const close = (): void => {
      isClosed = true;
      this.#store.remove(listening);
    };
    await this.get(path);
    // What was told meanwhile is no newer than this.
    listener(this.#store.state.get(path));
    return { close, [Symbol.dispose]: close };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Does it on the disk after a while, whatever became of the process, and tells the process later. */
  #later<T>(run: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const { world } = this.#store;
    const process = this.#process;
    const answer = (tell: () => void): void => {
      world.after(this.#store.delayMs() / 4, () =>
        process.post(() => {
          world.settleRole();
          tell();
        }));
    };
    world.after(this.#store.delayMs(), () => {
      if (process.isDead && world.chance(0.5)) return;
      world.settleRole();
      run().then((value) => answer(() => resolve(value)), (error) => answer(() => reject(error)));
    });
    return promise;
  }
}
