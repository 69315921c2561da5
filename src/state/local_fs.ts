/**
 * The state store in a folder of the local file system: one file a record, the tree as Heron's own. Temporary
 * files and the lock lie in `heron-bin/`, under names with a dot, which no record can have. A
 * change is prepared and synced first; then, under the root's lock, compared and put in place by one rename
 * (`record_file.ts` tells how versions come about). Readers need no lock.
 */

import { mkdirSync, rmSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Clock, HeronError, type Random, systemClock, systemRandom } from "../base/mod.ts";
import {
  clearWaySync,
  isAbsence,
  readRecord,
  removeSync,
  replaceSync,
  syncFolder,
  versionSync,
  writeSynced,
  type WrittenFile,
} from "./local_fs/record_file.ts";
import { RootLock } from "./local_fs/root_lock.ts";
import { TemporaryFiles } from "./local_fs/temporary_files.ts";
import { TreeWatch } from "./local_fs/tree_watch.ts";
import { HERON_FOLDERS } from "./paths.ts";
import { alreadyExists, checkSize, checkVersion, notFound, storeClosed } from "./record_faults.ts";
import { checkFolderPath, checkRecordPath } from "./record_path.ts";
import { RecordWatch } from "./record_watch.ts";
import type { StateManager, Version, Versioned, Watch, WatchListener } from "./state_manager.ts";

/** Where and how. */
export interface LocalFsOptions {
  /** The root of the tree; it is made if there is none. */
  readonly root: string;
  /** @default the machine's */
  readonly clock?: Clock;
  /** @default a seed nobody knows */
  readonly random?: Random;
  /** How often watched records are looked at without notification, in milliseconds. @default 1000 */
  readonly pollMs?: number;
  /** How long to wait for a process that holds the lock, in milliseconds. @default 5000 */
  readonly lockWaitMs?: number;
  /** Is told when a watched record could not be read; it is tried again. */
  readonly onFault?: (error: HeronError) => void;
  /** Make nothing: the tree is there, or its file system is not. @default false */
  readonly mustExist?: boolean;
}

/**
 * Opens the state store in the folder `options.root`.
 *
 * @throws {HeronError} `io` when it cannot be used, `not_found`
 */
export async function openLocalFs(options: LocalFsOptions): Promise<StateManager> {
  const root = resolve(options.root);
  const { mustExist = false } = options;
  try {
    const temporary = join(root, "heron-bin/.tmp");
    if (mustExist) await assertStore(root, temporary);
    for (const folder of mustExist ? [] : [...HERON_FOLDERS, "heron-bin/.tmp"]) {
      mkdirSync(join(root, folder), { recursive: true, mode: 0o700 });
    }
    const clock = options.clock ?? systemClock;
    const random = options.random ?? systemRandom();
    const temporaries = new TemporaryFiles(temporary, clock, random);
    await temporaries.sweep();
    return new LocalFs(temporaries, {
      root,
      clock,
      random,
      pollMs: options.pollMs ?? 1000,
      lockWaitMs: options.lockWaitMs ?? 5000,
      onFault: options.onFault ?? (() => {}),
      mustExist,
    });
  } catch (thrown) {
    throw HeronError.from(thrown, `Open state root "${root}"`);
  }
}

