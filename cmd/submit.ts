/** `heron-bin submit`: a topology to a cluster, where it stays. */

import { tmpdir, userInfo } from "node:os";
import { basename } from "node:path";
import { systemConfigFrom } from "../src/base/config/mod.ts";
import { type Clock, HeronError, systemClock, systemRandom } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import { componentSettings } from "../src/plan/mod.ts";
import type { ClusterSettings, NodeReach } from "../src/cluster/mod.ts";
import { CLUSTER_POSITIONAL, findCluster, withClusterFlags } from "./cluster.ts";
import { type CommandSpec, type ParsedFlags, parseFlags } from "./flags.ts";
import { Interrupts } from "./interrupts.ts";
import { counted } from "./run_view.ts";
import { selfCommand } from "./self.ts";
import {
  buildTopology,
  CONTAINERS_FLAG,
  ENV_FLAG,
  findTopologyFile,
  readContainers,
  TOPOLOGY_POSITIONALS,
} from "./topology_file.ts";
import { userName } from "./user_name.ts";
import { VERSION } from "./version.ts";
import { findLauncher, findPacking, findUploader, openStateManager } from "./wiring.ts";

/** What `heron-bin submit` takes. */
export const SUBMIT_SPEC: CommandSpec = Object.freeze({
  name: "submit",
  summary: "Submit a topology to a cluster, where it runs until it is killed, and return.",
  positionals: [CLUSTER_POSITIONAL, ...TOPOLOGY_POSITIONALS],
  flags: withClusterFlags(
    CONTAINERS_FLAG,
    { flag: "--deploy-deactivated", description: "do not call its spouts before it is activated" },
    { flag: "--dry-run", description: "show the plan; nothing is written or started" },
    {
      flag: "--wait <duration>",
      description: "wait so long for one that has to queue, then leave it in the queue (10s)",
    },
    { flag: "--with-binary", description: "pack this binary too, for nodes that lack it" },
    { flag: "--json", description: "print one JSON object: what was submitted, or the plan" },
    ENV_FLAG,
  ),
  exitCodes: [0, 2, 3, 4, 5, 6, 70, lifecycle.EXIT_INTERRUPTED],
  notes: `User code gets the variables ${
    lifecycle.LISTED_VARIABLES.join(", ")
  } and those that --env names.
What is behind "--" goes to the topology as it is.
A submit that fails, or is interrupted, leaves nothing behind. A name that is taken is refused.
It ends with 0 when all tasks run, or when it waits in the queue of Slurm: it starts from there.`,
});

const START_MS = 120_000;
const QUEUE_MS = 10_000;
const SECRET_BYTES = 32;

/** Submits a topology; resolves with the exit code. */
export async function submitCommand(argv: readonly string[]): Promise<number> {
  const parsing = await parseFlags(SUBMIT_SPEC, argv);
  if (parsing.type === "help") {
    console.log(parsing.text);
    return 0;
  }
  const { flags } = parsing;
  const { settings } = await findCluster(flags);
  const interrupts = new Interrupts();
  try {
    return await new Submit(flags, settings, interrupts.signal).run();
  } catch (thrown) {
    if (!interrupts.signal.aborted) throw thrown;
    console.error("heron-bin: interrupted");
    return lifecycle.EXIT_INTERRUPTED;
  }
}

type Definition = lifecycle.SubmittedTopology["definition"];

class Submit {
  readonly #flags: ParsedFlags;
  readonly #cluster: ClusterSettings;
  readonly #signal: AbortSignal;
  readonly #clock: Clock = systemClock;
  readonly #random = systemRandom();
  readonly #startedMs = systemClock.nowMs();
  readonly #queueMs: number;

  constructor(flags: ParsedFlags, cluster: ClusterSettings, signal: AbortSignal) {
    this.#flags = flags;
    this.#cluster = cluster;
    this.#signal = signal;
    const wait = flags.text("--wait");
    this.#queueMs = wait === undefined ? QUEUE_MS : lifecycle.parseDurationMs(wait, "--wait");
  }

