/** `heron-bin top`: the live view of a submitted topology. It only looks on. */

import { create } from "@bufbuild/protobuf";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { OutputSchema, OutputStream } from "../src/base/gen/heron_bin/packet_pb.ts";
import { HeronError, systemRandom } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import { withClusterFlags } from "./cluster.ts";
import type { CommandSpec } from "./flags.ts";
import { Interrupts } from "./interrupts.ts";
import { LiveView } from "./run_live.ts";
import {
  type FoundTopology,
  lookAgainAtFound,
  lookAtFound,
  runTopologyCommand,
  TARGET_EXIT_CODES,
  TARGET_POSITIONALS,
} from "./submitted_topology.ts";
import { isOnTerminal, Terminal } from "./terminal.ts";

/** What `heron-bin top` takes. */
export const TOP_SPEC: CommandSpec = Object.freeze({
  name: "top",
  summary: 'Show a submitted topology as it runs, as "run" does; "?" shows the keys.',
  positionals: TARGET_POSITIONALS,
  flags: withClusterFlags(),
  exitCodes: TARGET_EXIT_CODES,
  notes:
    'It needs a terminal; programs read "list --json" and "describe --json". To leave it ends nothing.',
});

const LOOK_MS = 1000;
/** Lines of each task that are there at the begin. */
const LINES = 50;

/** Shows a topology; resolves with the exit code. */
export function topCommand(argv: readonly string[]): Promise<number> {
  return runTopologyCommand({ spec: TOP_SPEC, action: "show", run: showTop }, argv);
}

async function showTop(found: FoundTopology): Promise<number> {
  if (!isOnTerminal()) {
    throw new HeronError("usage", "Show the live view: found no terminal, expected one");
  }
  const looked = await lookAtFound(found, true);
  lifecycle.assertThere(looked, "Show");
  const { state, clock, records, name } = found;
  const [definition, packingPlan] = await Promise.all([
    lifecycle.readDefinition(state, name),
    lifecycle.readPackingPlan(state, name),
  ]);
  const { jobFile } = lifecycle.launchedOf(records, found.cluster.state.root);
  const home = lifecycle.topologyHome(dirname(jobFile), found.cluster.state.root);
  const facts = lifecycle.topologyFacts(definition, packingPlan, home.topology);
  const reader = new lifecycle.MetricsReader({
    id: `top ${process.pid}`,
    state,
    topologyName: name,
    topologyId: records.submission?.topologyId ?? "",
    secret: await readSecret(home.secret),
    clock,
    random: systemRandom(),
  });
  const view = new LiveView({
    facts: { ...facts, isOnlooker: true },
    console: SILENT,
    reader,
    clock,
    terminal: (handlers) => new Terminal(handlers),
  });
  const output = new lifecycle.TaskOutputs(home.logs, packingPlan, LINES);
  const ending = await new Watch({ found, view, output }).run(looked);
  await view.close();
  await output.close();
  if (ending !== "") console.error(`heron-bin: ${ending}`);
  return 0;
}

async function readSecret(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (thrown) {
    throw HeronError.from(thrown, `Read the secret "${file}"`);
  }
}

/** What is shown is not printed again: it is in the logs. */
const SILENT: ConstructorParameters<typeof LiveView>[0]["console"] = Object.freeze({
  output: () => Promise.resolve(true),
  running: () => undefined,
  note: (text: string) => console.error(`heron-bin: ${text}`),
  restarted: () => undefined,
  warned: () => undefined,
  report: () => Promise.resolve(),
});

interface WatchParts {
  readonly found: FoundTopology;
  readonly view: LiveView;
  readonly output: lifecycle.TaskOutputs;
}

/** Looks at the topology until the user leaves, or it is gone. */
class Watch {
  readonly #parts: WatchParts;
  #ends: number | undefined;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** Why it ended; empty: the user left. */
  async run(first: lifecycle.LookedAt): Promise<string> {
    const { view, found: { clock } } = this.#parts;
    const left = Promise.withResolvers<void>();
    let hasLeft = false;
    const leave = (): void => {
      hasLeft = true;
      left.resolve();
    };
    view.onStop(leave);
    new Interrupts().takeOver(leave);
    const { tasks = 0, containers = 0, phaseMs = 0n } = first.records.status ?? {};
    view.placed(first.condition.reason);
    view.running(tasks, containers, Math.max(0, clock.wallMs() - Number(phaseMs)));
    for (let looked = first; !hasLeft;) {
      const ending = await this.#show(looked);
      if (ending !== "") return ending;
      const waited = Promise.withResolvers<void>();
      const timer = clock.after(LOOK_MS, waited.resolve);
      await Promise.race([waited.promise, left.promise]);
      timer.cancel();
      looked = await this.#lookAgain(looked);
    }
    return "";
  }

  async #lookAgain(before: lifecycle.LookedAt): Promise<lifecycle.LookedAt> {
    const { found, view } = this.#parts;
    try {
      return await lookAgainAtFound(found, before);
    } catch (thrown) {
      // A store that is away for a moment: the topology runs on.
      view.note(HeronError.from(thrown).message);
      return before;
    }
  }

  async #show({ records, condition }: lifecycle.LookedAt): Promise<string> {
    const { view, output, found } = this.#parts;
    const { state, reason } = condition;
    if (state === "queued" || lifecycle.isOver(condition)) {
      return `topology "${found.name}" is ${state}: ${reason}`;
    }
    if (state === "stopping") view.draining();
    else if (state === "starting") view.starting();
    else view.activated(state !== "deactivated");
    view.placed(reason);
    this.#showEnds(records.status);
    for (const { task, component, componentIndex, lines } of await output.read()) {
      await view.output(
        create(OutputSchema, {
          task,
          component,
          componentIndex,
          lines: [...lines],
          stream: OutputStream.STDOUT,
        }),
      );
    }
    return "";
  }

  /** Those of before are in "describe". */
  #showEnds(status: lifecycle.TopologyRecords["status"]): void {
    const { unaskedEnds = 0, ends = [] } = status ?? {};
    const news = ends.slice(
      ends.length - Math.min(ends.length, unaskedEnds - (this.#ends ?? unaskedEnds)),
    );
    this.#ends = unaskedEnds;
    for (const { process, reason: message } of news) {
      this.#parts.view.restarted(`${process} ended: ${message}\n`, { process, message });
    }
  }
}
