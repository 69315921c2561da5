/** What the roles of a run wrote into their logs. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The lines of all logs of the run in `folder` whose name begins with one of `roles`. */
export function logLines(folder: string, roles: readonly string[]): string[] {
  const logs = join(folder, "logs");
  const names = readdirSync(logs)
    .filter((name) => name.endsWith(".log") && roles.some((role) => name.startsWith(role)));
  if (names.length === 0) throw new Error(`Read the logs of ${roles.join(", ")}: there is none`);
  // Of a line that is being written the end is not there yet.
  return names.flatMap((name) => readFileSync(join(logs, name), "utf8").split("\n").slice(0, -1))
    .filter((line) => line !== "");
}

/** Lines which say that, until `untilMs`, a stream manager lost or was refused by somebody. */
export function brokenLinks(folder: string, untilMs: number): string[] {
  return logLines(folder, ["stmgr", "tm"])
    .filter((line) => Date.parse(JSON.parse(line).time) <= untilMs)
    .filter((line) => /disconnected|refused":"[^"]|heartbeat failed|lease lost/.test(line));
}
