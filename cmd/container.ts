/** `heron-bin container`: a container's supervisor. */

import { type RoleSpec, runRole } from "./roles.ts";
import { selfCommand } from "./self.ts";

const SPEC: RoleSpec = Object.freeze(
  {
    name: "container",
    summary: "Container: starts, watches and stops the processes of one container.",
    flags: ["--container", "--incarnation"],
    isAlwaysAwake: true,
    async start(options) {
      const [{ runContainer }, { findTaskVariables, takeJobEpoch }] = await Promise.all([
        import("../src/container/mod.ts"),
        import("./wiring.ts"),
      ]);
      const epoch = await takeJobEpoch(options.jobFile, options.clock);
      await runContainer({
        ...options,
        command: selfCommand(),
        taskVariables: await findTaskVariables(process.env),
        epoch,
      });
    },
  } satisfies RoleSpec,
);

/** Runs the role. */
export function containerCommand(argv: readonly string[]): Promise<number> {
  return runRole(SPEC, argv);
}
