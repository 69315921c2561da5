/** `heron-bin help`: the list of commands, the help of one, the exit codes, the error codes. */

import { type CommandTable, listCommands } from "./command_table.ts";
import { errorCodesHelp } from "./error_codes.ts";
import { exitCodesHelp } from "./exit_codes.ts";
import { type CommandSpec, parseFlags, unknownCommand } from "./flags.ts";

/** What `heron-bin help` takes. */
export const HELP_SPEC: CommandSpec = Object.freeze({
  name: "help",
  summary: "Show the commands, the help of one of them, the exit codes or the error codes.",
  positionals: [{ name: "[topic]", description: 'a command, "errors" or "exit-codes"' }],
  exitCodes: [0, 2],
});

/** Prints the help that is asked for. */
export async function helpCommand(
  argv: readonly string[],
  commands: CommandTable,
): Promise<number> {
  const parsing = await parseFlags(HELP_SPEC, argv);
  if (parsing.type === "help") {
    console.log(parsing.text);
    return 0;
  }
  const [topic] = parsing.flags.positionals;
  if (topic === undefined) {
    console.log(overview(commands));
    return 0;
  }
  if (topic === "exit-codes") {
    console.log(exitCodesHelp());
    return 0;
  }
  if (topic === "errors") {
    console.log(errorCodesHelp());
    return 0;
  }
  const entry = commands.get(topic);
  if (entry === undefined) {
    throw await unknownCommand(topic, [...commands.keys(), "errors", "exit-codes"]);
  }
  return (await entry.load())(["--help"], commands);
}

function overview(commands: CommandTable): string {
  return `heron-bin runs topologies of spouts and bolts, Twitter Heron's way, from one binary.

Usage: heron-bin <command> [options]

${listCommands(commands, "user")}
"heron-bin <command> --help" shows what a command takes, "heron-bin help exit-codes" how it may end,
"heron-bin help errors" what each error code means.
`;
}
