/**
 * Entry of the binary, of all its roles and of their threads. Imports next to
 * nothing itself: a role loads its own part when it is called.
 */

import { VERSION } from "./version.ts";

/** What people enter in place of a subcommand. */
const ALIASES: Readonly<Record<string, string>> = {
  "--help": "help",
  "-h": "help",
  "--version": "version",
  "-v": "version",
};

async function runSubcommand(argv: readonly string[]): Promise<number> {
  const { COMMANDS } = await import("./commands.ts");
  const [given = "help", ...rest] = argv;
  const name = ALIASES[given] ?? given;
  const entry = COMMANDS.get(name);
  if (entry !== undefined) return (await entry.load())(rest, COMMANDS);
  const { unknownCommand } = await import("./flags.ts");
  const listed = [...COMMANDS].filter(([, { kind }]) => kind !== "internal");
  throw await unknownCommand(name, listed.map(([known]) => known));
}

async function reportFailure(thrown: unknown): Promise<number> {
  const { HeronError } = await import("../src/base/mod.ts");
  if (thrown instanceof HeronError) {
    console.error(`heron-bin: ${thrown.message}`);
    return thrown.exitCode;
  }
  console.error("heron-bin: a defect of heron-bin itself:", thrown);
  return new HeronError("internal", "").exitCode;
}

async function runMain(): Promise<void> {
  let exitCode: number;
  try {
    exitCode = await runSubcommand(process.argv.slice(2));
  } catch (thrown) {
    exitCode = await reportFailure(thrown);
  }
  process.exit(exitCode);
}

/** A thread of this binary: the watch of the define process, or an instance's executor. */
async function runThread(): Promise<void> {
  if (process.argv[2] === "define") {
    const { watchLifeLine } = await import("./life_line.ts");
    return watchLifeLine();
  }
  const { hideOwnOptions } = await import("./own_options.ts");
  hideOwnOptions();
  const { runExecutorThread } = await import("../src/instance/executor/thread.ts");
  runExecutorThread();
}

if (!Bun.isMainThread) {
  void runThread();
} else if (process.argv[2] === "version" && process.argv.length === 3) {
  // The quick way: nothing else is imported.
  console.log(`heron-bin ${VERSION}`);
} else {
  void runMain();
}
