/** `heron-bin restart`: the containers of a submitted topology, or one of them, start again. */

import { dirname } from "node:path";
import { HeronError } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import { withClusterFlags } from "./cluster.ts";
import type { CommandSpec } from "./flags.ts";
import { Interrupts } from "./interrupts.ts";
import { selfCommand } from "./self.ts";
import {
  lookAtFound,
  runTopologyCommand,
  TARGET_EXIT_CODES,
  TARGET_POSITIONALS,
} from "./submitted_topology.ts";

/** What `heron-bin restart` takes. */
export const RESTART_SPEC: CommandSpec = Object.freeze({
  name: "restart",
  summary: "Restart a submitted topology, or one of its containers.",
  positionals: [...TARGET_POSITIONALS, {
    name: "[container]",
    description: "number of a container, 0 is the topology master's; all without it",
  }],
  flags: withClusterFlags(),
  exitCodes: [...TARGET_EXIT_CODES, lifecycle.EXIT_INTERRUPTED],
  notes: `Its processes end in order and start again. At least once, tuples on their way come again.
Where the scheduler is gone, or has given up, a restart of all starts it again.`,
});

const WAIT_MS = 30_000;
const START_MS = 120_000;
const QUEUE_MS = 10_000;

/** Restarts a topology; resolves with the exit code. */
export function restartCommand(argv: readonly string[]): Promise<number> {
  return runTopologyCommand({
    spec: RESTART_SPEC,
    action: "restart",
    async run(found) {
      const { flags, name, records, cluster, state, launcher, clock } = found;
      const container = readContainer(flags.positionals[2]);
      const looked = await lookAtFound(found, true);
      const stateRoot = cluster.state.root;
      const { jobFile } = lifecycle.launchedOf(records, stateRoot);
      const launch = lifecycle.schedulerLaunch({
        jobFile,
        command: await lifecycle.topologyCommand(dirname(jobFile), selfCommand()),
        environment: lifecycle.baseEnvironment(process.env),
      });
      const started = await lifecycle.restartTopology(looked, container, {
        state,
        stateRoot,
        launcher,
        launch,
        clock,
        signal: new Interrupts().signal,
        waitMs: WAIT_MS,
        startMs: START_MS,
        queueMs: QUEUE_MS,
      });
      const what = container === undefined ? "topology" : `container ${container} of topology`;
      const note = started.type === "queued" ? ` (queued: ${started.reason})` : "";
      console.log(`Successfully restart ${what}: ${name}${note}`);
      return 0;
    },
  }, argv);
}

function readContainer(text: string | undefined): number | undefined {
  if (text === undefined || text === "-1") return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new HeronError("usage", `Read the container: found "${text}", expected its number`);
}
