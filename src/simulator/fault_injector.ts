/** Makes what goes wrong happen to a simulated cluster. */

import { clone } from "@bufbuild/protobuf";
import { PlanUpdateSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { encodeGrant } from "../tuples/mod.ts";
import { ActivationWishes } from "./activation.ts";
import { peekFrame } from "./frames.ts";
import {
  containerOf,
  type CutPlace,
  type EndCut,
  type Fault,
  type Target,
} from "./random_faults.ts";
import type { CameInPart, SimCluster } from "./sim_cluster.ts";
import type { SimChild } from "./sim_container.ts";
import type { SimRun } from "./sim_run.ts";
import type { CutNews } from "./virtual_link.ts";

const STALE_GRANT_LIMIT = 100_000_000;

/** The faults of one run. */
export class FaultInjector {
  readonly #run: SimRun;
  readonly #cluster: SimCluster;
  readonly #wishes: ActivationWishes;
  #happened = 0;
  /** Tuples in parts that are to be cut off. */
  readonly #cuts: { readonly at: CutPlace; readonly news: CutNews }[] = [];

  /** What is to happen when a spout tells its end. */
  readonly #endCuts: EndCut[] = [];
  #spoutEnds = 0;

  /** Nothing happens before its time. */
  constructor(run: SimRun, cluster: SimCluster) {
    this.#run = run;
    this.#cluster = cluster;
    this.#wishes = new ActivationWishes(run, cluster);
    for (const fault of run.scenario.faults) {
      run.world.at(fault.atMs, () => this.#inject(fault));
    }
    cluster.partCame = (part) => this.#cutTuple(part);
    cluster.spoutEnded = (task) => this.#cutEnd(task);
  }

  /** Faults that have happened. */
  get happened(): number {
    return this.#happened;
  }

  #inject(fault: Fault): void {
    const { world, store, network } = this.#run;
    world.note(() => `fault: ${JSON.stringify(fault)}`);
    this.#happened++;
    switch (fault.kind) {
      case "cut_peer":
        return this.#cut("peer", [fault.first, fault.second], fault.news);
      case "cut_tm":
        return this.#cut("tm", [fault.container, 0], fault.news);
      case "cut_instance":
        return this.#cut("instance_to_stmgr", [fault.container, fault.container], fault.news);
      case "cut_tuple":
        return void this.#cuts.push(fault);
      case "cut_end":
        return void this.#endCuts.push(fault);
      case "crash":
        return this.#childOf(fault.target)?.kill();
      case "die":
        return this.#cluster.containers.get(fault.container)?.die();
      case "stop":
        return this.#stop(fault.target, fault.forMs);
      case "zombie":
        this.#stop(fault.target, fault.forMs);
        return this.#cluster.containers.get(containerOf(fault.target))?.die();
      case "part":
        return network.part(new Set(fault.sites), fault.forMs, this.#silenceMs);
      case "activation":
        return this.#wishes.wish(fault.isActive);
      case "slow_disk":
        return store.slowUntil(world.nowMs() + fault.forMs);
      case "stale_plan":
        return this.#sendStalePlan(fault.container);
      case "stale_grant":
        return this.#sendStaleGrant(fault.task);
    }
  }

  #cutTuple({ source, destination, closeLink }: CameInPart): void {
    const cut = this.#cuts.shift();
    if (cut === undefined) return;
    const { world } = this.#run;
    world.note(() => `a tuple of task ${source} to ${destination} is cut off: ${cut.at}`);
    const from = this.#containerOf(source);
    const to = this.#containerOf(destination);
    switch (cut.at) {
      case "source":
        return this.#childOf({ role: "instance", container: from, task: source })?.kill();
      case "destination":
        return this.#childOf({ role: "instance", container: to, task: destination })?.kill();
      case "source_stmgr":
        return this.#childOf({ role: "stmgr", container: from })?.kill();
      case "destination_link":
        return closeLink();
      case "peer_link":
        return this.#cut("peer", [from, to], cut.news);
    }
  }

  #cutEnd(task: number): void {
    for (const cut of this.#endCuts) {
      if (cut.spoutsBefore === this.#spoutEnds) this.#cutEndOf(task, cut);
    }
    this.#spoutEnds++;
  }

  #cutEndOf(task: number, { victim, afterMs }: EndCut): void {
    const { world } = this.#run;
    world.note(() => `task ${task} has told its end: ${victim} goes`);
    if (victim === "tm_and_container") this.#childOf({ role: "tm" })?.kill();
    const container = this.#containerOf(task);
    world.after(afterMs, () => {
      if (victim === "task") this.#childOf({ role: "instance", container, task })?.kill();
      else if (victim === "stmgr") this.#childOf({ role: "stmgr", container })?.kill();
      else this.#cluster.containers.get(container)?.die();
    });
  }

  #containerOf(task: number): number {
    const { containerPlans } = this.#run.scenario.packingPlan;
    return containerPlans.find(({ instancePlans }) =>
      instancePlans.some(({ taskId }) => taskId === task)
    )?.id ?? 0;
  }

  get #silenceMs(): number {
    return this.#run.scenario.config.netSilenceMs;
  }

  #cut(
    kind: "peer" | "tm" | "instance_to_stmgr",
    sites: readonly [number, number],
    news: CutNews,
  ): void {
    const { network, world } = this.#run;
    const links = network.linksUp(kind, sites);
    const link = links[world.random.below(Math.max(1, links.length))];
    if (link !== undefined) network.cut(link, news);
  }

  #childOf(target: Target): SimChild | undefined {
    const container = this.#cluster.containers.get(containerOf(target));
    return container?.child(this.#cluster.idOf(target));
  }

  #stop(target: Target, forMs: number): void {
    const { network, world } = this.#run;
    const child = this.#childOf(target);
    if (child === undefined) return;
    const untilMs = world.nowMs() + forMs;
    child.stopUntil(untilMs);
    network.silence(child.process, untilMs, this.#silenceMs);
  }

  /** A plan of an older master: every task is somewhere else. */
  #sendStalePlan(container: number): void {
    const stmgr = this.#cluster.stmgrs.get(container);
    const update = stmgr?.core.update;
    // Who has heard of no master yet cannot tell an older one.
    if (stmgr?.core.hasMaster !== true || update === undefined) return;
    const stale = clone(PlanUpdateSchema, update);
    stale.leaseNumber = 0n;
    stale.addressVersion += 1;
    const ids = [...this.#cluster.stmgrs.values()].map(({ id }) => id);
    for (const instance of stale.plan?.instances ?? []) {
      instance.stmgrId = ids[(ids.indexOf(instance.stmgrId) + 1) % ids.length] ?? "";
    }
    const sent = this.#run.interposer.stalePlan(stale, update);
    stmgr.process.post(() => stmgr.takePlan(sent));
  }

  /** A grant for an earlier life of the task: far too much. */
  #sendStaleGrant(task: number): void {
    const instance = this.#cluster.instances.get(task);
    const [channel] = [...(instance?.core.emitter?.channels.values() ?? [])];
    if (instance === undefined || channel === undefined) return;
    const { destinationTask } = channel;
    const frame = encodeGrant({
      sourceTask: task,
      destinationTask,
      source: { epoch: 0, counter: 1 },
      destination: { epoch: 0, counter: 1 },
      limit: STALE_GRANT_LIMIT,
    });
    const sent = this.#run.interposer.staleGrant(frame, instance.life);
    instance.process.post(() => {
      instance.takeFrame(peekFrame(sent));
      this.#cluster.checkCredit(instance, destinationTask);
    });
  }
}
