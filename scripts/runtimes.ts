/**
 * The Bun inside a binary for another machine: a package of the registry, in the version and with the
 * checksum that bun.lock has for it.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { BUN, capture, ROOT } from "./tool_chain.ts";

const INSTALL_TIMEOUT_MS = 10 * 60 * 1000;

/** A machine that binaries are built for. */
export interface Target {
  /** What people call it. */
  readonly name: string;
  /** What `Bun.build` calls it. */
  readonly compile: Bun.Build.CompileTarget;
  /** The package with its Bun. */
  readonly runtime: string;
}

/** The machines that binaries are built for. */
export const TARGETS: readonly Target[] = [
  { name: "linux-x64", compile: "bun-linux-x64", runtime: "@oven/bun-linux-x64" },
  // Bun has one for all x64 processors: it looks at run time what they can.
  { name: "linux-x64-baseline", compile: "bun-linux-x64", runtime: "@oven/bun-linux-x64" },
  { name: "linux-arm64", compile: "bun-linux-arm64", runtime: "@oven/bun-linux-aarch64" },
  { name: "darwin-arm64", compile: "bun-darwin-arm64", runtime: "@oven/bun-darwin-aarch64" },
];

/** The target called `name`; throws with the list when there is none. */
export function targetOf(name: string): Target {
  const found = TARGETS.find((target) => target.name === name);
  if (found !== undefined) return found;
  const names = TARGETS.map((target) => target.name).join(", ");
  throw new Error(`Building for "${name}": found no such target, expected one of ${names}`);
}

/** The package.json and bun.lock that install one runtime and nothing else. */
export interface RuntimeFiles {
  readonly version: string;
  readonly os: string;
  readonly cpu: string;
  readonly packageJson: string;
  readonly lock: string;
}

/** What installs the package `runtime` as `lock`, the text of bun.lock, has it. */
export function runtimeFiles(lock: string, runtime: string): RuntimeFiles {
  // The form of the file is Bun's own; what is not there is found below.
  const { lockfileVersion, packages } = Bun.JSONC.parse(lock) as {
    readonly lockfileVersion: number;
    readonly packages: Readonly<Record<string, readonly [string, string, PackageInfo, string]>>;
  };
  const entry = packages[runtime];
  const [id, , info, checksum] = entry ?? [];
  const version = id?.slice(`${runtime}@`.length);
  if (version === undefined || info === undefined || !checksum?.startsWith("sha512-")) {
    throw new Error(`Installing ${runtime}: found it not in bun.lock, or without a checksum`);
  }
  const root = { name: "runtime", dependencies: { [runtime]: version } };
  const workspaces = { "": root };
  return {
    version,
    os: info.os,
    cpu: info.cpu,
    packageJson: JSON.stringify(root),
    lock: JSON.stringify({ lockfileVersion, workspaces, packages: { [runtime]: entry } }),
  };
}

/** For which machines a package is. */
interface PackageInfo {
  readonly os: string;
  readonly cpu: string;
}

/** Installs the Bun of `target`, if it is not there yet, and returns its path. */
export async function installRuntime({ name, runtime }: Target): Promise<string> {
  const lock = await Bun.file(join(ROOT, "bun.lock")).text();
  const files = runtimeFiles(lock, runtime);
  // The code is compiled by this Bun, for one of the same version.
  if (files.version !== Bun.version) {
    throw new Error(
      `Building for "${name}": found Bun ${Bun.version} at work, expected ${files.version} as in ` +
        "bun.lock",
    );
  }
  const folder = join(ROOT, "node_modules/.cache/runtimes", `${files.os}-${files.cpu}`);
  await mkdir(folder, { recursive: true });
  await Bun.write(join(folder, "package.json"), files.packageJson);
  await Bun.write(join(folder, "bun.lock"), files.lock);
  const { exitCode, output } = await capture(
    [
      ...[BUN, "install", `--cwd=${folder}`, "--frozen-lockfile", "--ignore-scripts"],
      ...[`--os=${files.os}`, `--cpu=${files.cpu}`],
    ],
    INSTALL_TIMEOUT_MS,
  );
  if (exitCode !== 0) throw new Error(`Installing ${runtime}@${files.version}: ${output}`);
  return join(folder, "node_modules", runtime, "bin/bun");
}
