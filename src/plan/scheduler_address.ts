/**
 * Where the scheduler of a topology is, for containers on other machines: a small file in the
 * topology's folder, written anew by each scheduler.
 */

import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HeronError } from "../base/mod.ts";
import type { TcpAddress } from "../base/wire/mod.ts";
import type { CheckedJob } from "./job.ts";

/** What a scheduler tells of itself. */
export interface SchedulerAddress extends TcpAddress {
  readonly epoch: number;
  /** What it starts containers in: those of another are gone. Empty: nothing that could outlive it. */
  readonly allocation: string;
}

type OfFolder = Pick<CheckedJob, "folder">;

/** The scheduler's address; undefined while there is none. */
export async function readSchedulerAddress(job: OfFolder): Promise<SchedulerAddress | undefined> {
  const path = fileOf(job);
  try {
    return parse(await readFile(path, "utf8"));
  } catch (thrown) {
    const error = HeronError.from(thrown, `Read the scheduler's address "${path}"`);
    if (error.code === "not_found") return undefined;
    throw error;
  }
}

/** Writes the scheduler's address; whoever reads it sees this one or the one before. */
export async function writeSchedulerAddress(
  job: OfFolder,
  { hostname, port, epoch, allocation }: SchedulerAddress,
): Promise<void> {
  const path = fileOf(job);
  const temporary = `${path}.${epoch}`;
  try {
    const text = JSON.stringify({ hostname, port, epoch, allocation });
    await writeFile(temporary, `${text}\n`, { mode: 0o600 });
    await rename(temporary, path);
  } catch (thrown) {
    throw HeronError.from(thrown, `Write the scheduler's address "${path}"`);
  }
}

function fileOf({ folder }: OfFolder): string {
  return join(folder, "scheduler_address");
}

function parse(text: string): SchedulerAddress {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    // Told below.
    found = undefined;
  }
  if (
    typeof found === "object" && found !== null &&
    "hostname" in found && typeof found.hostname === "string" && found.hostname !== "" &&
    "port" in found && isWhole(found.port, 65_535) &&
    "epoch" in found && isWhole(found.epoch, 2 ** 32 - 1) &&
    "allocation" in found && typeof found.allocation === "string"
  ) {
    const { hostname, port, epoch, allocation } = found;
    return { hostname, port, epoch, allocation };
  }
  throw new HeronError(
    "corrupt",
    `Read the scheduler's address: found ${
      JSON.stringify(text.slice(0, 200))
    }, expected host and port`,
  );
}

function isWhole(value: unknown, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= max;
}
