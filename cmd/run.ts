/** `heron-bin run`: a topology file on this machine, in real processes, until it ends. */

import { readFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { basename, join } from "node:path";
import type { TopologyDefinition } from "../src/api/mod.ts";
import { systemConfigFrom } from "../src/base/config/mod.ts";
import { type Clock, systemClock, systemRandom } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import { componentSettings } from "../src/plan/mod.ts";
import { parseFlags } from "./flags.ts";
import { Interrupts } from "./interrupts.ts";
import { LiveView } from "./run_live.ts";
import { readRunRequest, RUN_SPEC, type RunRequest } from "./run_request.ts";
import { ConsoleView, counted } from "./run_view.ts";
import { selfCommand } from "./self.ts";
import { Terminal } from "./terminal.ts";
import { buildTopology } from "./topology_file.ts";
import { userName } from "./user_name.ts";
import { VERSION } from "./version.ts";
import { findPacking, openStateManager } from "./wiring.ts";

// Limits of a run that no topology changes.
const START_MS = 60_000;
const LAST_WORDS_MS = 1000;
const STOP_MS = 5000;
const KILL_MS = 2000;

const SECRET_BYTES = 32;

/** Runs a topology; resolves with the exit code. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const parsing = await parseFlags(RUN_SPEC, argv);
  if (parsing.type === "help") {
    console.log(parsing.text);
    return 0;
  }
  const clock = systemClock;
  const request = await readRunRequest(parsing.flags);
  const startedMs = clock.nowMs();
  const elapsedMs = (): number => clock.nowMs() - startedMs;
  const view = new ConsoleView({ form: request.form, elapsedMs });
  const interrupts = new Interrupts();
  return new Run({ request, view, clock, interrupts }).run();
}

interface RunParts {
  readonly request: RunRequest;
  readonly view: ConsoleView;
  readonly clock: Clock;
  readonly interrupts: Interrupts;
}

/** One run, from its folder to its summary. */
class Run {
  readonly #request: RunRequest;
  readonly #view: ConsoleView;
  readonly #clock: Clock;
  readonly #interrupts: Interrupts;
  readonly #random = systemRandom();
  readonly #startedMs: number;

  constructor({ request, view, clock, interrupts }: RunParts) {
    this.#request = request;
    this.#view = view;
    this.#clock = clock;
    this.#interrupts = interrupts;
    this.#startedMs = clock.nowMs();
  }

  async run(): Promise<number> {
    const folder = await lifecycle.createRunFolder({
      temporaryFolders: [tmpdir(), "/tmp"],
      userId: userInfo().uid,
      name: lifecycle.fileStemOf(this.#request.file),
      random: this.#random,
    });
    let prepared: Prepared;
    try {
      prepared = await this.#prepare(folder);
    } catch (thrown) {
      await lifecycle.removeRunFolder(folder);
      if (this.#interrupts.signal.aborted) return lifecycle.EXIT_INTERRUPTED;
      throw thrown;
    }
    const outcome = await this.#start(folder, prepared);
    return this.#finish({ folder, outcome, submitted: prepared.submitted });
  }

  async #prepare(folder: lifecycle.RunFolder): Promise<Prepared> {
    const startedMs = this.#clock.nowMs();
    const { bundle, definition } = await buildTopology(this.#request, {
      folder,
      clock: this.#clock,
      random: this.#random,
      signal: this.#interrupts.signal,
    });
    const kilobytes = (bundle.bytes / 1000).toFixed(1);
    const time = lifecycle.formatDuration(this.#clock.nowMs() - startedMs);
    this.#view.note(
      `built "${definition.name}" from ${
        basename(this.#request.file)
      } (${kilobytes} kB) in ${time}`,
    );
    const config = systemConfigFrom(definition.config);
    const { topologyDrainMs, topologyReliabilityMode } = config;
    for (const component of definition.components) componentSettings(config, component);
    const submitted = await this.#submit(folder, { definition, bundle: bundle.path });
    const replays = topologyReliabilityMode !== "ATMOST_ONCE";
    return { submitted, drainMs: topologyDrainMs, replays };
  }

  async #submit(
    folder: lifecycle.RunFolder,
    { definition, bundle }: { definition: TopologyDefinition; bundle: string },
  ): Promise<lifecycle.SubmittedTopology> {
    const { containers, environment, workingFolder } = this.#request;
    const user = userName();
    await using state = await openStateManager(folder.state, this.#clock);
    const submitted = await lifecycle.submitTopology({
      definition,
      containers,
      arguments: this.#request.arguments,
      environment,
      bundle,
      folder,
      workingFolder,
      uuid: crypto.randomUUID(),
      secret: crypto.getRandomValues(new Uint8Array(SECRET_BYTES)),
      submission: {
        cluster: "local",
        environ: "default",
        role: user,
        user,
        version: VERSION,
        wallMs: this.#clock.wallMs(),
      },
      state,
      pack: await findPacking("round_robin"),
    });
    this.#view.note(describePlan(submitted));
    for (const unknown of lifecycle.unknownKeys(definition)) this.#view.note(unknown);
    return submitted;
  }

  async #start(
    folder: lifecycle.RunFolder,
    prepared: Prepared,
  ): Promise<lifecycle.RunOutcome> {
    if (!this.#request.isLive) return this.#runIn(folder, prepared);
    await using state = await openStateManager(folder.state, this.#clock);
    const live = new LiveView({
      facts: lifecycle.topologyFacts(
        prepared.submitted.definition,
        prepared.submitted.packingPlan,
        folder.topology,
      ),
      outputFile: join(folder.logs, "output.log"),
      console: this.#view,
      reader: new lifecycle.MetricsReader({
        id: `run ${process.pid}`,
        state,
        topologyName: prepared.submitted.definition.name,
        topologyId: prepared.submitted.topologyId,
        secret: await readFile(folder.secret),
        clock: this.#clock,
        random: this.#random,
      }),
      clock: this.#clock,
      terminal: (handlers) => new Terminal(handlers),
    });
    try {
      return await this.#runIn(folder, prepared, live);
    } finally {
      await live.close();
    }
  }

  #runIn(
    folder: lifecycle.RunFolder,
    prepared: Prepared,
    live?: LiveView,
  ): Promise<lifecycle.RunOutcome> {
    const { drainMs, replays, submitted } = prepared;
    const { forMs, workingFolder } = this.#request;
    this.#view.note(`logs in ${folder.logs}`);
    const session = lifecycle.startRun({
      command: [...selfCommand(), "scheduler", "--job", folder.job],
      environment: lifecycle.baseEnvironment(process.env),
      workingFolder,
      errorFile: join(folder.logs, "scheduler.stderr"),
      limits: {
        startMs: START_MS,
        drainMs,
        lastWordsMs: LAST_WORDS_MS,
        stopMs: STOP_MS,
        killMs: KILL_MS,
      },
      replays,
      places: placesOf(folder, submitted),
      forMs,
      view: live ?? this.#view,
      clock: this.#clock,
    });
    const interrupt = (): void => session.interrupt();
    live?.onStop(interrupt);
    this.#interrupts.takeOver(interrupt);
    if (this.#interrupts.signal.aborted) session.interrupt();
    return session.outcome;
  }

  async #finish({ folder, submitted, outcome }: RunEnd): Promise<number> {
    const { failure, exitCode, quiet, restarts, totals } = outcome;
    if (!quiet) await this.#summarize(submitted, outcome);
    if (failure !== undefined) {
      const places = placesOf(folder, submitted);
      await this.#view.json(lifecycle.failureToJson(failure, places));
      if (failure === restarts.firstUserFailure) {
        await this.#view.report(`heron-bin: ${lifecycle.formatSurvived(restarts, totals)}`);
      }
      await this.#view.report(`heron-bin: ${lifecycle.formatFailure(failure, places)}`);
    }
    if (exitCode === 0) await lifecycle.removeAllButLogs(folder);
    else await this.#view.report(`heron-bin: everything of the run is kept in ${folder.path}\n`);
    return exitCode;
  }

  async #summarize(
    { definition }: lifecycle.SubmittedTopology,
    { totals, failure, restarts }: lifecycle.RunOutcome,
  ): Promise<void> {
    const names = definition.components.map((component) => component.name);
    const summary: lifecycle.RunSummary = {
      topology: definition.name,
      timeMs: this.#clock.nowMs() - this.#startedMs,
      components: totals === undefined ? undefined : lifecycle.totalsByComponent(names, totals),
      restarts: restarts.byRole,
    };
    await this.#view.json(lifecycle.summaryToJson(summary));
    // A failure says enough by itself.
    if (totals === undefined && failure !== undefined) return;
    await this.#view.report(`heron-bin: ${lifecycle.formatSummary(summary)}`);
  }
}

interface Prepared {
  readonly submitted: lifecycle.SubmittedTopology;
  /** Longest time to drain, in milliseconds. */
  readonly drainMs: number;
  /** What is lost comes again. */
  readonly replays: boolean;
}

interface RunEnd {
  readonly folder: lifecycle.RunFolder;
  readonly submitted: lifecycle.SubmittedTopology;
  readonly outcome: lifecycle.RunOutcome;
}

function placesOf(
  folder: lifecycle.RunFolder,
  { packingPlan }: lifecycle.SubmittedTopology,
): lifecycle.FailurePlaces {
  const tasks = lifecycle.taskNamesOf(packingPlan);
  return { topologyFolder: folder.topology, logsFolder: folder.logs, tasks };
}

function describePlan({ definition, packingPlan }: lifecycle.SubmittedTopology): string {
  const parts = definition.components.map(({ name, parallelism }) => `${name} × ${parallelism}`);
  const tasks = definition.components.reduce((sum, { parallelism }) => sum + parallelism, 0);
  const containers = packingPlan.containerPlans.length;
  return `plan: ${parts.join(", ")}: ${counted(tasks, "task")} in ${
    counted(containers, "container")
  }`;
}
