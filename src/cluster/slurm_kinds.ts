/**
 * The kinds of value that only keys of Slurm have. What is asked of Slurm becomes a word of a line of
 * a job script: none of these values can hold a quote, a backslash or the end of a line.
 */

import { isIP } from "node:net";
import { durationMsOf } from "../base/mod.ts";
import type { Reading } from "../base/config/mod.ts";
import { type Kind, listKind, type RawValue, textKind } from "./value_kinds.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 366 * DAY_MS;
const LINE_LENGTH_MAX = 1000;
const CONTROL_CHARACTER = /\p{Cc}/u;

/** A name of Slurm's, or several. */
export const NAMES: Kind<string> = patternKind(
  "name",
  "a name of letters, digits and _ . , : @ + -, a number in quotes",
  /^[A-Za-z0-9_][A-Za-z0-9_.,:@+-]{0,254}$/,
);

/** Features that nodes must have. */
export const CONSTRAINT: Kind<string> = patternKind(
  "features",
  'features of nodes with & | , * ! ( ) [ ] between them, as in "a100&nvme"',
  /^[A-Za-z0-9_[(!][A-Za-z0-9_.,:@+*!&|()[\]=-]{0,999}$/,
);

/** Generic resources of each node. */
export const RESOURCES: Kind<string> = patternKind(
  "resources",
  'resources with their numbers, as in "gpu:2"',
  /^[A-Za-z0-9_][A-Za-z0-9_.,:()=/-]{0,999}$/,
);

/** Nodes, as Slurm lists them. */
export const NODES: Kind<string> = patternKind(
  "nodes",
  'names of nodes, as in "n1,n[3-5]"',
  /^[A-Za-z0-9_][A-Za-z0-9_.,[\]-]{0,999}$/,
);

/** The name of a job. */
export const JOB_NAME: Kind<string> = patternKind(
  "job name",
  "letters, digits, spaces and _ . , : @ + = / -",
  /^[A-Za-z0-9_][A-Za-z0-9_.,:@+=/ -]{0,199}$/,
);

/** Who gets mail. */
export const MAIL_USER: Kind<string> = patternKind(
  "mail address",
  "a user or a mail address",
  /^[A-Za-z0-9_][A-Za-z0-9_.+%@-]{0,253}$/,
);

/** What sbatch takes for `--mail-type`. */
const MAIL_TYPES: readonly string[] = Object.freeze([
  ...["NONE", "BEGIN", "END", "FAIL", "REQUEUE", "ALL", "INVALID_DEPEND", "STAGE_OUT"],
  ...["TIME_LIMIT", "TIME_LIMIT_90", "TIME_LIMIT_80", "TIME_LIMIT_50"],
]);

/** Words of `--mail-type`. */
export const MAIL_TYPE_LIST: Kind<readonly string[]> = listKind(
  textKind("mail type", `one of ${MAIL_TYPES.join(", ")}`, (text) => MAIL_TYPES.includes(text)),
  { divider: /,/, isGathered: false },
);

/** How long a job may run, in Slurm's own spelling; given so, or as a duration. */
export const TIME_LIMIT: Kind<string> = {
  name: "time limit",
  variables: "none",
  read: readTimeLimit,
  show: (value) => value,
};

/** The name of a network interface. */
export const INTERFACE: Kind<string> = patternKind(
  "interface",
  'the name of a network interface, such as "ib0"',
  /^[\w.@:][\w.@:-]{0,14}$/,
);

/** A network, as CIDR. */
export const NETWORK: Kind<string> = textKind(
  "network",
  'a network as address/bits, such as "10.1.0.0/16"',
  isNetwork,
);

/** Lines of the job script: options of sbatch that have no key, or commands. */
export const EXTRA_LINES: Kind<readonly string[]> = listKind({
  name: "line",
  // They are the shell's to read, with what looks like a variable.
  variables: "none",
  read: readLine,
  show: (value) => value,
}, { isGathered: true });

/** Options of sbatch that have a key of their own. */
const KEY_OF_OPTION: Readonly<Record<string, string>> = Object.freeze({
  ...{ "--partition": "partition", "-p": "partition", "--account": "account", "-A": "account" },
  ...{ "--qos": "qos", "-q": "qos", "--constraint": "constraint", "-C": "constraint" },
  ...{ "--reservation": "reservation", "--gres": "gres", "--exclude": "exclude", "-x": "exclude" },
  ...{ "--time": "time.limit", "-t": "time.limit", "--job-name": "job.name", "-J": "job.name" },
  ...{ "--mail-user": "mail.user", "--mail-type": "mail.type" },
});

/** Options of sbatch that heron-bin gives itself: it lives by them, or the packing plan says them. */
export const OWN_SBATCH_OPTIONS: ReadonlySet<string> = new Set([
  ...["--array", "-a", "--begin", "-b", "--chdir", "-D", "--comment", "--cpus-per-task", "-c"],
  ...["--error", "-e", "--export", "--get-user-env", "--input", "-i", "--kill-on-invalid-dep"],
  ...["--mem", "--mem-per-cpu", "--mem-per-gpu", "--no-kill", "-k", "--no-requeue", "--nodes"],
  ...["-N", "--ntasks", "-n", "--ntasks-per-node", "--open-mode", "--output", "-o", "--parsable"],
  ...["--requeue", "--wait", "-W", "--wrap"],
]);

/** The key of Slurm's that does what the option `--name` of sbatch does. */
export function keyOfOption(name: string): string | undefined {
  const option = `--${name}`;
  return Object.hasOwn(KEY_OF_OPTION, option) ? KEY_OF_OPTION[option] : undefined;
}

/** The milliseconds of a time limit in Slurm's spelling: M, M:S, H:M:S, D-H, D-H:M, D-H:M:S. */
export function slurmTimeMs(text: string): number | undefined {
  const match = /^(?:(\d{1,6})-)?(\d{1,9})(?::(\d{1,2}))?(?::(\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const [, days, ...given] = match;
  const [first = 0, second, third] = given.map((part) => part === undefined ? part : Number(part));
  const isFromHours = days !== undefined || third !== undefined;
  const [hours, minutes, seconds] = isFromHours
    ? [first, second ?? 0, third ?? 0]
    : [0, first, second ?? 0];
  return Number(days ?? 0) * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS;
}

function patternKind(name: string, expected: string, pattern: RegExp): Kind<string> {
  return textKind(name, expected, (text) => pattern.test(text));
}

function readTimeLimit(raw: RawValue): Reading<string> {
  const text = (typeof raw === "number" ? String(raw) : typeof raw === "string" ? raw : "").trim();
  if (text.toUpperCase() === "UNLIMITED") return { value: "UNLIMITED" };
  const durationMs = durationMsOf(text);
  const ms = durationMs ?? slurmTimeMs(text);
  if (ms !== undefined && ms >= MINUTE_MS && ms <= YEAR_MS) {
    return { value: durationMs === undefined ? text : slurmTime(durationMs) };
  }
  return {
    expected: 'a time from a minute to a year: "90m", "12h", or as Slurm writes it: minutes, ' +
      "hours:minutes:seconds, days-hours:minutes:seconds, UNLIMITED",
  };
}

/** A time in Slurm's spelling, up to the next second. */
function slurmTime(ms: number): string {
  const seconds = Math.ceil(ms / SECOND_MS);
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  const clock = parts.map((part) => String(part).padStart(2, "0")).join(":");
  const days = Math.floor(seconds / (DAY_MS / SECOND_MS));
  return days === 0 ? clock : `${days}-${clock}`;
}

function readLine(raw: RawValue): Reading<string> {
  const isLine = typeof raw === "string" && raw.trim() !== "" && raw.length <= LINE_LENGTH_MAX &&
    raw.isWellFormed() && !CONTROL_CHARACTER.test(raw.replaceAll("\t", " "));
  if (!isLine) return { expected: `one line of at most ${LINE_LENGTH_MAX} printable characters` };
  const [, options] = /^#SBATCH\s+(.*)$/.exec(raw) ?? [];
  if (options === undefined) return { value: raw };
  const plain = options.replaceAll(/"[^"]*"|'[^']*'/g, "");
  for (const [, name = ""] of plain.matchAll(/(?:^|\s)(--[\w-]+|-\w)/g)) {
    const key = KEY_OF_OPTION[name];
    if (key !== undefined) {
      return { expected: `no ${name}: it has the key "scheduler.slurm.${key}"` };
    }
    if (OWN_SBATCH_OPTIONS.has(name)) return { expected: `no ${name}: heron-bin sets it itself` };
  }
  return { value: raw };
}

function isNetwork(text: string): boolean {
  const [, address = "", bits] = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128);
}
