/** `heron-bin tm`: the topology master. */

import { type RoleSpec, runRole } from "./roles.ts";

const SPEC: RoleSpec = Object.freeze(
  {
    name: "tm",
    summary: "Topology master: makes the physical plan of a topology and knows who is alive.",
    flags: ["--container", "--incarnation"],
    isAlwaysAwake: true,
    async start(options) {
      const { runTm } = await import("../src/tm/mod.ts");
      const { findStateManager } = await import("./wiring.ts");
      await runTm({ ...options, openState: (root) => findStateManager(root, options.clock) });
    },
  } satisfies RoleSpec,
);

/** Runs the role. */
export function tmCommand(argv: readonly string[]): Promise<number> {
  return runRole(SPEC, argv);
}
