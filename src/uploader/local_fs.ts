/**
 * Uploader "local_fs": a folder that all nodes see. A package is written beside, synced, and linked to its
 * place, so nobody ever reads half of one, and none is replaced.
 */

import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { HeronError, type Random } from "../base/mod.ts";
import type { Uploader } from "./uploader.ts";

/** Where. */
export interface LocalFsUploaderOptions {
  /** It is made if there is none. */
  readonly folder: string;
  readonly random: Random;
}

/** An uploader into a folder. */
export function createLocalFsUploader(options: LocalFsUploaderOptions): Uploader {
  return new LocalFsUploader({ ...options, folder: resolve(options.folder) });
}

class LocalFsUploader implements Uploader {
  readonly #options: LocalFsUploaderOptions;

  constructor(options: LocalFsUploaderOptions) {
    this.#options = options;
  }

  async upload(name: string, bytes: Uint8Array): Promise<string> {
    const { folder, random } = this.#options;
    const path = join(folder, name);
    if (dirname(path) !== folder || name.startsWith(".")) {
      throw new RangeError(`Upload "${name}": expected a file name`);
    }
    const temporary = join(folder, `.${name}.${random.below(2 ** 32).toString(16)}`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeSynced(temporary, bytes);
      // A rename would replace what another one has just put there.
      await link(temporary, path);
      await syncFolder(folder);
    } catch (thrown) {
      throw HeronError.from(thrown, `Upload package "${name}" to "${folder}"`);
    } finally {
      await rm(temporary, { force: true }).catch((thrown: unknown) => ignoreUnreachable(thrown));
    }
    return pathToFileURL(path).href;
  }

  async download(uri: string): Promise<Uint8Array> {
    const path = this.#pathOf(uri);
    try {
      return new Uint8Array(await readFile(path));
    } catch (thrown) {
      throw HeronError.from(thrown, `Download package "${uri}"`);
    }
  }

  async remove(uri: string): Promise<boolean> {
    const path = this.#pathOf(uri);
    try {
      await rm(path);
      return true;
    } catch (thrown) {
      const error = HeronError.from(thrown, `Remove package "${uri}"`);
      if (error.code === "not_found") return false;
      throw error;
    }
  }

  #pathOf(uri: string): string {
    const { folder } = this.#options;
    const path = uri.startsWith("file:///") ? fileURLToPath(uri) : "";
    if (dirname(path) === folder) return path;
    throw new HeronError("usage", `Find package "${uri}": expected one in "${folder}"`);
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  await using handle = await open(path, "wx", 0o600);
  await handle.writeFile(bytes);
  await handle.sync();
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, "r");
  await handle.sync();
}

/** What cannot be removed could not be made either, and that was said. */
function ignoreUnreachable(thrown: unknown): void {
  if (!(thrown instanceof Error && "code" in thrown)) throw thrown;
}
