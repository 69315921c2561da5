/**
 * The step that builds for other machines: by the header of what comes of it, it is for that machine;
 * and it runs, where it is for this one as well.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUN, capture, ROOT } from "./tool_chain.ts";

const TIMEOUT_MS = 10 * 60 * 1000;

/** What is built: one for this kind of machine, one for another. */
const CHECKED = ["linux-x64-baseline", "linux-arm64"];

/** Builds; throws when a binary is for another machine than it should be, or does not run. */
export async function assertCrossBuilds(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "heron-bin-cross-"));
  try {
    for (const target of CHECKED) await check(target, join(folder, target));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function check(target: string, outfile: string): Promise<void> {
  const build = join(ROOT, "scripts/build.ts");
  await mustRun([BUN, build, `--target=${target}`, `--outfile=${outfile}`]);
  const machine = machineOf(await Bun.file(outfile).slice(0, 64).bytes());
  if (!target.startsWith(machine)) {
    throw new Error(`Building for "${target}": found a binary for ${machine}`);
  }
  if (machine !== `${process.platform}-${process.arch}`) return;
  const { version } = await Bun.file(join(ROOT, "package.json")).json();
  const said = await mustRun([outfile, "version"]);
  if (said.trim() !== `heron-bin ${version}`) {
    throw new Error(`Running what is built for "${target}": it says "${said.trim()}"`);
  }
}

async function mustRun(command: readonly string[]): Promise<string> {
  const { exitCode, output } = await capture(command, TIMEOUT_MS);
  if (exitCode === 0) return output;
  throw new Error(`Running ${command.join(" ")}: it ended with ${exitCode}\n${output}`);
}

/** The machine that an executable is for, by its first bytes, as in the names of targets. */
export function machineOf(header: Uint8Array): string {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const kind = `${view.getUint32(0).toString(16)} ${view.getUint16(18, true).toString(16)}`;
  const mach = `${view.getUint32(0, true).toString(16)} ${view.getUint32(4, true).toString(16)}`;
  return ELF_MACHINES[kind] ?? MACH_MACHINES[mach] ?? `an unknown machine (${kind})`;
}

/** By magic number and `e_machine`. */
const ELF_MACHINES: Readonly<Record<string, string>> = {
  "7f454c46 3e": "linux-x64",
  "7f454c46 b7": "linux-arm64",
};
/** By magic number and `cputype`. */
const MACH_MACHINES: Readonly<Record<string, string>> = { "feedfacf 100000c": "darwin-arm64" };
