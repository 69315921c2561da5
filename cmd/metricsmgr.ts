/** `heron-bin metricsmgr`: a metrics manager. */

import { constants, getPriority, setPriority } from "node:os";
import { type RoleSpec, runRole } from "./roles.ts";

/**
 * As `nice` counts. All processes of a container publish within a few milliseconds of each other;
 * tuples go first where there is no processor for both.
 */
const NICENESS = 5;

const SPEC: RoleSpec = Object.freeze(
  {
    name: "metricsmgr",
    summary: "Metrics manager: collects the metrics of its container and writes them to its sinks.",
    flags: ["--container", "--incarnation"],
    isAlwaysAwake: true,
    async start(options) {
      setPriority(Math.min(getPriority() + NICENESS, constants.priority.PRIORITY_LOW));
      const { runMetricsmgr } = await import("../src/metricsmgr/mod.ts");
      const { openSink, findStateManager } = await import("./wiring.ts");
      const openState = (root: string) => findStateManager(root, options.clock);
      await runMetricsmgr({ ...options, openSink, openState });
    },
  } satisfies RoleSpec,
);

/** Runs the role. */
export function metricsmgrCommand(argv: readonly string[]): Promise<number> {
  return runRole(SPEC, argv);
}
