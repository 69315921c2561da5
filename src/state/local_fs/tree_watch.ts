/**
 * Finds out what changed below a root: a notification on each *folder* with a watched record (one on the file
 * goes silent once the file is replaced), and a slow look at every watched record besides, for
 * what is not notified: network file systems, folders that come and go.
 */

import { type FSWatcher, statSync, watch as watchFolder } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Clock, Timer } from "../../base/mod.ts";
import type { RecordWatch } from "../record_watch.ts";
import { isVersionSync } from "./record_file.ts";

interface Folder {
  /** Watches by the name of their file. */
  readonly watches: Map<string, Set<RecordWatch>>;
  notifier: FSWatcher | undefined;
  /** The inode that `notifier` watches: a folder made anew is another one. */
  inode: bigint | undefined;
  /** The look after a notification. */
  second: Timer | undefined;
}

/** How long after a notification to look once more, in milliseconds: Bun drops one that follows within 2 ms. */
const SECOND_LOOK_MS = 10;

/** The watched files of one manager. */
export class TreeWatch {
  readonly #clock: Clock;
  readonly #pollMs: number;
  readonly #folders = new Map<string, Folder>();
  #poll: Timer | undefined;

  /** @param pollMs how often to look without being notified, in milliseconds */
  constructor(clock: Clock, pollMs: number) {
    this.#clock = clock;
    this.#pollMs = pollMs;
  }

  /** Has `watch` refreshed whenever `file` may have changed. */
  add(file: string, watch: RecordWatch): void {
    const path = dirname(file);
    const folder = this.#folders.get(path) ?? emptyFolder();
    this.#folders.set(path, folder);
    const name = basename(file);
    folder.watches.set(name, (folder.watches.get(name) ?? new Set()).add(watch));
    this.#arm(path, folder);
    this.#poll ??= this.#clock.every(this.#pollMs, () => this.#look());
  }

  /** Undoes `add`. */
  remove(file: string, watch: RecordWatch): void {
    const path = dirname(file);
    const folder = this.#folders.get(path);
    const watches = folder?.watches.get(basename(file));
    watches?.delete(watch);
    if (watches?.size === 0) folder?.watches.delete(basename(file));
    if (folder?.watches.size === 0) {
      disarm(folder);
      folder.second?.cancel();
      this.#folders.delete(path);
    }
    if (this.#folders.size === 0) {
      this.#poll?.cancel();
      this.#poll = undefined;
    }
  }

  /** Closes all watches. */
  close(): void {
    for (const watch of [...this.#folders.values()].flatMap(watchesIn)) watch.close();
  }

  #look(): void {
    for (const [path, folder] of this.#folders) {
      this.#arm(path, folder);
      lookAt(path, folder);
    }
  }

  #notice(folder: Folder, name: string | null): void {
    const watches = name === null ? watchesIn(folder) : folder.watches.get(name) ?? [];
    for (const watch of watches) watch.refresh();
    folder.second?.cancel();
    folder.second = this.#clock.after(SECOND_LOOK_MS, () => {
      folder.second = undefined;
      for (const watch of watchesIn(folder)) watch.refresh();
    });
  }

  /** Has the folder notify, if it exists and does not yet. */
  #arm(path: string, folder: Folder): void {
    const inode = statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
    if (inode === folder.inode) return;
    disarm(folder);
    if (inode === undefined) return;
    try {
      const notifier = watchFolder(path, (_, name) => this.#notice(folder, name));
      notifier.on("error", () => disarm(folder));
      folder.notifier = notifier;
      folder.inode = inode;
    } catch {
      // Removed meanwhile, or no notifier to be had: the slow look sees it, and tries again.
      disarm(folder);
    }
  }
}

function emptyFolder(): Folder {
  return { watches: new Map(), notifier: undefined, inode: undefined, second: undefined };
}

function disarm(folder: Folder): void {
  folder.notifier?.close();
  folder.notifier = undefined;
  folder.inode = undefined;
}

/** Has those records read whose file is another one than was read before. */
function lookAt(path: string, { watches }: Folder): void {
  for (const [name, watching] of watches) {
    const file = join(path, name);
    for (const watch of watching) watch.look((version) => isVersionSync(file, version));
  }
}

function watchesIn(folder: Folder): RecordWatch[] {
  return [...folder.watches.values()].flatMap((watches) => [...watches]);
}
