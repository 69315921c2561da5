/**
 * Stands for Slurm's `srun` in tests without a Slurm: runs the command of one step on this machine,
 * kills it when it is asked to end, and ends as `srun` does.
 */

import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";

const NOT_FOUND = 2;

const words = process.argv.slice(2);
const cut = words.indexOf("--");
const [options, command] = [words.slice(0, cut), words.slice(cut + 1)];

/** The value of an option; empty when it was not given. */
function valueOf(option: string): string {
  const found = options.find((word) => word.startsWith(`--${option}=`));
  return found?.slice(option.length + 3) ?? "";
}

async function run(): Promise<number> {
  const log = valueOf("output");
  const output = log === "" ? "inherit" : openSync(log, "a", 0o600);
  let child: Bun.Subprocess | undefined;
  // Before it has started anything, which may say so at once.
  process.on("SIGTERM", () => {
    if (child === undefined) process.exit(128 + constants.signals.SIGKILL);
    process.kill(-child.pid, "SIGKILL");
  });
  try {
    child = Bun.spawn(command, {
      cwd: valueOf("chdir"),
      env: { ...process.env, SLURMD_NODENAME: valueOf("nodelist") },
      stdin: "ignore",
      stdout: output,
      stderr: output,
      detached: true,
    });
  } catch (thrown) {
    console.error(`srun: ${String(thrown)}`);
    return NOT_FOUND;
  } finally {
    if (typeof output === "number") closeSync(output);
  }
  await child.exited;
  const signal = Object.entries(constants.signals).find(([name]) => name === child.signalCode);
  return signal === undefined ? child.exitCode ?? 0 : 128 + signal[1];
}

process.exit(await run());
