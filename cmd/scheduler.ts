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
      const { findOwner, findScheduler, loadSchedulerRole, takeJobEpoch } = await import(
        "./wiring.ts"
      );
      const { jobFile, clock } = options;
      const epoch = await takeJobEpoch(jobFile, clock);
      const runScheduler = await loadSchedulerRole();
      await runScheduler({
        ...options,
        command: selfCommand(),
        scheduler: await findScheduler({
          jobFile,
          clock,
          variables: process.env,
          sweepCommand: [...selfCommand(), "sweep"],
        }),
        owner: await findOwner({
          jobFile,
          epoch,
          clock,
          pipes: () => ({ input: Bun.stdin.stream(), output: Bun.stdout.writer({}) }),
          onTerminate: (listener) => void process.on("SIGTERM", listener),
        }),
        epoch,
      });
    },
  } satisfies RoleSpec,
);

/** Runs the role. */
export function schedulerCommand(argv: readonly string[]): Promise<number> {
  return runRole(SPEC, argv);
}
