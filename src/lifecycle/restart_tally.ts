/** Counts the processes of a run that ended and were started again, for its summary. */

import { Role } from "../base/gen/heron_bin/packet_pb.ts";
import { HeronError } from "../base/mod.ts";
import type { RunFailure } from "./run_failure.ts";

/** Names of roles as their subcommands have them. */
const NAMES: ReadonlyMap<Role, string> = new Map([
  [Role.CONTAINER, "container"],
  [Role.TM, "tm"],
  [Role.STMGR, "stmgr"],
  [Role.METRICSMGR, "metricsmgr"],
  [Role.INSTANCE, "instance"],
]);

const USER_CODE_EXIT = new HeronError("user_code", "").exitCode;

/** What was started again in one run. */
export class RestartTally {
  readonly #byRole = new Map<string, number>();
  readonly #userFailures = new Map<string, number>();
  #firstUserFailure: RunFailure | undefined;

  /** A process ended and is started again. */
  add(failure: RunFailure): void {
    const party = failure.exited?.party;
    const role = NAMES.get(party?.role ?? Role.UNSPECIFIED) ?? "other";
    this.#byRole.set(role, (this.#byRole.get(role) ?? 0) + 1);
    if (new HeronError(failure.code, "").exitCode !== USER_CODE_EXIT) return;
    const id = party?.id ?? "";
    this.#userFailures.set(id, (this.#userFailures.get(id) ?? 0) + 1);
    this.#firstUserFailure ??= failure;
  }

  /** Restarts by role, the largest number first. */
  get byRole(): readonly (readonly [role: string, restarts: number])[] {
    return [...this.#byRole].sort(([, a], [, b]) => b - a);
  }

  /** The first time that user code failed and its task was started again. */
  get firstUserFailure(): RunFailure | undefined {
    return this.#firstUserFailure;
  }

  /** How often user code failed so. */
  get userFailures(): number {
    return [...this.#userFailures.values()].reduce((sum, count) => sum + count, 0);
  }

  /** In how many tasks. */
  get userFailureTasks(): number {
    return this.#userFailures.size;
  }
}
