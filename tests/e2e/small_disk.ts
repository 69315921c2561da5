/**
 * A file system of its own over a folder, small enough to be filled, in a mount namespace that a process
 * holds: nothing of it is left when that ends.
 */

import { statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { textOf } from "./binary.ts";

const MIB = 1024 * 1024;
const NAMESPACES: readonly string[] = ["--user", "--map-root-user", "--mount"];

/** Whether a user may have a file system of his own here. */
export const canMount: boolean =
  Bun.spawnSync(["unshare", ...NAMESPACES, "mount", "-t", "tmpfs", "tmpfs", "/tmp"]).exitCode === 0;

/** Before a command that is to find the folder $0 read-only, as a mount of that kind is. */
export function readOnlyMount(folder: string): readonly string[] {
  const script = `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"`;
  return ["unshare", ...NAMESPACES, "sh", "-c", script, folder];
}

/** A disk that is seen by those alone who are called with its prefix. */
export class SmallDisk implements AsyncDisposable {
  readonly #holder: Bun.Subprocess<"pipe", "pipe", "inherit">;

  private constructor(holder: Bun.Subprocess<"pipe", "pipe", "inherit">) {
    this.#holder = holder;
  }

  /** One of `mebibytes` over `folder`. */
  static async over(folder: string, mebibytes: number): Promise<SmallDisk> {
    const script = `mount -t tmpfs -o size=${mebibytes}m tmpfs "$0" && echo up && read line`;
    const holder = Bun.spawn(["unshare", ...NAMESPACES, "sh", "-c", script, folder], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const reader = holder.stdout.getReader();
    await textOf(reader);
    return new SmallDisk(holder);
  }

  /** Before a command that is to see it. */
  get prefix(): readonly string[] {
    const target = `--target=${this.#holder.pid}`;
    return ["nsenter", target, "--user", "--mount", "--preserve-credentials"];
  }

  /** Where all others see what has `path` on it. */
  pathOf(path: string): string {
    return join(`/proc/${this.#holder.pid}/root`, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#holder.kill("SIGKILL");
    await this.#holder.exited;
  }
}

/** Fills the disk that `folder` is on, by a file there: no byte more fits. */
export function fillDisk(folder: string): void {
  const file = join(folder, "filler");
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - MIB)));
  for (const bytes of [MIB / 4, 4096, 1]) {
    while (append(file, bytes));
  }
}

/** False when it does not fit. */
function append(file: string, bytes: number): boolean {
  try {
    writeFileSync(file, Buffer.alloc(bytes), { flag: "a" });
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOSPC") return false;
    throw thrown;
  }
}
