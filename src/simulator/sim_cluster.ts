/**
 * A whole simulated cluster: containers with their supervisors, the topology
 * master, stream managers and instances. It knows no property of the run but
 * that nobody has more credit than was granted.
 */

import { instanceId } from "../plan/mod.ts";
import { containerOf, type Target } from "./random_faults.ts";
import { type ChildSpec, SimContainer } from "./sim_container.ts";
import { SimInstance, type SimTask } from "./sim_instance.ts";
import { compareLives } from "./sim_network.ts";
import type { SimRun } from "./sim_run.ts";
import { SimStmgr } from "./sim_stmgr.ts";
import { SimTm, type TmNews } from "./sim_tm.ts";

const TM_ID = "tm";

/** A tuple in parts of which some came. */
export interface CameInPart {
  readonly source: number;
  readonly destination: number;
  /** Ends the connection of the destination with its stream manager. */
  closeLink(): void;
}

/** The processes of one run. */
export class SimCluster {
  /** By container number; 0 is that of the topology master. */
  readonly containers = new Map<number, SimContainer>();
  /** The newest life of each. */
  readonly stmgrs = new Map<number, SimStmgr>();
  readonly instances = new Map<number, SimInstance>();
  /** Some of a tuple in parts came, and more is to come. */
  partCame: (part: CameInPart) => void = () => {};
  /** A life of a spout has told its end. */
  spoutEnded: (task: number) => void = () => {};
  /** All lives of all instances. */
  readonly lives: SimInstance[] = [];
  readonly #run: SimRun;
  readonly #ids = new Map<number, string>();
  #tm: SimTm | undefined;
  #isDraining = false;

  /** Starts all containers. */
  constructor(run: SimRun, news: Omit<TmNews, "isDraining">) {
    this.#run = run;
    const { packingPlan } = run.scenario;
    this.#start(0, [{
      id: TM_ID,
      start: (life) => {
        this.#tm = new SimTm({
          run,
          life: run.interposer.life(TM_ID, life),
          news: { ...news, isDraining: () => this.#isDraining },
        });
        return this.#tm;
      },
    }]);
    for (const { id, instancePlans } of packingPlan.containerPlans) {
      const instances = instancePlans.map((task) => this.#instanceSpec(id, task));
      this.#start(id, [this.#stmgrSpec(id), ...instances]);
    }
  }

  #start(container: number, children: readonly ChildSpec[]): void {
    const { world, store } = this.#run;
    const name = `container-${container}`;
    this.containers.set(container, new SimContainer({ world, store, name, children }));
  }

  #stmgrSpec(container: number): ChildSpec {
    const run = this.#run;
    const id = `stmgr-${container}`;
    return {
      id,
      start: (life) => {
        const stmgr = new SimStmgr({ run, container, life: run.interposer.life(id, life) });
        this.stmgrs.set(container, stmgr);
        return stmgr;
      },
    };
  }

  #instanceSpec(container: number, task: SimTask): ChildSpec {
    const run = this.#run;
    const id = instanceId(container, task.componentName, task.taskId);
    this.#ids.set(task.taskId, id);
    const { definition } = run.scenario;
    const known = definition.components.find((one) => one.name === task.componentName);
    const reached = known?.kind === "spout"
      ? run.tuplePlan.tasksBehind(task.componentName)
      : undefined;
    return {
      id,
      start: (life) => {
        const instance: SimInstance = new SimInstance({
          run,
          container,
          task,
          life: run.interposer.life(id, life),
          reached,
          granted: (destinationTask) => this.checkCredit(instance, destinationTask),
          toldEnd: () => {
            if (known?.kind === "spout") this.spoutEnded(task.taskId);
          },
          partCame: (source, closeLink) =>
            this.partCame({ source, destination: task.taskId, closeLink }),
        });
        this.instances.set(task.taskId, instance);
        this.lives.push(instance);
        return instance;
      },
    };
  }

  /** The newest topology master. */
  get tm(): SimTm | undefined {
    return this.#tm;
  }

  /** The id of a process in its container. */
  idOf(target: Target): string {
    if (target.role === "tm") return TM_ID;
    if (target.role === "stmgr") return `stmgr-${containerOf(target)}`;
    return this.#ids.get(target.task) ?? "";
  }

  /** Spouts are to end. */
  drain(): void {
    this.#isDraining = true;
    const tm = this.#tm;
    tm?.process.post(() => tm.core?.drain());
  }

  /** A source has never more credit than its receiver granted. */
  checkCredit(instance: SimInstance, destinationTask: number): void {
    const { world } = this.#run;
    // A word of an earlier receiver is no news to its next life.
    const lives = this.lives.filter(({ taskId }) => taskId === destinationTask);
    const channels = lives.flatMap(({ core }) => core.intake?.channel(instance.taskId) ?? []);
    // What a receiver had granted is forgotten when a later life of the source speaks.
    if (channels.some(({ life }) => compareLives(life, instance.life) > 0)) return;
    const limits = channels.filter(({ life }) => compareLives(life, instance.life) === 0)
      .map(({ grantedLimit }) => grantedLimit);
    if (limits.length === 0) return;
    const granted = Math.max(...limits);
    const excess = -((granted - (instance.credit.words[destinationTask] ?? 0)) | 0);
    if (excess <= 0) return;
    world.break(
      `channel ${instance.taskId} → ${destinationTask}: its source has ${excess} B more credit than was granted`,
    );
  }
}
