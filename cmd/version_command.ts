/** `heron-bin version` with flags; without any, the entry prints the version itself. */

import { type CommandSpec, parseFlags } from "./flags.ts";
import { VERSION } from "./version.ts";

/** What `heron-bin version` takes. */
export const VERSION_SPEC: CommandSpec = Object.freeze({
  name: "version",
  summary: "Print the version of this binary and the platform it was built for.",
  flags: [{ flag: "--json", description: "print one JSON object" }],
  exitCodes: [0, 2],
});

/** Prints the version. */
export async function versionCommand(argv: readonly string[]): Promise<number> {
  const parsing = await parseFlags(VERSION_SPEC, argv);
  if (parsing.type === "help") {
    console.log(parsing.text);
  } else if (parsing.flags.isSet("--json")) {
    const platform = `${process.platform}-${process.arch}`;
    console.log(JSON.stringify({ version: VERSION, platform, bun: Bun.version }));
  } else {
    console.log(`heron-bin ${VERSION}`);
  }
  return 0;
}
