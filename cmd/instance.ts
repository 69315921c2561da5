/** `heron-bin instance`: one task of user code. */

import { hideOwnOptions } from "./own_options.ts";
import { type RoleSpec, runRole } from "./roles.ts";

const SPEC: RoleSpec = Object.freeze(
  {
    name: "instance",
    summary: "Instance: runs one task of user code.",
    flags: ["--container", "--task", "--component", "--index", "--incarnation"],
    async start(options) {
      hideOwnOptions();
      const { runInstance } = await import("../src/instance/mod.ts");
      await runInstance(options);
    },
  } satisfies RoleSpec,
);

/** Runs the role. */
export function instanceCommand(argv: readonly string[]): Promise<number> {
  return runRole(SPEC, argv);
}