  async run(): Promise<number> {
    const file = await findTopologyFile(this.#flags.positionals[1] ?? "");
    const folder = await lifecycle.createRunFolder({
      temporaryFolders: [tmpdir(), "/tmp"],
      userId: userInfo().uid,
      name: lifecycle.fileStemOf(file),
      random: this.#random,
    });
    try {
      const definition = await this.#build(file, folder);
      if (this.#flags.isSet("--dry-run")) return await this.#showPlan(definition);
      return await this.#deploy(definition, folder.topology);
    } finally {
      await lifecycle.removeRunFolder(folder);
    }
  }

  async #build(file: string, folder: lifecycle.RunFolder): Promise<Definition> {
    const { bundle, definition } = await buildTopology(
      {
        file,
        arguments: this.#arguments,
        environment: this.#environment,
        workingFolder: process.cwd(),
      },
      { folder, clock: this.#clock, random: this.#random, signal: this.#signal },
    );
    const kilobytes = (bundle.bytes / 1000).toFixed(1);
    this.#note(`built "${definition.name}" from ${basename(file)} (${kilobytes} kB)`);
    // What would be refused later.
    const config = systemConfigFrom({ ...this.#cluster.internals, ...definition.config });
    for (const component of definition.components) componentSettings(config, component);
    for (const unknown of lifecycle.unknownKeys(definition)) this.#note(unknown);
    return definition;
  }

  async #showPlan(definition: Definition): Promise<number> {
    const pack = await findPacking(this.#cluster.packing.type);
    const planned = lifecycle.planTopology({
      definition,
      containers: this.#containers,
      defaults: this.#cluster.internals,
      uuid: crypto.randomUUID(),
      pack,
    });
    const report = lifecycle.planReport(planned.definition, planned.packingPlan);
    if (this.#flags.isSet("--json")) console.log(JSON.stringify(report));
    else console.write(lifecycle.formatPlan(report));
    return 0;
  }

  async #deploy(definition: Definition, topologyFolder: string): Promise<number> {
    const { cluster, role, environ, scheduler, metrics, state: { root } } = this.#cluster;
    await lifecycle.assertStoreNotLost(root, scheduler.folder);
    await using state = await openStateManager(root, this.#clock);
    const deployed = await lifecycle.deployTopology({
      definition,
      topologyFolder,
      containers: this.#containers,
      defaults: this.#cluster.internals,
      arguments: this.#arguments,
      environment: this.#environment,
      workingFolder: process.cwd(),
      uuid: crypto.randomUUID(),
      secret: crypto.getRandomValues(new Uint8Array(SECRET_BYTES)),
      submission: {
        cluster,
        role,
        environ,
        user: userName(),
        version: VERSION,
        wallMs: this.#clock.wallMs(),
      },
      state,
      pack: await findPacking(this.#cluster.packing.type),
      target: {
        stateRoot: root,
        workingRoot: scheduler.folder,
        uploader: await findUploader(this.#cluster.uploader.folder, this.#random),
        launcher: await findLauncher(scheduler.type, scheduler, this.#clock),
        scheduler: scheduler.type,
        sinks: metrics.sinks,
        ...(scheduler.type === "slurm" ? { reach: reachOf(scheduler.slurm.reach) } : {}),
        config: `${JSON.stringify(this.#cluster, undefined, 2)}\n`,
      },
      isPaused: this.#flags.isSet("--deploy-deactivated"),
      ...(this.#flags.isSet("--with-binary") ? { binary: binaryOf() } : {}),
      command: selfCommand(),
      schedulerEnvironment: lifecycle.baseEnvironment(process.env),
      userId: userInfo().uid,
      clock: this.#clock,
      random: this.#random,
      signal: this.#signal,
      startMs: START_MS,
      queueMs: this.#queueMs,
      note: (text) => this.#note(text),
    });
    this.#report(deployed);
    return 0;
  }

  #report({ submitted, folder, started }: lifecycle.Deployed): void {
    const { topologyId, packingPlan, definition: { name } } = submitted;
    const { cluster, role, environ } = this.#cluster;
    const containers = packingPlan.containerPlans.length;
    const tasks = packingPlan.containerPlans.flatMap((plan) => plan.instancePlans).length;
    const isQueued = started.type === "queued";
    const state = isQueued
      ? "queued"
      : this.#flags.isSet("--deploy-deactivated")
      ? "deactivated"
      : "running";
    const reason = isQueued ? started.reason : "";
    if (this.#flags.isSet("--json")) {
      const report = {
        ...{ topology: name, id: topologyId, state, reason, cluster, role, environ },
        ...{ folder: folder.path, containers, tasks, job: started.job },
      };
      console.log(JSON.stringify(report));
      return;
    }
    const size = `${counted(tasks, "task")} in ${counted(containers, "container")}`;
    const time = lifecycle.formatDuration(this.#clock.nowMs() - this.#startedMs);
    const job = started.job === undefined ? "" : `, job ${started.job.id}`;
    const how = isQueued ? size : `${size}${job}, after ${time}`;
    console.log(`Successfully launched topology: ${name} (${state}: ${how})`);
    if (!isQueued) return;
    this.#note(reason);
    const commands = ["list", "describe"].map((verb) => `heron-bin ${verb} ${cluster}`);
    this.#note(
      `it starts from the queue by itself; "${commands[0]}" and "${commands[1]} ${name}" tell more`,
    );
  }

  #note(text: string): void {
    console.error(`heron-bin: ${text}`);
  }

  get #containers(): number | undefined {
    return readContainers(this.#flags.text("--containers"));
  }

  get #arguments(): readonly string[] {
    return this.#flags.positionals.slice(2);
  }

  get #environment(): lifecycle.Environment {
    return lifecycle.userEnvironment(process.env, this.#flags.all("--env"));
  }
}

/** How processes on several machines reach each other. */
function reachOf(reach: NodeReach | undefined): lifecycle.Reach {
  switch (reach?.type) {
    case "interface":
      return { interface: reach.name, network: "" };
    case "network":
      return { interface: "", network: reach.cidr };
    case undefined:
      return { interface: "", network: "" };
  }
}

/** @throws HeronError `usage` when there is no binary: heron-bin runs from its source */
function binaryOf(): string {
  const [program = "", ...more] = selfCommand();
  if (more.length === 0) return program;
  throw new HeronError(
    "usage",
    "Pack the binary: heron-bin runs from its source, expected a binary",
  );
}
