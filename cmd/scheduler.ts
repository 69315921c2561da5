/** `heron-bin scheduler`: the scheduler of one topology. */

import { type RoleSpec, runRole } from "./roles.ts";
import { selfCommand } from "./self.ts";

const SPEC: RoleSpec = Object.freeze(
  {
    name: "scheduler",
    summary: "Scheduler: starts, watches and stops the containers of one topology.",
    flags: [],
    isAlwaysAwake: true,
    async start(options) {
      const { findScheduler, loadSchedulerRole, takeJobEpoch } = await import("./wiring.ts");
      const runScheduler = await loadSchedulerRole();
      await runScheduler({
        ...options,
        command: selfCommand(),
        scheduler: await findScheduler("local", options.clock),
        input: Bun.stdin.stream(),
        output: Bun.stdout.writer({}),
        epoch: await takeJobEpoch(options.jobFile, options.clock),
      });
    },
  } satisfies RoleSpec,
);

/** Runs the role. */
export function schedulerCommand(argv: readonly string[]): Promise<number> {
  return runRole(SPEC, argv);
}
