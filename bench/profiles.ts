/**
 * Profiles of all processes: a binary that is built to write one of each process's main thread when
 * it ends, and the names that tell the files apart. Those of user code's threads the topologies write.
 */

import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../tests/support/repository.ts";
import type { RoleProcess } from "./bench_run.ts";

/** Builds the binary that profiles itself into `folder`; returns its path. */
export function buildProfiled(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const binary = join(folder, "heron-bin");
  const build = join(ROOT, "scripts/build.ts");
  const { exitCode, stderr } = Bun.spawnSync([
    process.execPath,
    build,
    `--profile=${folder}`,
    `--outfile=${binary}`,
  ]);
  if (exitCode !== 0) throw new Error(`Build the profiled binary: ${stderr}`);
  return binary;
}

/** Gives the profiles that `processes` left in `folder` names that say whose they are. */
export function nameProfiles(
  folder: string,
  workload: string,
  processes: readonly RoleProcess[],
): void {
  for (const file of readdirSync(folder)) {
    const [, pid, ending] = /^CPU\.\d+\.\d+\.(\d+)\..*\.(md|cpuprofile)$/.exec(file) ?? [];
    if (pid === undefined) continue;
    const found = processes.find((one) => one.pid === Number(pid));
    const path = join(folder, file);
    // Those of the short-lived processes that define the topology are of no interest.
    if (found === undefined) rmSync(path);
    else renameSync(path, join(folder, `${workload}-${found.name}-${pid}.${ending}`));
  }
}
