/**
 * A simulated container: a supervisor that takes an epoch from the store,
 * starts its processes and starts again who ends. When the supervisor itself
 * dies, its processes end themselves as soon as they notice; those that are
 * stopped go on for a while when they wake up, beside their replacements.
 */

import { takeEpoch } from "../state/mod.ts";
import type { TaskLife } from "../tuples/mod.ts";
import type { SimStore } from "./sim_store.ts";
import { VirtualProcess } from "./virtual_process.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** The folder of epochs in the store. */
const EPOCHS = "simulated/epochs";
/** Until a process that ended is there again. */
const RESTART_DELAY_MAX_MS = 150;
/** Until a container whose supervisor died is there again. */
const RELAUNCH_DELAY_MAX_MS = 600;
/** Until a process notices that its supervisor is gone. */
const NOTICE_DELAY_MAX_MS = 300;
/** Processes start at different times. */
const START_DELAY_MAX_MS = 50;

/** A process of a container. */
export interface SimChild {
  /** The one with the sockets. */
  readonly process: VirtualProcess;
  /** Ends it at once. */
  kill(): void;
  /** Stops all of it until `timeMs`. */
  stopUntil(timeMs: number): void;
}

/** A process that a container has. */
export interface ChildSpec {
  readonly id: string;
  start(life: TaskLife): SimChild;
}

/** What a container is made of. */
export interface SimContainerOptions {
  readonly world: VirtualWorld;
  readonly store: SimStore;
  readonly name: string;
  readonly children: readonly ChildSpec[];
}

interface Slot {
  readonly spec: ChildSpec;
  counter: number;
  child: SimChild | undefined;
}

/** A container of a run. */
export class SimContainer {
  readonly #options: SimContainerOptions;
  readonly #slots = new Map<string, Slot>();
  #supervisor: VirtualProcess | undefined;
  #epoch = 0;

  /** Starts the supervisor. */
  constructor(options: SimContainerOptions) {
    this.#options = options;
    for (const spec of options.children) {
      this.#slots.set(spec.id, { spec, counter: 0, child: undefined });
    }
    void this.#launch();
  }

  /** The ids of its processes. */
  get ids(): readonly string[] {
    return [...this.#slots.keys()];
  }

  /** The process that runs as `id` now. */
  child(id: string): SimChild | undefined {
    return this.#slots.get(id)?.child;
  }

  async #launch(): Promise<void> {
    const { world, store, name } = this.#options;
    const supervisor = new VirtualProcess(name, world, 1);
    this.#supervisor = supervisor;
    const epoch = await takeEpoch(store.openFor(supervisor), EPOCHS);
    if (supervisor.isDead) return;
    world.note(() => `${name}: starts its processes under epoch ${epoch}`);
    this.#epoch = epoch;
    for (const slot of this.#slots.values()) {
      slot.counter = 0;
      this.#startIn(supervisor, slot, world.delayMs(START_DELAY_MAX_MS));
    }
  }

  #startIn(supervisor: VirtualProcess, slot: Slot, delayMs: number): void {
    supervisor.clock.after(delayMs, () => {
      const life = { epoch: this.#epoch, counter: ++slot.counter };
      const child = slot.spec.start(life);
      slot.child = child;
      child.process.open.add({
        processDied: () => {
          if (slot.child === child) slot.child = undefined;
          if (supervisor.isDead) return;
          this.#startIn(supervisor, slot, this.#options.world.delayMs(RESTART_DELAY_MAX_MS));
        },
      });
    });
  }

  /** kill -9 of one process. */
  crash(id: string): void {
    this.#slots.get(id)?.child?.kill();
  }

  /** kill -9 of the supervisor. */
  die(): void {
    const { world, name } = this.#options;
    const supervisor = this.#supervisor;
    if (supervisor === undefined || supervisor.isDead) return;
    world.note(() => `${name}: its supervisor dies`);
    supervisor.kill();
    for (const slot of this.#slots.values()) {
      const { child } = slot;
      slot.child = undefined;
      if (child !== undefined) this.#orphan(child);
    }
    world.after(world.delayMs(RELAUNCH_DELAY_MAX_MS), () => void this.#launch());
  }

  /** It ends itself when it sees that its supervisor is gone. */
  #orphan(child: SimChild): void {
    const { world } = this.#options;
    const noticeMs = world.delayMs(NOTICE_DELAY_MAX_MS);
    // One that is stopped notices when it goes on.
    const { heldUntilMs } = child.process;
    world.at(Math.max(world.nowMs(), heldUntilMs) + noticeMs, () => child.kill());
  }
}
