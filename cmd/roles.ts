/** `heron-bin roles`, and what all roles share: their flags and their start. */

import {
  type Clock,
  collectNowAndThen,
  HeronError,
  type Random,
  systemClock,
  systemRandom,
} from "../src/base/mod.ts";
import { type CommandTable, listCommands } from "./command_table.ts";
import { type CommandSpec, parseFlags } from "./flags.ts";

/** What a role is started with. */
export interface RoleOptions {
  /** Absolute path of the job record. */
  readonly jobFile: string;
  /** 0: the topology master's. */
  readonly container: number;
  /** 0: not an instance. */
  readonly task: number;
  /** Empty: not an instance. */
  readonly component: string;
  /** The place of the task in its component, from 0. */
  readonly index: number;
  readonly incarnation: { readonly epoch: number; readonly counter: number };
  readonly clock: Clock;
  readonly random: Random;
  /** Ends the process. */
  exit(code: number): never;
}

/** Flags that roles have. */
export type RoleFlag = "--container" | "--task" | "--component" | "--index" | "--incarnation";

/** What a role's subcommand takes. */
export interface RoleSpec {
  readonly name: string;
  readonly summary: string;
  /** Its flags besides `--job`; all must be given. */
  readonly flags: readonly RoleFlag[];
  /** It does a little all the time, and knows no rest in which it could collect its garbage. */
  readonly isAlwaysAwake?: boolean;
  /** Starts the role; resolves when it is up, or when it has ended. */
  start(options: RoleOptions): Promise<void> | void;
}

const EXIT_CODES: readonly number[] = Object.freeze([0, 2, 4, 5, 6, 70]);

const FLAGS: Readonly<Record<RoleFlag, { readonly value: string; readonly description: string }>> =
  Object.freeze({
    "--container": { value: "<number>", description: "its container" },
    "--task": { value: "<number>", description: "its task" },
    "--component": { value: "<name>", description: "the component of the task" },
    "--index": { value: "<number>", description: "which task of the component, from 0" },
    "--incarnation": { value: "<epoch.counter>", description: "which life of it this is" },
  });

/** Lists the roles. */
export async function rolesCommand(
  argv: readonly string[],
  commands: CommandTable,
): Promise<number> {
  const spec: CommandSpec = {
    name: "roles",
    summary: "List the roles in which heron-bin starts itself. Nobody else needs to.",
    exitCodes: [0, 2],
  };
  const parsing = await parseFlags(spec, argv);
  console.log(parsing.type === "help" ? parsing.text : listCommands(commands, "role"));
  return 0;
}

/**
 * Runs a role until it ends the process itself. Its flags are written by
 * heron-bin: they are read without the library, which would cost each start.
 */
export async function runRole(spec: RoleSpec, argv: readonly string[]): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    const parsing = await parseFlags(helpSpec(spec), ["--help"]);
    if (parsing.type === "help") console.log(parsing.text);
    return 0;
  }
  const options = readRoleOptions(spec, argv);
  if (spec.isAlwaysAwake === true) collectNowAndThen(options.clock, () => Bun.gc(true));
  await spec.start(options);
  // The role's sockets and timers keep the process alive; it ends by `exit`.
  return new Promise(() => {});
}

/**
 * Reads the flags of a role.
 * @throws HeronError `usage`
 */
export function readRoleOptions(spec: RoleSpec, argv: readonly string[]): RoleOptions {
  const expected = ["--job", ...spec.flags];
  const values = new Map<string, string>();
  for (let at = 0; at < argv.length; at += 2) {
    const [flag = "", value] = argv.slice(at, at + 2);
    if (!expected.includes(flag) || value === undefined || values.has(flag)) {
      throw usageError(spec, `found "${argv.slice(at, at + 2).join(" ")}"`);
    }
    values.set(flag, value);
  }
  const missing = expected.filter((flag) => !values.has(flag));
  if (missing.length > 0) throw usageError(spec, `${missing.join(" and ")} is missing`);
  const [epoch = "0", counter = "0"] = (values.get("--incarnation") ?? "0.0").split(".");
  return Object.freeze({
    jobFile: values.get("--job") ?? "",
    container: readNumber(spec, values.get("--container") ?? "0"),
    task: readNumber(spec, values.get("--task") ?? "0"),
    component: values.get("--component") ?? "",
    index: readNumber(spec, values.get("--index") ?? "0"),
    incarnation: Object.freeze({
      epoch: readNumber(spec, epoch),
      counter: readNumber(spec, counter),
    }),
    clock: systemClock,
    random: systemRandom(),
    // The real one: user code that runs in this thread may be kept from it later.
    exit: process.exit.bind(process),
  });
}

function readNumber(spec: RoleSpec, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw usageError(spec, `found "${text}" in place of a number`);
}

function usageError(spec: RoleSpec, found: string): HeronError {
  const flags = spec.flags.map((flag) => ` ${flag} ${FLAGS[flag].value}`).join("");
  return new HeronError(
    "usage",
    `Start role "${spec.name}": ${found}, expected "heron-bin ${spec.name} --job <file>${flags}"`,
  );
}

function helpSpec(spec: RoleSpec): CommandSpec {
  const flags = spec.flags.map((flag) => ({
    flag: `${flag} ${FLAGS[flag].value}`,
    description: FLAGS[flag].description,
  }));
  return {
    name: spec.name,
    summary: `${spec.summary}\n\nA role: heron-bin starts it itself, under "heron-bin run".`,
    flags: [{ flag: "--job <file>", description: "the job record of the topology" }, ...flags],
    exitCodes: EXIT_CODES,
  };
}