class LocalFs implements StateManager {
  readonly #options: Required<LocalFsOptions>;
  readonly #lock: RootLock;
  readonly #watches: TreeWatch;
  readonly #temporaries: TemporaryFiles;
  readonly #underWay = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(temporaries: TemporaryFiles, options: Required<LocalFsOptions>) {
    const { root, clock, random, lockWaitMs, pollMs } = options;
    this.#temporaries = temporaries;
    this.#options = options;
    this.#lock = new RootLock({
      file: join(root, "heron-bin/.lock"),
      clock,
      random,
      waitMs: lockWaitMs,
    });
    this.#watches = new TreeWatch(clock, pollMs);
  }

  get(path: string): Promise<Versioned | undefined> {
    return this.#attempt(`Get "${path}"`, () => readRecord(this.#recordFile(path)));
  }

  create(path: string, bytes: Uint8Array): Promise<Version> {
    return this.#attempt(`Create "${path}"`, async () => {
      const file = this.#recordFile(path);
      const version = await this.#write(path, bytes, (written) => {
        if (!clearWaySync(file)) throw alreadyExists(path);
        return this.#place(written, file);
      });
      await this.#syncAbove(file);
      return version;
    });
  }

  set(path: string, bytes: Uint8Array, expected: Version | "any"): Promise<Version> {
    return this.#attempt(`Set "${path}"`, async () => {
      const file = this.#recordFile(path);
      const version = await this.#write(path, bytes, (written) => {
        const found = versionSync(file);
        if (found === undefined) throw notFound(path);
        checkVersion(path, found, expected);
        return this.#place(written, file);
      });
      await syncFolder(dirname(file));
      return version;
    });
  }

  delete(path: string, expected: Version | "any"): Promise<boolean> {
    return this.#attempt(`Delete "${path}"`, async () => {
      const file = this.#recordFile(path);
      const isDeleted = await this.#lock.hold(() => {
        const found = versionSync(file);
        if (found === undefined) return false;
        checkVersion(path, found, expected);
        removeSync(file, join(this.#options.root, path.split("/")[0] ?? ""));
        return true;
      });
      if (isDeleted) await this.#syncAbove(file);
      return isDeleted;
    });
  }

  list(folder: string): Promise<string[]> {
    return this.#attempt(`List "${folder}"`, async () => {
      checkFolderPath(folder);
      try {
        const names = await readdir(join(this.#options.root, folder));
        return names.filter((name) => !name.startsWith(".")).sort();
      } catch (thrown) {
        if (isAbsence(thrown)) return [];
        throw thrown;
      }
    });
  }

  watch(path: string, listener: WatchListener): Promise<Watch> {
    return this.#attempt(`Watch "${path}"`, async () => {
      const file = this.#recordFile(path);
      const watch: RecordWatch = new RecordWatch({
        listener,
        read: () => readRecord(file),
        onFault: this.#options.onFault,
        onClose: () => this.#watches.remove(file, watch),
      });
      this.#watches.add(file, watch);
      await watch.start();
      return watch;
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#watches.close();
    await Promise.allSettled(this.#underWay);
    this.#watches.close();
    this.#lock.close();
    // Whom this process killed may have left some. What goes wrong is told to who opens it next.
    await Promise.allSettled([this.#temporaries.sweep()]);
  }

  async #attempt<T>(attempted: string, run: () => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw storeClosed();
    const running = run();
    this.#underWay.add(running);
    try {
      return await running;
    } catch (thrown) {
      if (thrown instanceof RangeError || thrown instanceof TypeError) throw thrown;
      throw HeronError.from(thrown, attempted);
    } finally {
      this.#underWay.delete(running);
    }
  }

  /** Writes a temporary file, then has `place` put it in place under the lock. */
  async #write(
    path: string,
    bytes: Uint8Array,
    place: (written: WrittenFile) => Version,
  ): Promise<Version> {
    checkSize(path, bytes.length);
    const temporary = this.#temporaries.next();
    try {
      const written = await writeSynced(temporary, bytes.slice());
      return await this.#lock.hold(() => place(written));
    } catch (thrown) {
      // At once: who finds the disk full may be killed for it.
      rmSync(temporary, { force: true });
      throw thrown;
    }
  }

  #place(written: WrittenFile, file: string): Version {
    const { clock, random } = this.#options;
    // Below a millisecond by chance: two files of the same bytes are still not of the same time.
    return replaceSync(
      written,
      file,
      BigInt(Math.floor(clock.wallMs()) * 1000 + random.below(1000)),
    );
  }

  /** Syncs the folder of `file` and those above it, which may have come or gone with it. */
  async #syncAbove(file: string): Promise<void> {
    const { root } = this.#options;
    for (let folder = dirname(file); folder.length > root.length; folder = dirname(folder)) {
      await syncFolder(folder);
      // Folders of the first level stay, so nothing above them changed.
      if (dirname(folder) === root) return;
    }
  }

  #recordFile(path: string): string {
    checkRecordPath(path);
    return join(this.#options.root, path);
  }
}

async function assertStore(root: string, folder: string): Promise<void> {
  try {
    await stat(folder);
  } catch (cause) {
    if (!isAbsence(cause)) throw cause;
    throw new HeronError(
      "not_found",
      `Open state root "${root}": found no state store, expected one: nothing was submitted yet, or its ` +
        "file system is not mounted",
      { cause },
    );
  }
}
