/**
 * What a job may ask of Slurm besides its size, and how that is spelt in a job script. Each value
 * becomes one quoted word of one line; what it means is for Slurm to judge.
 */

import { HeronError } from "../../base/mod.ts";
import { OWN_SBATCH_OPTIONS, type SlurmSettings } from "../../cluster/mod.ts";

/** What is asked of Slurm; what is not there is the cluster's own default. */
export type SlurmOptions = Partial<
  Omit<SlurmSettings, "timeLimitMs" | "reach" | "commandTimeoutMs" | "pollIntervalMs">
>;

const VALUE_LENGTH_MAX = 4000;
const LINES_MAX = 100;

/** Where the script's own `#SBATCH` options begin. */
const SBATCH = "#SBATCH ";

/**
 * The lines with which a script asks for `options`, without those of the job's own.
 * @throws HeronError `invalid_config` with a line for each fault
 */
export function directivesOf(options: SlurmOptions): readonly string[] {
  const faults = faultsOf(options);
  if (faults.length > 0) {
    throw new HeronError("invalid_config", `Ask Slurm for a job: ${faults.join("\n")}`);
  }
  const { containersPerNode, extraLines = [] } = options;
  const values = valuesOf(options).filter(([, value]) => value !== undefined);
  return [
    ...values.map(([option, value = ""]) => directive(option, value)),
    ...(containersPerNode === undefined ? [] : [`#SBATCH --ntasks-per-node=${containersPerNode}`]),
    ...extraLines.filter((line) => line.startsWith(SBATCH)),
  ];
}

/** The commands among the extra lines. */
export function commandsOf({ extraLines = [] }: SlurmOptions): readonly string[] {
  return extraLines.filter((line) => !line.startsWith(SBATCH));
}

/** The line of a script with which `option` gets `value`, which may hold all but control characters. */
export function directive(option: string, value: string): string {
  // So sbatch reads it back: within quotes it takes no other character for its own.
  return `#SBATCH --${option}="${value.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Whether `text` is one line of a script, whatever stands in it. */
export function isOneLine(text: string): boolean {
  return !/\p{Cc}|[\u2028\u2029]/u.test(text);
}

function valuesOf(options: SlurmOptions): readonly (readonly [string, string | undefined])[] {
  return [
    ["partition", options.partition],
    ["account", options.account],
    ["qos", options.qos],
    ["constraint", options.constraint],
    ["reservation", options.reservation],
    ["gres", options.gres],
    ["exclude", options.exclude],
    ["time", options.timeLimit],
    ["mail-user", options.mailUser],
    ["mail-type", options.mailType],
  ];
}

function faultsOf(options: SlurmOptions): string[] {
  const { extraLines = [], containersPerNode } = options;
  const words = [...valuesOf(options), ["job-name", options.jobName] as const];
  const tooMany = `extra lines: found ${extraLines.length}, expected at most ${LINES_MAX}`;
  return [
    ...words.flatMap(([name, value]) => value === undefined ? [] : wordFaults(name, value)),
    ...(extraLines.length > LINES_MAX ? [tooMany] : extraLines.flatMap(lineFaults)),
    ...countFaults("containers a node", containersPerNode),
  ];
}

function wordFaults(name: string, value: string): string[] {
  if (value !== "" && value.length <= VALUE_LENGTH_MAX && isOneLine(value)) return [];
  const expected = `1 to ${VALUE_LENGTH_MAX} characters on one line`;
  return [`${name}: found ${JSON.stringify(value)}, expected ${expected}`];
}

function lineFaults(line: string): string[] {
  const faults = wordFaults("extra line", line);
  if (faults.length > 0 || !line.startsWith("#SBATCH")) return faults;
  const [, name] = /^#SBATCH +(--[a-z0-9][a-z0-9-]*|-[A-Za-z])/.exec(line) ?? [];
  const found = `extra line: found ${JSON.stringify(line)}`;
  if (name === undefined) return [`${found}, expected an option of sbatch behind "#SBATCH "`];
  return OWN_SBATCH_OPTIONS.has(name) ? [`${found}, which heron-bin sets itself`] : [];
}

function countFaults(what: string, count: number | undefined): string[] {
  if (count === undefined || (Number.isSafeInteger(count) && count >= 1)) return [];
  return [`${what}: found ${count}, expected a whole number from 1`];
}
