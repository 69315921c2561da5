/**
 * The name of whoever calls heron-bin. What `node:os` says is Bun's: the variable USER, or "unknown"
 * where there is none, as in a cron job.
 */

import { userInfo } from "node:os";

/** What the user is looked up in. */
export interface UserNameSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The name that the system has for the user of this process; undefined: it has none. */
  systemName(): string | undefined;
  readonly userId: number;
}

/** The user's name: USER, else LOGNAME, else what the system says, else the number. */
export function userName(sources: UserNameSources = ofThisProcess()): string {
  const { USER = "", LOGNAME = "" } = sources.environment;
  if (USER !== "") return USER;
  return LOGNAME === "" ? sources.systemName() ?? String(sources.userId) : LOGNAME;
}

function ofThisProcess(): UserNameSources {
  return { environment: process.env, systemName, userId: userInfo().uid };
}

/** It may be in a directory of the site, so the system's own command is asked. */
function systemName(): string | undefined {
  if (Bun.which("id") === null) return undefined;
  const { exitCode, stdout } = Bun.spawnSync(["id", "-un"], { stderr: "ignore" });
  const name = stdout.toString().trim();
  return exitCode === 0 && name !== "" ? name : undefined;
}
