/** `heron-bin stmgr`: a stream manager. */

import { type RoleSpec, runRole } from "./roles.ts";

const SPEC: RoleSpec = Object.freeze(
  {
    name: "stmgr",
    summary:
      "Stream manager: carries the tuples between the tasks of its container and the others.",
    flags: ["--container", "--incarnation"],
    async start(options) {
      const { runStmgr } = await import("../src/stmgr/mod.ts");
      const { findStateManager } = await import("./wiring.ts");
      await runStmgr({ ...options, openState: (root) => findStateManager(root, options.clock) });
    },
  } satisfies RoleSpec,
);

/** Runs the role. */
export function stmgrCommand(argv: readonly string[]): Promise<number> {
  return runRole(SPEC, argv);
}
