/**
 * Whether the spout pause is as it must be: what a stream manager announces
 * comes to the spouts that it concerns, no pause outlasts its announcement, and
 * no announcement its culprit or its reason, but for the time that news takes.
 */

import { instanceId } from "../plan/mod.ts";
import { taskBudgetBytes } from "../tuples/mod.ts";
import type { SimCluster } from "./sim_cluster.ts";
import type { SimInstance } from "./sim_instance.ts";
import type { SimRun } from "./sim_run.ts";
import type { SimStmgr } from "./sim_stmgr.ts";
import { LinkEnd } from "./virtual_link.ts";

/** News that nothing delays is there by then, in ms. */
const NEWS_MS = 1_000;
/** A link that has ended on one side may be taken for open on the other for so long, in ms. */
const LATE_END_MS = 15_000;
/** Who does nothing for longer than this is stopped, or in a long call, in ms. */
const BUSY_MS_MAX = 100;

/** A task of the run. */
interface Place {
  readonly container: number;
  readonly component: string;
  readonly isSpout: boolean;
}

/** Looks at the pauses of one run, now and then. */
export class PauseCheck {
  readonly #run: SimRun;
  readonly #cluster: SimCluster;
  readonly #places = new Map<number, Place>();
  readonly #newsMs: number;
  /** Since when something is not as it is to be, by what it is. */
  #oddSince = new Map<string, number>();
  /** The same of what one stream manager has not heard of another. */
  #unheardSince = new Map<string, number>();
  #state = "";
  #pauses = 0;
  readonly #paused = new Set<number>();

  /** Nothing is odd yet. */
  constructor(run: SimRun, cluster: SimCluster) {
    this.#run = run;
    this.#cluster = cluster;
    const { definition, packingPlan, quality, slowPairs } = run.scenario;
    const spouts = new Set(
      definition.components.filter(({ kind }) => kind === "spout").map(({ name }) => name),
    );
    for (const { id, instancePlans } of packingPlan.containerPlans) {
      for (const { taskId, componentName } of instancePlans) {
        const isSpout = spouts.has(componentName);
        this.#places.set(taskId, { container: id, component: componentName, isSpout });
      }
    }
    const ways = [quality, ...slowPairs.values()];
    const latencyMs = Math.max(...ways.map(({ latencyMaxMs }) => latencyMaxMs));
    const kernelMs = Math.max(...ways.map((way) => way.kernelBytes / way.bytesPerMs));
    this.#newsMs = NEWS_MS + 8 * latencyMs + 2 * kernelMs;
  }

  /** Pauses of spouts that were seen. */
  get pauses(): number {
    return this.#pauses;
  }

  /** Looks at all spouts and announcements. */
  look(): void {
    const announcers = [...this.#cluster.stmgrs.values()].filter((stmgr) =>
      !stmgr.process.isDead && stmgr.core.pressure.announced.length > 0
    );
    const spouts = [...this.#cluster.instances.values()].filter(({ taskId }) =>
      this.#places.get(taskId)?.isSpout === true
    );
    const odd = new Map<string, number>();
    for (const spout of spouts) this.#count(spout);
    if (announcers.length > 0 || this.#paused.size > 0) {
      const state = this.#describe(announcers);
      // What changes makes news, which take their time.
      if (state !== this.#state) this.#oddSince.clear();
      this.#state = state;
      for (const spout of spouts) this.#look(spout, announcers, odd);
      for (const stmgr of announcers) this.#lookAtReasons(stmgr, odd);
    }
    this.#oddSince = odd;
    this.#unheardSince = this.#findUnheard(announcers);
  }

  /** Each stream manager knows what each of its peers announces. */
  #findUnheard(announcers: readonly SimStmgr[]): Map<string, number> {
    const { world } = this.#run;
    const unheard = new Map<string, number>();
    for (const from of announcers) {
      const announced = from.core.pressure.announced.join(" ");
      for (const to of this.#cluster.stmgrs.values()) {
        if (to === from || to.process.isDead || this.#isHeld(to.process)) continue;
        if (to.core.pressure.announcedBy(from.id).join(" ") === announced) continue;
        if (!this.#isLinked(from, to)) continue;
        const what = `${to.id} has not heard that ${from.id} announces ${announced}`;
        const sinceMs = this.#unheardSince.get(what) ?? world.nowMs();
        unheard.set(what, sinceMs);
        if (world.nowMs() - sinceMs > this.#newsMs) world.break(what);
      }
    }
    return unheard;
  }

  #count({ taskId, core }: SimInstance): void {
    if (!core.isPaused) this.#paused.delete(taskId);
    else if (!this.#paused.has(taskId)) {
      this.#paused.add(taskId);
      this.#pauses++;
    }
  }

  #describe(announcers: readonly SimStmgr[]): string {
    const announced = announcers.map(({ id, life, core }) =>
      `${id} ${life.epoch}.${life.counter}: ${core.pressure.announced.join(" ")}`
    );
    return `${announced.join(", ")}; ${[...this.#paused].join(" ")}`;
  }

  #odd(odd: Map<string, number>, what: string, limitMs: number): void {
    const { world } = this.#run;
    const sinceMs = this.#oddSince.get(what) ?? world.nowMs();
    odd.set(what, sinceMs);
    if (world.nowMs() - sinceMs > limitMs) {
      world.break(`${what} for ${Math.round(world.nowMs() - sinceMs)} ms`);
    }
  }

