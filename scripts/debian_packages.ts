/**
 * What tests take from the machine besides Node: programs that a bare Debian
 * lacks, installed when one is missing.
 */

import type { Step } from "./steps.ts";
import { capture } from "./tool_chain.ts";

/** Program -> the Debian package that has it. */
const NEEDED: Readonly<Record<string, string>> = { ps: "procps" };
const APT_TIMEOUT_MS = 5 * 60 * 1000;

/** The step that installs what is missing. */
export function debianPackagesStep(): Step {
  return { name: "debian packages", run: installMissing };
}

async function installMissing(): Promise<void> {
  const missing = Object.entries(NEEDED).filter(([program]) => Bun.which(program) === null);
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name);
  for (const command of [["update"], ["install", "-y", "--no-install-recommends", ...packages]]) {
    const { exitCode, output } = await capture(["apt-get", ...command], APT_TIMEOUT_MS);
    if (exitCode !== 0) throw new Error(`Installing ${packages.join(", ")} by apt-get: ${output}`);
  }
}
