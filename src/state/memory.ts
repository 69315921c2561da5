/**
 * The state store in memory: for tests, the simulator and clusters of one process. Managers that share
 * a `MemoryState` see one tree; each change is made when its method is called and told in a later microtask.
 */

import { alreadyExists, checkSize, checkVersion, notFound, storeClosed } from "./record_faults.ts";
import { checkFolderPath, checkRecordPath } from "./record_path.ts";
import { RecordWatch } from "./record_watch.ts";
import type { StateManager, Version, Versioned, Watch, WatchListener } from "./state_manager.ts";

/** A tree of records that several managers can share. */
export class MemoryState {
  readonly #records = new Map<string, Versioned>();
  readonly #watches = new Map<string, Set<RecordWatch>>();
  #lastVersion = 0;

  /** The record at `path`; not a copy. */
  get(path: string): Versioned | undefined {
    return this.#records.get(path);
  }

  /** Sets the record at `path`. */
  set(path: string, bytes: Uint8Array): Version {
    const version = String(++this.#lastVersion);
    this.#records.set(path, { bytes: bytes.slice(), version });
    this.#changed(path);
    return version;
  }

  /** Removes the record at `path`. */
  delete(path: string): void {
    this.#records.delete(path);
    this.#changed(path);
  }

  /** The names of what lies directly in `folder`. */
  list(folder: string): string[] {
    const prefix = `${folder}/`;
    const names = [...this.#records.keys()].filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length).split("/")[0] ?? "");
    return [...new Set(names)].sort();
  }

  /** A record that `path` lies in, if there is one. */
  recordAbove(path: string): string | undefined {
    const parts = path.split("/").slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join("/"))
      .find((above) => this.#records.has(above));
  }

  /** Has `watch` refreshed whenever the record at `path` changes. */
  addWatch(path: string, watch: RecordWatch): void {
    const watches = this.#watches.get(path) ?? new Set();
    this.#watches.set(path, watches.add(watch));
  }

  /** Undoes `addWatch`. */
  removeWatch(path: string, watch: RecordWatch): void {
    const watches = this.#watches.get(path);
    watches?.delete(watch);
    if (watches?.size === 0) this.#watches.delete(path);
  }

  #changed(path: string): void {
    for (const watch of this.#watches.get(path) ?? []) watch.refresh();
  }
}

/** Opens a manager of `state`, or of a tree of its own. */
export function openMemory(state: MemoryState = new MemoryState()): StateManager {
  return new Memory(state);
}

class Memory implements StateManager {
  readonly #state: MemoryState;
  readonly #watches = new Set<Watch>();
  #isClosed = false;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  get(path: string): Promise<Versioned | undefined> {
    return this.#attempt(() => {
      checkRecordPath(path);
      const record = this.#state.get(path);
      return record === undefined ? undefined : { ...record, bytes: record.bytes.slice() };
    });
  }

  create(path: string, bytes: Uint8Array): Promise<Version> {
    return this.#attempt(() => {
      checkRecordPath(path);
      checkSize(path, bytes.length);
      const above = this.#state.recordAbove(path);
      const isThere = this.#state.get(path) !== undefined || this.#state.list(path).length > 0;
      if (above === undefined && !isThere) return this.#state.set(path, bytes);
      throw alreadyExists(path, above);
    });
  }

  set(path: string, bytes: Uint8Array, expected: Version | "any"): Promise<Version> {
    return this.#attempt(() => {
      checkRecordPath(path);
      checkSize(path, bytes.length);
      const found = this.#state.get(path)?.version;
      if (found === undefined) throw notFound(path);
      checkVersion(path, found, expected);
      return this.#state.set(path, bytes);
    });
  }

  delete(path: string, expected: Version | "any"): Promise<boolean> {
    return this.#attempt(() => {
      checkRecordPath(path);
      const found = this.#state.get(path)?.version;
      if (found === undefined) return false;
      checkVersion(path, found, expected);
      this.#state.delete(path);
      return true;
    });
  }

  list(folder: string): Promise<string[]> {
    return this.#attempt(() => {
      checkFolderPath(folder);
      return this.#state.list(folder);
    });
  }

  async watch(path: string, listener: WatchListener): Promise<Watch> {
    const watch: RecordWatch = new RecordWatch({
      listener,
      read: () => this.get(path),
      onFault: () => {},
      onClose: () => {
        this.#state.removeWatch(path, watch);
        this.#watches.delete(watch);
      },
    });
    this.#state.addWatch(path, watch);
    this.#watches.add(watch);
    await watch.start();
    return watch;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const watch of [...this.#watches]) watch.close();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #attempt<T>(run: () => T): Promise<T> {
    return Promise.try(() => {
      if (this.#isClosed) throw storeClosed();
      return run();
    });
  }
}
