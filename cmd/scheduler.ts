/** `heron-bin scheduler`: the scheduler of one topology. */

import { type RoleSpec, runRole } from "./roles.ts";

const SPEC: RoleSpec = Object.freeze(
  {
    name: "scheduler",
    summary: "Scheduler: starts, watches and stops the containers of one topology.",
    flags: [],
    async start(options) {
      const { runScheduler } = await import("../src/scheduler/mod.ts");
      await runScheduler(options);
    },
  } satisfies RoleSpec,
);

/** Runs the role. */
export function schedulerCommand(argv: readonly string[]): Promise<number> {
  return runRole(SPEC, argv);
}
