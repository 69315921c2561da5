/** What a table of subcommands is, and how help lists it. */

/** A subcommand: takes the arguments behind its name and the table, gives the exit code. */
export type Subcommand = (argv: readonly string[], commands: CommandTable) => Promise<number>;

/** `role`: started by heron-bin itself; `internal`: not even listed. */
export type CommandKind = "user" | "role" | "internal";

/** A line of the table. */
export interface CommandEntry {
  readonly summary: string;
  readonly kind: CommandKind;
  load(): Promise<Subcommand>;
}

/** Subcommands by name, in the order of help. */
export type CommandTable = ReadonlyMap<string, CommandEntry>;

/** Name and summary of each subcommand of a kind, as lines for help. */
export function listCommands(commands: CommandTable, kind: CommandKind): string {
  const listed = [...commands].filter(([, entry]) => entry.kind === kind);
  const width = Math.max(...listed.map(([name]) => name.length));
  return listed.map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}\n`).join("");
}
