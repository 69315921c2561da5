/**
 * Debian's packages for tests that need real servers. Installed when they are missing, without
 * starting what they bring.
 */

import { chmod, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { isInstalled, runToEnd } from "./programs.ts";

/** Asked by packages before they start a daemon of theirs; 101 forbids it. */
const POLICY = "/usr/sbin/policy-rc.d";

/**
 * Installs `packages` unless all of `programs` are there.
 * @throws Error when that fails, or when it takes root and this is another user
 */
export async function needPackages(
  packages: readonly string[],
  programs: readonly string[],
): Promise<void> {
  if (programs.every((program) => isInstalled(program))) return;
  if (process.getuid?.() !== 0) {
    throw new Error(`Install ${packages.join(", ")}: not root, expected root or to find them`);
  }
  const isGuarded = existsSync(POLICY);
  if (!isGuarded) {
    await writeFile(POLICY, "#!/bin/sh\nexit 101\n");
    await chmod(POLICY, 0o755);
  }
  try {
    const install = ["install", "-y", "--no-install-recommends", ...packages];
    // The lists may be missing, or name packages that are no longer there.
    if (!await aptGet(install)) {
      await aptGet(["update"]);
      if (!await aptGet(install)) throw new Error(`Install ${packages.join(", ")}: apt-get failed`);
    }
  } finally {
    if (!isGuarded) await rm(POLICY, { force: true });
  }
}

async function aptGet(args: readonly string[]): Promise<boolean> {
  const { code } = await runToEnd(["apt-get", "-o", "DPkg::Lock::Timeout=600", ...args], {
    PATH: process.env["PATH"] ?? "",
    DEBIAN_FRONTEND: "noninteractive",
  });
  return code === 0;
}
