/**
 * From argv to typed options. The library behind it is named here only, and
 * imported only when there is something to parse.
 */

import type { Command, CommanderError } from "commander";
import { HeronError } from "../src/base/mod.ts";
import { describeExitCodes } from "./exit_codes.ts";

/** A flag of a subcommand. */
export interface FlagSpec {
  /** As help shows it: `--for <duration>`, `--json`. */
  readonly flag: string;
  readonly description: string;
  /** May be given several times. */
  readonly repeatable?: boolean;
  readonly required?: boolean;
}

/** What a subcommand takes. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** As help shows them: `<file>`, `[args...]`. */
  readonly positionals?: readonly { readonly name: string; readonly description: string }[];
  readonly flags?: readonly FlagSpec[];
  /** Exit codes that it may end with. */
  readonly exitCodes: readonly number[];
  /** Shown at the end of its help. */
  readonly notes?: string;
}

/** What the user gave. */
export interface ParsedFlags {
  readonly positionals: readonly string[];
  /** The value of a flag named like `--for`; undefined when it was not given. */
  text(flag: string): string | undefined;
  isSet(flag: string): boolean;
  /** All values of a repeatable flag. */
  all(flag: string): readonly string[];
}

/** Either the flags, or the help that was asked for. */
export type Parsing =
  | { readonly type: "flags"; readonly flags: ParsedFlags }
  | { readonly type: "help"; readonly text: string };

/**
 * Parses the arguments behind a subcommand's name.
 * @throws HeronError `usage` with the nearest flag, when one is unknown
 */
export async function parseFlags(spec: CommandSpec, argv: readonly string[]): Promise<Parsing> {
  const { CommanderError } = await import("commander");
  const command = await buildCommand(spec);
  try {
    command.parse([...argv], { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.code === "commander.helpDisplayed") {
      return { type: "help", text: command.helpInformation() + endOfHelp(spec) };
    }
    throw usageError(spec.name, thrown);
  }
  return { type: "flags", flags: parsedFlags(command) };
}

/** The error for a subcommand that does not exist, with the nearest one. */
export async function unknownCommand(name: string, known: readonly string[]): Promise<HeronError> {
  const { Command, CommanderError } = await import("commander");
  const program = quiet(new Command("heron-bin"));
  for (const one of known) program.command(one).action(() => {});
  try {
    program.parse([name], { from: "user" });
  } catch (thrown) {
    if (thrown instanceof CommanderError) return usageError("", thrown);
    throw thrown;
  }
  return new HeronError("usage", `Read the command line: unknown command '${name}'`);
}

async function buildCommand(spec: CommandSpec): Promise<Command> {
  const { Command, Option } = await import("commander");
  const command = quiet(new Command(`heron-bin ${spec.name}`)).description(spec.summary);
  command.helpOption("-h, --help", "show this help");
  for (const { name, description } of spec.positionals ?? []) command.argument(name, description);
  if (spec.positionals === undefined) command.allowExcessArguments(false);
  for (const { flag, description, repeatable, required } of spec.flags ?? []) {
    const option = new Option(flag, description);
    if (repeatable === true) {
      option.argParser((value: string, before: readonly string[] = []) => [...before, value]);
    }
    command.addOption(option.makeOptionMandatory(required ?? false));
  }
  return command;
}

// It throws instead of ending the process, and prints nothing itself.
function quiet(command: Command): Command {
  return command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} });
}

function parsedFlags(command: Command): ParsedFlags {
  const valueOf = (flag: string): unknown => {
    const option = command.options.find(({ long }) => long === flag);
    if (option === undefined) throw new TypeError(`The subcommand has no flag "${flag}"`);
    const value: unknown = command.getOptionValue(option.attributeName());
    // `--no-x` is the flag "x", which is true unless it is given.
    return option.negate && value === true ? undefined : value;
  };
  return {
    positionals: command.args,
    text(flag) {
      const value = valueOf(flag);
      return typeof value === "string" ? value : undefined;
    },
    isSet: (flag) => valueOf(flag) !== undefined,
    all(flag) {
      const value = valueOf(flag);
      return Array.isArray(value) ? value.map(String) : [];
    },
  };
}

function usageError(subcommand: string, thrown: CommanderError): HeronError {
  const told = thrown.message.replace(/^error: /, "").replaceAll("\n", " ").trim();
  const help = subcommand === "" ? "heron-bin help" : `heron-bin ${subcommand} --help`;
  return new HeronError("usage", `Read the command line: ${told}; "${help}" shows what there is`);
}

function endOfHelp(spec: CommandSpec): string {
  const notes = spec.notes === undefined ? "" : `\n${spec.notes}\n`;
  return `${notes}\nExit codes:\n${describeExitCodes(spec.exitCodes)}`;
}
