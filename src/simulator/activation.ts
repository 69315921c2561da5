/**
 * Wishes of command lines that the topology is active, or is not, and what spouts have heard of them: in
 * time each that may be called was told, and none is called that was told to rest.
 */

import { Activation } from "../base/gen/heron_bin/submission_pb.ts";
import { wantedRecord } from "../plan/mod.ts";
import { put, topologyPaths } from "../state/mod.ts";
import { lifeNumber } from "./sim_code.ts";
import type { SimCluster } from "./sim_cluster.ts";
import type { SimRun } from "./sim_run.ts";
import { VirtualProcess } from "./virtual_process.ts";

/** A wish that no link delays is heard by then, in ms: through the store, twice, and all processes. */
const HEARD_MS = 250;
/** Ways from the topology master to an instance and back that a plan may wait for. */
const WAYS = 8;

/** The activation of one run. */
export class ActivationWishes {
  readonly #run: SimRun;
  readonly #cluster: SimCluster;
  /** One after the other, as a user has them. */
  #last: Promise<unknown> = Promise.resolve();
  #process: VirtualProcess | undefined;
  #wishes = 0;

  /** Nothing was wished. */
  constructor(run: SimRun, cluster: SimCluster) {
    this.#run = run;
    this.#cluster = cluster;
  }

  /** Somebody wants the topology to be active, or not. */
  wish(isActive: boolean): void {
    const { world, store, scenario } = this.#run;
    const number = ++this.#wishes;
    if (!isActive) {
      world.after(this.#heardMs, () => {
        if (number === this.#wishes) this.#checkHeard();
      });
    }
    const process = this.#process ??= new VirtualProcess("command line", world, 1);
    const activation = isActive ? Activation.ACTIVE : Activation.PAUSED;
    const record = wantedRecord({ activation, endReason: "" });
    const path = topologyPaths(scenario.definition.name).wanted;
    this.#last = this.#last.then(() => put(store.openFor(process), path, record));
    world.settleRole();
  }

  get #heardMs(): number {
    const { quality, slowPairs } = this.#run.scenario;
    const latencies = [quality, ...slowPairs.values()].map(({ latencyMaxMs }) => latencyMaxMs);
    return HEARD_MS + WAYS * Math.max(...latencies);
  }

  /** Where nothing else goes wrong, all spouts rest by now. */
  #checkHeard(): void {
    const { world, scenario, activity } = this.#run;
    if (!scenario.faults.every(({ kind }) => kind === "activation")) return;
    // One in a long call hears of it behind that.
    if ([...scenario.behaviours.values()].some(({ longCallMs }) => longCallMs > 0)) return;
    for (const { taskId, life, core } of this.#cluster.instances.values()) {
      const mayBeTold = core.state === "running" && !core.isPending &&
        core.work?.kind === "spout" && !core.work.hasEnded && core.emitter?.hasCredit() === true;
      // One that began meanwhile was not told that it is active.
      if (!mayBeTold || activity.get(activityKey(taskId, lifeNumber(life))) !== true) continue;
      world.break(`spout task ${taskId} does not rest ${this.#heardMs} ms after it was to`);
    }
  }
}

/** Whose activity it is. */
export function activityKey(taskId: number, life: number): string {
  return `${taskId} ${life}`;
}