  #look(spout: SimInstance, announcers: readonly SimStmgr[], odd: Map<string, number>): void {
    const { taskId, core, process, executor } = spout;
    const place = this.#places.get(taskId);
    const own = this.#cluster.stmgrs.get(place?.container ?? 0);
    if (place === undefined || own === undefined || core.state !== "running") return;
    if ([process, executor.thread, own.process].some((one) => one.isDead || this.#isHeld(one))) {
      return;
    }
    const reached = this.#run.tuplePlan.tasksBehind(place.component);
    const concerned = announcers.filter(({ core: { pressure } }) =>
      pressure.announced.some((task) => reached.has(task))
    );
    if (core.isPaused && concerned.length === 0) {
      this.#odd(odd, `spout task ${taskId} is paused for nobody`, this.#newsMs + LATE_END_MS);
    }
    const isTold = this.#isConnected(own, spout) &&
      concerned.some((stmgr) => this.#isLinked(stmgr, own));
    if (!core.isPaused && isTold) {
      this.#odd(odd, `spout task ${taskId} is not paused and was to be`, this.#newsMs);
    }
  }

  #isHeld({ heldUntilMs }: { readonly heldUntilMs: number }): boolean {
    return heldUntilMs > this.#run.world.nowMs() + BUSY_MS_MAX;
  }

  #isConnected(stmgr: SimStmgr, { taskId, process }: SimInstance): boolean {
    const end = this.#linkTo(stmgr, taskId);
    return end?.other?.process === process && isClear(end);
  }

  #linkTo(stmgr: SimStmgr, taskId: number): LinkEnd | undefined {
    const { container = 0, component = "" } = this.#places.get(taskId) ?? {};
    const id = instanceId(container, component, taskId);
    for (const [instance, { link }] of stmgr.core.toInstances()) {
      if (instance === id && link instanceof LinkEnd) return link;
    }
    return undefined;
  }

  /** The two have the same link to each other, and nothing is in its way. */
  #isLinked(from: SimStmgr, to: SimStmgr): boolean {
    if (from === to) return true;
    const { network, world } = this.#run;
    if (this.#isHeld(from.process)) return false;
    if (network.blockedUntilMs(from.container, to.container) > world.nowMs()) return false;
    const [there, back] = [this.#peerLink(from, to), this.#peerLink(to, from)];
    return there !== undefined && there.other === back && isClear(there);
  }

  #peerLink(from: SimStmgr, to: SimStmgr): LinkEnd | undefined {
    for (const [id, { link }] of from.core.toPeers()) {
      if (id === to.id && link instanceof LinkEnd) return link;
    }
    return undefined;
  }

  #lookAtReasons(stmgr: SimStmgr, odd: Map<string, number>): void {
    const { plan, pressure } = stmgr.core;
    if (this.#isHeld(stmgr.process)) return;
    for (const task of pressure.announced) {
      if (this.#linkTo(stmgr, task) === undefined) {
        this.#run.world.break(`${stmgr.id} announces task ${task}, which is not connected`);
      }
      const culprit = this.#cluster.instances.get(task);
      if (plan === undefined || culprit === undefined || !this.#isConnected(stmgr, culprit)) {
        continue;
      }
      const { process, executor: { thread }, core } = culprit;
      if (this.#isHeld(process) || this.#isHeld(thread) || core.intake === undefined) continue;
      const budget = taskBudgetBytes(this.#run.scenario.config, plan.tasksInContainerOf(task));
      if (core.intake.heldBytes * 2 > budget) continue;
      this.#odd(odd, `task ${task} is announced and half free`, this.#newsMs);
    }
  }
}

/** News that is sent now does not wait behind others. */
function isClear(end: LinkEnd): boolean {
  return end.isAlive && end.queuedBytes === 0;
}
