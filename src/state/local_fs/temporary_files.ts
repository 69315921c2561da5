/**
 * Where a state store's writers prepare their files. The name of each tells its process, so what a process left
 * that died in a write is known at once where that process can be seen, and by its age elsewhere.
 */

import { readlinkSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Clock, Random } from "../../base/mod.ts";
import { isRunning, readProcessFacts } from "../../base/supervision/mod.ts";
import { isAbsence, isForbidden } from "./record_file.ts";

/** Files older than this were left by a process that died, whoever it was. */
const AGE_MS_MAX = 3_600_000;
// PID-STARTTIME-NUMBER-RANDOM-PLACE
const NAME = /^(\d+)-(\d+)-\d+-[0-9a-z]+-(.+)$/;

/** The temporary files in one folder. */
export class TemporaryFiles {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Whose pids this process can see. */
  readonly #place = `${pidNamespace()}-${hostname()}`;
  readonly #startTime = readProcessFacts(process.pid)?.startTime ?? 0n;
  #count = 0;

  /** `folder` exists when one of the methods is called. */
  constructor(folder: string, clock: Clock, random: Random) {
    this.#folder = folder;
    this.#clock = clock;
    this.#random = random;
  }

  /** The path of a file that there is not yet. */
  next(): string {
    const chance = this.#random.uint32().toString(36);
    const name = [process.pid, this.#startTime, ++this.#count, chance, this.#place].join("-");
    return join(this.#folder, name);
  }

  /** Removes what processes that died left. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const file = join(this.#folder, name);
      try {
        if (this.#isLeft(name) || await this.#isOld(file)) await rm(file, { force: true });
      } catch (thrown) {
        // Another manager sweeps as well, or its writer is still at it; who may only look leaves it to others.
        if (!isAbsence(thrown) && !isForbidden(thrown)) throw thrown;
      }
    }
  }

  #isLeft(name: string): boolean {
    const [, pid, startTime, place] = NAME.exec(name) ?? [];
    if (pid === undefined || startTime === undefined || place !== this.#place) return false;
    return !isRunning({ pid: Number(pid), startTime: BigInt(startTime) });
  }

  async #isOld(file: string): Promise<boolean> {
    return this.#clock.wallMs() - (await stat(file)).mtimeMs > AGE_MS_MAX;
  }
}

/** The number of this process's namespace of pids: processes of one host need not see each other. */
function pidNamespace(): string {
  return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
}
