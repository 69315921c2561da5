/** The kinds of value that only keys of Slurm have: time limits, options of sbatch, networks. */

import { isIP } from "node:net";
import { durationMsOf, durationText } from "../base/mod.ts";
import { type Kind, listKind, textKind } from "./value_kinds.ts";

const MINUTE_MS = 60_000;
const YEAR_MINUTES = 366 * 24 * 60;

/** What sbatch takes for `--mail-type`. */
const MAIL_TYPES: readonly string[] = Object.freeze([
  "NONE",
  "BEGIN",
  "END",
  "FAIL",
  "REQUEUE",
  "ALL",
  "INVALID_DEPEND",
  "STAGE_OUT",
  "TIME_LIMIT",
  "TIME_LIMIT_90",
  "TIME_LIMIT_80",
  "TIME_LIMIT_50",
]);

/** Options of sbatch that have a key of their own. */
const KEY_OF_OPTION: Readonly<Record<string, string>> = Object.freeze({
  "--partition": "partition",
  "-p": "partition",
  "--account": "account",
  "-A": "account",
  "--qos": "qos",
  "-q": "qos",
  "--constraint": "constraint",
  "-C": "constraint",
  "--reservation": "reservation",
  "--gres": "gres",
  "--exclude": "exclude",
  "-x": "exclude",
  "--time": "time.limit",
  "-t": "time.limit",
  "--job-name": "job.name",
  "-J": "job.name",
  "--mail-user": "mail.user",
  "--mail-type": "mail.type",
});

/** Options of sbatch that heron-bin gives itself, from the packing plan or because it lives by them. */
const OWN_OPTIONS: ReadonlySet<string> = new Set([
  "--array",
  "-a",
  "--chdir",
  "-D",
  "--cpus-per-task",
  "-c",
  "--error",
  "-e",
  "--export",
  "--mem",
  "--mem-per-cpu",
  "--no-kill",
  "-k",
  "--no-requeue",
  "--nodes",
  "-N",
  "--ntasks",
  "-n",
  "--ntasks-per-node",
  "--open-mode",
  "--output",
  "-o",
  "--parsable",
  "--requeue",
  "--test-only",
  "--wait",
  "-W",
  "--wrap",
]);

/** How long a job may run: a duration, or as Slurm writes it; at least a minute. */
export const TIME_LIMIT: Kind<number> = {
  name: "time limit",
  unit: "ms",
  variables: "none",
  read(raw) {
    const text = typeof raw === "number" ? String(raw) : raw;
    const ms = typeof text === "string" ? durationMsOf(text) ?? slurmTimeMs(text) : undefined;
    if (ms !== undefined && ms >= MINUTE_MS && ms <= YEAR_MINUTES * MINUTE_MS) return { value: ms };
    return {
      expected: 'a time from one minute to a year: "90m", "12h", or as Slurm writes it, ' +
        "minutes, hours:minutes:seconds, days-hours:minutes:seconds",
    };
  },
  show: durationText,
};

/** The name of a network interface. */
export const INTERFACE: Kind<string> = textKind(
  "interface",
  'the name of a network interface, such as "ib0"',
  (text) => /^[\w.@:][\w.@:-]{0,14}$/.test(text),
);

/** A network, as CIDR. */
export const NETWORK: Kind<string> = textKind(
  "network",
  'a network as address/bits, such as "10.1.0.0/16"',
  isNetwork,
);

/** Words of `--mail-type`. */
export const MAIL_TYPE_LIST: Kind<readonly string[]> = listKind(
  textKind("mail type", `one of ${MAIL_TYPES.join(", ")}`, (text) => MAIL_TYPES.includes(text)),
  { divider: /,/, isGathered: false },
);

/** Options of sbatch that heron-bin has no key for. */
export const SBATCH_OPTIONS: Kind<readonly string[]> = sbatchOptions();

function sbatchOptions(): Kind<readonly string[]> {
  const option = textKind("option", "", () => true);
  return listKind({
    ...option,
    // What sbatch says may hold anything, so also what looks like a variable.
    variables: "none",
    read(raw) {
      const text = typeof raw === "string" ? raw.trim() : "";
      const isOption = /^--?[A-Za-z][\x20-\x7e]*$/.test(text);
      const expected = isOption ? otherPlaceOf(text) : 'an option of sbatch, such as "--exclusive"';
      return expected === undefined ? { value: text } : { expected };
    },
  }, { isGathered: true });
}

/** What is to be done in place of an option that is not for this list. */
function otherPlaceOf(option: string): string | undefined {
  const [, name = ""] = /^(--[^=\s]+|-.)/.exec(option) ?? [];
  const key = KEY_OF_OPTION[name];
  if (key !== undefined) return `another than ${name}, which has the key "scheduler.slurm.${key}"`;
  return OWN_OPTIONS.has(name) ? `another than ${name}, which heron-bin sets itself` : undefined;
}

function isNetwork(text: string): boolean {
  const [, address = "", bits] = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128);
}

/** The key of Slurm's that does what the option `--name` of sbatch does. */
export function keyOfOption(name: string): string | undefined {
  const option = `--${name}`;
  return Object.hasOwn(KEY_OF_OPTION, option) ? KEY_OF_OPTION[option] : undefined;
}

/** The forms of Slurm's `--time`: M, M:S, H:M:S, D-H, D-H:M, D-H:M:S. */
function slurmTimeMs(text: string): number | undefined {
  const match = /^(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, days, ...given] = match;
  const [first = 0, second, third] = given.map((part) => part === undefined ? part : Number(part));
  const isFromHours = days !== undefined || third !== undefined;
  const [hours, minutes, seconds] = isFromHours
    ? [first, second ?? 0, third ?? 0]
    : [0, first, second ?? 0];
  return ((Number(days ?? 0) * 24 + hours) * 60 + minutes) * MINUTE_MS + seconds * 1000;
}
