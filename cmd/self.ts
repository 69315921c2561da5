/** How this program starts itself in another role. */

/** Command line of this program, to which a subcommand and its flags are added. */
export function selfCommand(): readonly string[] {
  // A compiled binary has its code in a file system of its own and is its own first argument.
  const compiled = Bun.main.startsWith("/$bunfs/");
  return compiled ? [process.execPath] : [process.execPath, Bun.main];
}
