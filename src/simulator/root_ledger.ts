/**
 * What spouts were told of their tuples: each emit ends once in a life, one
 * that is acked was handled to the last leaf, and none fails without cause.
 */

import type { FailReason } from "../api/mod.ts";
import type { TaskLife } from "../tuples/mod.ts";
import type { MessageId } from "./message_id.ts";
import {
  type Delivery,
  type Identity,
  mixed,
  type PlannedTuple,
  type TuplePlan,
} from "./tuple_plan.ts";
import { CLOCK_DRIFT_MAX } from "./virtual_process.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** A tuple that was emitted and what is behind it. */
export interface RootTree {
  readonly plan: TuplePlan;
  readonly component: string;
  readonly tuple: PlannedTuple;
}

/** So many tuples may be open before any was acked, and what one call emits. */
const BLIND_MAX = 128 + 10;

/** What may happen in a run. */
export interface RootLedgerOptions {
  readonly world: VirtualWorld;
  /** Nothing fails for being late: nobody dies and every tuple is acked soon. */
  readonly isTimely: boolean;
  /** Nothing is lost. */
  readonly isLossless: boolean;
  /** A tuple fails only if some bolt failed one that is known to come of it. */
  readonly isStrict: boolean;
  readonly timeoutMs: number;
}

/** One life of a spout task. */
interface SpoutLife {
  /** Since when, by emit. */
  readonly open: Map<number, number>;
  acked: number;
  /** Tuples that notices so far may have failed. */
  losable: number;
  lost: number;
}

/** The record of one run. */
export class RootLedger {
  readonly #options: RootLedgerOptions;
  readonly #lives = new Map<string, SpoutLife>();
  readonly #handled = new Set<number>();
  readonly #failedByBolts = new Set<number>();
  readonly #components = new Map<string, number>();
  #ackedCount = 0;
  #replays = 0;
  #timedOut = 0;
  #duplicates = 0;

  /** Nothing was emitted yet. */
  constructor(options: RootLedgerOptions) {
    this.#options = options;
  }

  /** Tuples acked so far. */
  get ackedCount(): number {
    return this.#ackedCount;
  }

  /** Tuples that failed for being late. */
  get timedOut(): number {
    return this.#timedOut;
  }

  /** Tuples failed so far. */
  get replays(): number {
    return this.#replays;
  }

  /** Tuples that a task handled a second time. */
  get duplicates(): number {
    return this.#duplicates;
  }

  #life(task: number, { epoch, counter }: TaskLife): SpoutLife {
    const name = `${task} ${epoch}.${counter}`;
    let life = this.#lives.get(name);
    if (life === undefined) {
      life = { open: new Map(), acked: 0, losable: 0, lost: 0 };
      this.#lives.set(name, life);
    }
    return life;
  }

  /** A spout emits with a message id. */
  opened({ task, attempt }: MessageId, life: TaskLife): void {
    const { world, isTimely } = this.#options;
    const { open, acked } = this.#life(task, life);
    open.set(attempt, world.nowMs());
    // Else a slow bolt has more to do than it can within the time-out before the spout learns of it.
    if (!isTimely || open.size <= BLIND_MAX + acked) return;
    world.break(`spout task ${task}: ${open.size} tuples are open, and ${acked} were acked`);
  }

  /** How many tuples of a spout's life are open. */
  openCount(task: number, life: TaskLife): number {
    return this.#life(task, life).open.size;
  }

  /** A notice is settled in an instance: what is open may fail, once. */
  settled(task: number, life: TaskLife): void {
    const known = this.#life(task, life);
    known.losable += known.open.size;
  }

  #ended({ task, attempt, offset }: MessageId, life: TaskLife): SpoutLife {
    const known = this.#life(task, life);
    if (!known.open.delete(attempt)) {
      this.#options.world.break(
        `spout task ${task}: offset ${offset} (emit ${attempt}) ended twice, or in another life`,
      );
    }
    return known;
  }

  /** A spout hears that a tuple was handled. */
  acked(id: MessageId, life: TaskLife, { plan, component, tuple }: RootTree): void {
    this.#ackedCount++;
    this.#ended(id, life).acked++;
    const missing = plan.missing(
      component,
      tuple,
      (identity, delivery) => this.#handled.has(this.#nameOf(identity, id.attempt, delivery)),
    );
    if (missing === undefined) return;
    this.#options.world.break(
      `spout task ${id.task}: offset ${id.offset} was acked and not handled at ${missing}`,
    );
  }

  /** A spout hears that a tuple was not handled. */
  failed(id: MessageId, life: TaskLife, reason: FailReason): void {
    const { world, isTimely, isLossless, isStrict, timeoutMs } = this.#options;
    this.#replays++;
    const sinceMs = this.#life(id.task, life).open.get(id.attempt) ?? 0;
    const known = this.#ended(id, life);
    const name = `spout task ${id.task}: offset ${id.offset}`;
    if (reason === "timeout") this.#timedOut++;
    if (reason === "timeout" && isTimely) world.break(`${name} failed for being late`);
    if (reason === "timeout" && world.nowMs() - sinceMs < timeoutMs * (1 - CLOCK_DRIFT_MAX)) {
      world.break(`${name} failed for being late before its time was over`);
    }
    if (reason === "failed" && isStrict && !this.#failedByBolts.has(id.attempt)) {
      world.break(`${name} failed, and no bolt has failed it`);
    }
    if (reason !== "lost") return;
    if (isLossless) world.break(`${name} failed as lost and nothing was`);
    if (++known.lost <= known.losable) return;
    world.break(`${name} failed as lost: more were than were open when notices settled`);
  }

  /** A bolt fails a tuple that comes of an emit. */
  failedByBolt(attempt: number): void {
    this.#failedByBolts.add(attempt);
  }

  /** A bolt acks a tuple. */
  handled(
    { identity, attempt }: { identity: Identity; attempt: number },
    component: string,
    task: number,
  ): void {
    if (attempt === 0) return;
    const name = this.#nameOf(identity, attempt, { component, task });
    if (this.#handled.has(name)) this.#duplicates++;
    this.#handled.add(name);
    this.#handled.add(this.#nameOf(identity, attempt, { component, task: undefined }));
  }

  #nameOf(identity: Identity, attempt: number, { component, task }: Delivery): number {
    if (task !== undefined) return mixed(mixed(identity, attempt), task);
    let place = this.#components.get(component);
    if (place === undefined) {
      place = this.#components.size;
      this.#components.set(component, place);
    }
    return mixed(mixed(identity, attempt), 1_000_000 + place);
  }
}
