/**
 * The queue as several commands share it: Slurm's controller is asked at most every so often,
 * however many people look. What it answered lies in a file of the user's own.
 */

import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Clock, HeronError, sleep } from "../../base/mod.ts";
import { parseQueue, type SlurmJobState } from "./job_state.ts";

/** What was found in the queue, and how old that is. */
export interface QueueView {
  readonly jobs: readonly SlurmJobState[];
  readonly ageMs: number;
}

/** Options of `readQueue`. */
export interface QueueCacheOptions {
  /** Where the answer is kept; its folder is the user's own. */
  readonly file: string;
  readonly clock: Clock;
  /** How long an answer is good, in milliseconds. @default 30 s */
  readonly maxAgeMs?: number;
  /** Makes names of files; unlike for any other process at this moment. */
  readonly suffix: string;
  /** Asks Slurm, for what `parseQueue` reads. */
  ask(): Promise<string>;
}

const MAX_AGE_MS = 30_000;

/** Whoever asks first has so long until another does it for him. */
const ASKING_MS = 25_000;
const LOOK_MS = 100;

/** The file: when somebody began to ask, and what came of it. */
interface Kept {
  readonly askedMs: number;
  /** When the answer came; 0: it is still awaited. */
  readonly answeredMs: number;
  readonly output: string;
}

const NOTHING: Kept = Object.freeze({ askedMs: 0, answeredMs: 0, output: "" });

/**
 * The queue, from the file while that is fresh.
 * @throws HeronError of `ask`, when the answer was needed and did not come
 */
export async function readQueue(options: QueueCacheOptions): Promise<QueueView> {
  const { file, clock, maxAgeMs = MAX_AGE_MS } = options;
  for (;;) {
    const kept = await readKept(file);
    const nowMs = clock.wallMs();
    const isAsking = isWithin(kept.askedMs, nowMs, Math.min(ASKING_MS, maxAgeMs));
    if (!isWithin(kept.answeredMs, nowMs, maxAgeMs) && !isAsking) return await renew(options, kept);
    // While another process asks, what it knew before is told.
    if (kept.answeredMs > 0) return viewOf(kept, nowMs);
    await sleep(clock, LOOK_MS);
  }
}

async function renew(options: QueueCacheOptions, before: Kept): Promise<QueueView> {
  const { clock, ask } = options;
  const askedMs = clock.wallMs();
  await writeKept(options, { ...before, askedMs });
  let output: string;
  try {
    output = await ask.call(options);
  } catch (thrown) {
    // The next one may ask at once.
    await writeKept(options, { ...before, askedMs: 0 });
    throw thrown;
  }
  const kept = { askedMs, answeredMs: clock.wallMs(), output };
  const view = viewOf(kept, kept.answeredMs);
  await writeKept(options, kept);
  return view;
}

function viewOf({ output, answeredMs }: Kept, nowMs: number): QueueView {
  return { jobs: parseQueue(output), ageMs: nowMs - answeredMs };
}

/** A time to come is of another clock, and says nothing. */
function isWithin(timeMs: number, nowMs: number, maxAgeMs: number): boolean {
  return timeMs > 0 && timeMs <= nowMs && nowMs - timeMs < maxAgeMs;
}

/** What the file holds; nothing when it is missing or damaged: it is only a cache. */
async function readKept(file: string): Promise<Kept> {
  try {
    const found: unknown = JSON.parse(await readFile(file, "utf8"));
    return isKept(found) ? found : NOTHING;
  } catch (thrown) {
    const { code } = HeronError.from(thrown);
    if (code === "not_found" || thrown instanceof SyntaxError) return NOTHING;
    throw HeronError.from(thrown, `Read the cached queue "${file}"`);
  }
}

function isKept(found: unknown): found is Kept {
  return typeof found === "object" && found !== null &&
    "askedMs" in found && typeof found.askedMs === "number" &&
    "answeredMs" in found && typeof found.answeredMs === "number" &&
    "output" in found && typeof found.output === "string";
}

/** Keeps an answer if it can: on a full disk, or a read-only one, each command asks Slurm itself. */
async function writeKept({ file, suffix }: QueueCacheOptions, kept: Kept): Promise<boolean> {
  const temporary = `${file}.${suffix}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(temporary, JSON.stringify(kept), { mode: 0o600 });
    await rename(temporary, file);
    return true;
  } catch {
    await rm(temporary, { force: true }).catch(() => false);
    return false;
  }
}
