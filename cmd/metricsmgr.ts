/** `heron-bin metricsmgr`: a metrics manager. */

import { type RoleSpec, runRole } from "./roles.ts";

const SPEC: RoleSpec = Object.freeze(
  {
    name: "metricsmgr",
    summary: "Metrics manager: collects the metrics of its container and writes them to its sinks.",
    flags: ["--container", "--incarnation"],
    isAlwaysAwake: true,
    async start(options) {
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
