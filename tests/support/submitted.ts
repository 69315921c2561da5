/**
 * A cluster in memory and on disk for tests of what command lines do with topologies: a state store, a
 * folder of packages, one of topologies, and a scheduler whose every move the test makes.
 */

import { create } from "@bufbuild/protobuf";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PhysicalPlanSchema, StMgrSchema } from "../../src/base/gen/heron/physical_plan_pb.ts";
import type { TopologyState } from "../../src/base/gen/heron/topology_pb.ts";
import { Phase } from "../../src/base/gen/heron_bin/submission_pb.ts";
import { type Clock, HeronError, systemClock, systemRandom } from "../../src/base/mod.ts";
import { type DeployOptions, deployTopology } from "../../src/lifecycle/mod.ts";
import { packRoundRobin } from "../../src/packing/mod.ts";
import {
  buildPhysicalPlan,
  encodeRecord,
  logicalPlanToProto,
  readWanted,
  schedulerStatusRecord,
} from "../../src/plan/mod.ts";
import type { Launch, Launched, Launcher, Presence } from "../../src/scheduler/mod.ts";
import { openMemory, put, type StateManager, topologyPaths } from "../../src/state/mod.ts";
import { createLocalFsUploader } from "../../src/uploader/mod.ts";
import { drawTopology } from "./definitions.ts";

/** The name of the topology that is submitted. */
export const NAME = "drawn";

/** As one is that waits for nodes. */
export const QUEUED: Extract<Presence, { type: "queued" }> = Object.freeze({
  type: "queued",
  reason: "job 7: it waits",
  isHopeless: false,
  job: { id: "7", nodes: "" },
});

/** A launcher of schedulers that are no processes. */
export class FakeLauncher implements Launcher {
  readonly launches: Launch[] = [];
  readonly ended: Launched[] = [];
  readonly #state: StateManager;
  presence: Presence = { type: "gone", reason: "nothing was launched" };
  /** It ends when it reads that it is to. */
  isObedient = true;
  /** What happens when one is launched. */
  onLaunch: () => Promise<void> = () => Promise.resolve();

  constructor(state: StateManager) {
    this.#state = state;
  }

  async launch(launch: Launch): Promise<void> {
    this.launches.push(launch);
    this.presence = { type: "alive" };
    await this.onLaunch();
  }

  async look(): Promise<Presence> {
    const record = await this.#state.get(topologyPaths(NAME).wanted);
    const isAsked = record !== undefined && readWanted(record.bytes).endReason !== "";
    if (isAsked && this.isObedient && this.presence.type === "alive") {
      this.presence = { type: "gone", reason: "it was asked to end" };
    }
    return this.presence;
  }

  end(topology: Launched): Promise<void> {
    this.ended.push(topology);
    this.presence = { type: "gone", reason: "ended" };
    return Promise.resolve();
  }
}

/** A cluster of one test. */
export class TestCluster implements AsyncDisposable {
  readonly root: string;
  readonly state: StateManager = openMemory();
  readonly launcher = new FakeLauncher(this.state);
  readonly clock: Clock;
  readonly notes: string[] = [];
  readonly definition = drawTopology("s b", { config: { "topology.stmgrs": 2 } });
  epoch = 1;

  /** Use `createTestCluster`. */
  constructor(root: string, clock: Clock) {
    this.root = root;
    this.clock = clock;
    this.launcher.onLaunch = () => this.tell(Phase.RUNNING);
  }

  /** The folder that holds those of topologies. */
  get workingRoot(): string {
    return join(this.root, "topologies");
  }

  /** The folder that holds packages. */
  get packages(): string {
    return join(this.root, "packages");
  }

  /** An uploader into it. */
  get uploader() {
    return createLocalFsUploader({ folder: this.packages, random: systemRandom() });
  }

  /** What a command looks at topologies with. */
  get look() {
    return { state: this.state, stateRoot: "/state", launcher: this.launcher };
  }

  /** Options of a deployment. */
  options(more: Partial<DeployOptions> = {}): DeployOptions {
    return {
      definition: this.definition,
      containers: undefined,
      arguments: ["x"],
      environment: { PATH: "/bin" },
      workingFolder: "/work",
      uuid: "0-1",
      secret: new Uint8Array(32).fill(7),
      submission: {
        cluster: "local",
        role: "ann",
        environ: "default",
        user: "ann",
        version: "0.1.0",
        wallMs: 1_700_000_000_000,
      },
      state: this.state,
      pack: packRoundRobin,
      target: {
        stateRoot: "/state",
        workingRoot: this.workingRoot,
        uploader: this.uploader,
        launcher: this.launcher,
        scheduler: "local",
        sinks: [],
        config: "{}\n",
      },
      topologyFolder: join(this.root, "built"),
      isPaused: false,
      command: ["heron-bin"],
      schedulerEnvironment: { HOME: "/home/ann" },
      userId: process.getuid?.() ?? 0,
      clock: this.clock,
      random: systemRandom(),
      signal: new AbortController().signal,
      startMs: 5000,
      queueMs: 1000,
      note: (text) => void this.notes.push(text),
      ...more,
    };
  }

  /** Submits the topology. */
  deploy(more: Partial<DeployOptions> = {}) {
    return deployTopology(this.options(more));
  }

  /** Its scheduler says how it is. */
  async tell(phase: Phase, more: { readonly code?: string; readonly reason?: string } = {}) {
    const { code = "", reason = "" } = more;
    const status = schedulerStatusRecord({
      topologyId: `${NAME}0-1`,
      epoch: this.epoch,
      host: "here",
      pid: 77,
      startTime: 5n,
      phase,
      phaseMs: 0n,
      code,
      reason,
      restarts: [],
      ends: [],
      unaskedEnds: 0,
      containers: 2,
      tasks: 2,
      waiting: [],
    });
    await put(this.state, topologyPaths(NAME).status, status);
  }

  /** Its topology master stores a plan. */
  async plan(state: TopologyState): Promise<void> {
    const topology = logicalPlanToProto(this.definition, `${NAME}0-1`, state);
    const packingPlan = packRoundRobin(this.definition, `${NAME}0-1`);
    const stmgrs = packingPlan.containerPlans.map(({ id }) =>
      create(StMgrSchema, {
        id: `stmgr-${id}`,
        hostName: "here",
        dataPort: 7000 + id,
        localEndpoint: "",
      })
    );
    const plan = buildPhysicalPlan({ topology, packingPlan, stmgrs });
    await put(this.state, topologyPaths(NAME).physicalPlan, encodeRecord(PhysicalPlanSchema, plan));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.state.close();
    await rm(this.root, { recursive: true });
  }
}

/** Makes a cluster with a topology that was built and not submitted. */
export async function createTestCluster(clock: Clock = systemClock): Promise<TestCluster> {
  const root = await mkdtemp(join(tmpdir(), "heron-bin-cluster-"));
  await mkdir(join(root, "built"));
  await writeFile(join(root, "built/bundle.js"), "export default 1;\n");
  return new TestCluster(root, clock);
}

/** The code and message of what a promise is rejected with. */
export async function faultOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (thrown) {
    if (thrown instanceof HeronError) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  return "none";
}
