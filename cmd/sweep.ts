/** `heron-bin sweep`: kills what a container left behind on this machine. Its scheduler is elsewhere. */

import { HeronError, systemClock } from "../src/base/mod.ts";
import { decodeSweep, SWEEP_VARIABLE, sweepProcesses } from "../src/scheduler/mod.ts";
import { type CommandSpec, parseFlags } from "./flags.ts";

/** Kills what the variable says; resolves when it is gone. */
export async function sweepCommand(argv: readonly string[]): Promise<number> {
  const spec: CommandSpec = {
    name: "sweep",
    summary:
      `Kill the processes that a container left on this machine.\n\nA scheduler starts it and says by ${SWEEP_VARIABLE} which they are.`,
    exitCodes: [0, 2, 5],
  };
  const parsing = await parseFlags(spec, argv);
  if (parsing.type === "help") {
    console.log(parsing.text);
    return 0;
  }
  const text = process.env[SWEEP_VARIABLE];
  if (text === undefined) {
    throw new HeronError("usage", `Kill processes: found no ${SWEEP_VARIABLE}, expected it set`);
  }
  await sweepProcesses(decodeSweep(text), systemClock);
  return 0;
}
