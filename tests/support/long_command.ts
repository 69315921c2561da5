/** The front of the long commands: `--help`, and faults in their arguments told in a line. */

/** Exit code of a command that could not be read. */
const EXIT_USAGE = 2;

/** A command: what it takes, how that is read, and what it does. */
export interface LongCommand<Command> {
  readonly usage: string;
  /** @throws Error that says what is wrong with the arguments */
  read(): Command;
  /** Returns the exit code. */
  run(command: Command): Promise<number>;
}

/** Runs it with the arguments of the process; returns the exit code. */
export async function runLongCommand<Command>(
  { usage, read, run }: LongCommand<Command>,
  args: readonly string[] = process.argv.slice(2),
): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(usage);
    return 0;
  }
  let command: Command;
  try {
    command = read();
  } catch (thrown) {
    console.error(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${usage}`);
    return EXIT_USAGE;
  }
  return await run(command);
}
