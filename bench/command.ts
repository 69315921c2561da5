/** The command line of the bench, read and checked. Pure but for the defaults' paths. */

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Mode } from "./workloads.ts";

/** What the bench is asked. */
export interface BenchCommand {
  /** Names of workloads; none: all. */
  readonly names: readonly string[];
  readonly seconds: number;
  readonly warmupS: number;
  readonly runs: number;
  readonly mode: Mode | undefined;
  /** Tuples a second of the latency workload. */
  readonly rate: number;
  /** How often a process is killed, and how often a topology is started, in one run. */
  readonly kills: number;
  readonly starts: number;
  /** Variants that are measured in turn: binaries, and settings of the topology on top. */
  readonly variants: readonly Variant[];
  /** The two of them at the same time, each standing still while the other runs. */
  readonly isPaired: boolean;
  /** Arguments for the topologies. */
  readonly arguments: readonly string[];
  /** Where the JSON lines go. */
  readonly jsonFile: string | undefined;
  readonly isSmoke: boolean;
  readonly withControl: boolean;
  readonly withStrace: boolean;
  /** Where profiles go; undefined: there are none. */
  readonly profileFolder: string | undefined;
  /** The folder with the runners of the others; undefined: they are not run. */
  readonly peersFolder: string | undefined;
  readonly isHelp: boolean;
}

/** One of what is compared. */
export interface Variant {
  readonly name: string;
  readonly binary: string;
  /** `set:KEY=VALUE`, for the topology. */
  readonly settings: readonly string[];
}

/** What the bench takes. */
export const USAGE = `bun run bench [names] [options]
  --seconds N        the window, 10            --warmup N     before it, 5
  --runs N           of each workload, 5       --json FILE    a JSON line a run
  --mode amo|alo     in place of the workload's own
  --rate N           tuples/s of latency, 10000
  --kills N          of each role in recovery, 50
  --starts N         in start, 10
  --per-call N       tuples that a full-speed spout emits in one call, 1
  --wait HOW         how the spout of latency waits: sleep (default), spin, turns
  --set KEY=VALUE    in the config of the topologies; repeatable
  --binary PATH      dist/heron-bin
  --against PATH     a second binary, measured in turn with the first
  --against-set KEY=VALUE   the same binary with another setting, measured in turn; repeatable
  --paired           both at the same time, in turn within each second: tells 2 % apart
  --no-control       without the C control
  --profile FOLDER   a binary that profiles itself, built for it; the profiles go there
  --strace           count the system calls that write, in one short run more
  --peers            Storm and Flink too        --peers-folder PATH   where their runners are
  --smoke            everything once, short and small: does it work at all?`;

const OPTIONS = {
  "seconds": { type: "string" },
  "warmup": { type: "string" },
  "runs": { type: "string" },
  "json": { type: "string" },
  "mode": { type: "string" },
  "rate": { type: "string", default: "10000" },
  "kills": { type: "string" },
  "starts": { type: "string" },
  "per-call": { type: "string" },
  "wait": { type: "string" },
  "set": { type: "string", multiple: true },
  "binary": { type: "string" },
  "against": { type: "string" },
  "against-set": { type: "string", multiple: true },
  "paired": { type: "boolean", default: false },
  "no-control": { type: "boolean", default: false },
  "strace": { type: "boolean", default: false },
  "profile": { type: "string" },
  "peers": { type: "boolean", default: false },
  "peers-folder": { type: "string" },
  "smoke": { type: "boolean", default: false },
  "help": { type: "boolean", short: "h", default: false },
} as const;

/** Paths that the command line need not name. */
export interface DefaultPaths {
  readonly binary: string;
  /** Undefined: there is no such folder. */
  readonly peersFolder: string | undefined;
}

/**
 * Reads the command line.
 * @throws RangeError or TypeError for one that makes no sense
 */
export function readCommand(argv: readonly string[], defaults: DefaultPaths): BenchCommand {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    allowPositionals: true,
  });
  const isSmoke = values.smoke;
  const number = (name: "seconds" | "warmup" | "runs" | "kills" | "starts", byDefault: number) =>
    values[name] === undefined ? byDefault : readNumber(name, values[name]);
  const isPeersAsked = values.peers || values["peers-folder"] !== undefined;
  if (isPeersAsked && values["peers-folder"] === undefined && defaults.peersFolder === undefined) {
    throw new RangeError(
      "Read --peers: expected --peers-folder, a folder with runners storm/run and flink/run",
    );
  }
  const isCompared = values.against !== undefined || values["against-set"] !== undefined;
  if (values.paired && !isCompared) {
    throw new RangeError(
      "Read --paired: expected --against or --against-set, the other of the pair",
    );
  }
  const argument = (name: "per-call" | "wait"): string[] =>
    values[name] === undefined ? [] : [`${name}=${values[name]}`];
  return {
    names: positionals,
    seconds: number("seconds", isSmoke ? 1 : 10),
    warmupS: number("warmup", isSmoke ? 0.5 : 5),
    runs: number("runs", isSmoke ? 1 : 5),
    mode: readMode(values.mode),
    rate: readNumber("rate", values.rate),
    kills: number("kills", isSmoke ? 2 : 50),
    starts: number("starts", isSmoke ? 2 : 10),
    variants: readVariants({
      binary: resolve(values.binary ?? defaults.binary),
      against: values.against === undefined ? undefined : resolve(values.against),
      settings: values.set ?? [],
      otherSettings: values["against-set"] ?? [],
    }),
    isPaired: values.paired,
    arguments: [
      ...argument("per-call"),
      ...argument("wait"),
      ...(values.profile === undefined ? [] : [`profile=${resolve(values.profile)}`]),
    ],
    jsonFile: values.json,
    isSmoke,
    withControl: !values["no-control"],
    withStrace: values.strace,
    profileFolder: values.profile === undefined ? undefined : resolve(values.profile),
    peersFolder: isPeersAsked
      ? resolve(values["peers-folder"] ?? defaults.peersFolder ?? "")
      : undefined,
    isHelp: values.help,
  };
}

interface VariantOptions {
  readonly binary: string;
  readonly against: string | undefined;
  readonly settings: readonly string[];
  readonly otherSettings: readonly string[];
}

function readVariants(options: VariantOptions): Variant[] {
  const { against, binary, otherSettings, settings } = options;
  for (const one of [...settings, ...otherSettings]) {
    if (!/^[^=]+=/.test(one)) throw new RangeError(`Read setting "${one}": expected KEY=VALUE`);
  }
  const first = { name: "new", binary, settings: settings.map((one) => `set:${one}`) };
  if (against === undefined && otherSettings.length === 0) return [{ ...first, name: "" }];
  const others = otherSettings.map((one) => `set:${one}`);
  return [first, {
    name: "against",
    binary: against ?? binary,
    settings: [...first.settings, ...others],
  }];
}

function readMode(text: string | undefined): Mode | undefined {
  if (text === undefined || text === "amo" || text === "alo") return text;
  throw new RangeError(`Read --mode: found "${text}", expected amo or alo`);
}

function readNumber(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new RangeError(`Read --${name}: found "${text}", expected a number above 0`);
}
