/**
 * What the user code of simulated spouts and bolts shares: making tuples, and
 * what calls cost. Each tuple carries who sent it, its number, what it is and
 * a check, and everything is told to the ledgers.
 */

import type {
  Anchors,
  MaybePromise,
  OutputCollector,
  SpoutOutputCollector,
  TopologyContext,
  Tuple,
} from "../api/mod.ts";
import { type Random, seededRandom } from "../base/mod.ts";
import type { TaskLife } from "../tuples/mod.ts";
import type { Durable } from "./durable.ts";
import type { Behaviour } from "./random_behaviour.ts";
import type { RootLedger } from "./root_ledger.ts";
import { RouteCheck, type Ways } from "./route_check.ts";
import type { TupleLedger } from "./tuple_ledger.ts";
import type { Identity, PlannedTuple, TuplePlan } from "./tuple_plan.ts";
import type { VirtualProcess } from "./virtual_process.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** What user code of one task is made of. */
export interface UserCodeOptions {
  readonly taskId: number;
  readonly component: string;
  readonly life: TaskLife;
  readonly seed: number;
  readonly behaviour: Behaviour;
  readonly plan: TuplePlan;
  readonly isCyclic: boolean;
  readonly isAcked: boolean;
  readonly world: VirtualWorld;
  readonly process: VirtualProcess;
  readonly ledger: TupleLedger;
  readonly roots: RootLedger;
  readonly durable: Durable;
  readonly ways: Ways;
  /** The task is paused for back pressure. */
  isPaused(): boolean;
  /** A spout was told that it is active, or is not. */
  activated(isActive: boolean): void;
  /** The call that runs keeps its thread for `ms`. */
  busy(ms: number): void;
}

/** What a tuple says besides its plan. */
export interface Lineage {
  /** Which emit of a spout it comes of; 0: of none. */
  readonly attempt: number;
  /** How often the spout has emitted the same before, in this life. */
  readonly retries: number;
}

/** A tuple as a bolt reads it. */
export interface ReadTuple extends Lineage {
  readonly source: number;
  readonly life: number;
  readonly sequence: number;
  readonly hops: number;
  readonly identity: Identity;
  readonly key: string;
}

const BODY = Uint8Array.from({ length: 32 * 1024 }, (_, index) => (index * 31) & 0xff);

/** The body of a tuple: of two that follow each other no piece is the same. */
function bodyOf(source: number, sequence: number, bytes: number): Uint8Array {
  const start = (source * 89 + sequence * 37) & 0xff;
  return BODY.subarray(start, start + bytes);
}

/** A life as one number. */
export function lifeNumber({ epoch, counter }: TaskLife): number {
  return epoch * 4_096 + counter;
}

/** The check that a tuple carries. */
function checkOf(source: number, sequence: number, bodyBytes: number): number {
  return (Math.imul(source, 0x9e3779b1) ^ Math.imul(sequence, 0x85ebca6b) ^ bodyBytes) >>> 0;
}

/** What `tuple` says; undefined when it is damaged. */
export function readTuple(tuple: Tuple): ReadTuple | undefined {
  const [source, life, sequence, check, key, hops, identity, attempt, retries, body] = tuple
    .getValues();
  const bytes = body instanceof Uint8Array ? body : undefined;
  const isSound = bytes !== undefined && source === tuple.getSourceTask() &&
    check === checkOf(Number(source), Number(sequence), bytes.length) &&
    Buffer.compare(bytes, bodyOf(Number(source), Number(sequence), bytes.length)) === 0;
  if (!isSound) return undefined;
  return {
    source: Number(source),
    life: Number(life),
    sequence: Number(sequence),
    hops: Number(hops),
    identity: Number(identity),
    attempt: Number(attempt),
    retries: Number(retries),
    key: String(key),
  };
}

/** How a tuple is followed: by a message id, or by the tuples it comes of. */
export type Following = { readonly messageId: unknown } | { readonly anchors: Anchors } | undefined;

/** The part of user code that spouts and bolts share. */
export class SimCode {
  readonly options: UserCodeOptions;
  readonly random: Random;
  #collector: SpoutOutputCollector | OutputCollector | undefined;
  #context: TopologyContext | undefined;
  #sequence = 0;
  #isLongCallDue: boolean;

  /** Code that is not open yet. */
  constructor(options: UserCodeOptions) {
    this.options = options;
    const { seed, taskId, life, behaviour } = options;
    this.random = seededRandom(seed * 7919 + taskId + lifeNumber(life) * 104_729);
    this.#isLongCallDue = behaviour.longCallMs > 0 && this.random.unit() < 0.2;
  }

  /** Opens it. */
  open(context: TopologyContext, collector: SpoutOutputCollector | OutputCollector): void {
    this.#context = context;
    this.#collector = collector;
  }

  /** The context of the task. */
  get context(): TopologyContext {
    if (this.#context === undefined) throw new TypeError("Called before open");
    return this.#context;
  }

  /** Emits a tuple. */
  emit(tuple: PlannedTuple, lineage: Lineage, following: Following): void {
    const { taskId, life, ledger } = this.options;
    const collector = this.#collector;
    if (collector === undefined) return;
    const sequence = ++this.#sequence;
    const values = [
      taskId,
      lifeNumber(life),
      sequence,
      checkOf(taskId, sequence, tuple.bytes),
      tuple.key,
      tuple.hops,
      tuple.identity,
      lineage.attempt,
      lineage.retries,
      bodyOf(taskId, sequence, tuple.bytes),
    ];
    const sent = { source: taskId, life: lifeNumber(life), sequence };
    const { direct, stream } = tuple;
    const check = new RouteCheck(this.context, tuple, this.options.ways);
    const tasks = direct === undefined
      ? this.#emit([stream, values], following)
      : this.#emitDirect(direct, [stream, values], following);
    ledger.emitted(sent, tasks);
    const fault = check.fault(tasks);
    if (fault !== undefined) this.options.world.break(`task ${taskId}: ${fault}`);
  }

  #emit([stream, values]: [string, unknown[]], following: Following): readonly number[] {
    const collector = this.#collector;
    if (collector === undefined) return [];
    // Without a message id or anchors both kinds take the same.
    if (following === undefined) return (collector as OutputCollector).emit(stream, values);
    if ("messageId" in following) {
      // Only spouts have message ids.
      return (collector as SpoutOutputCollector).emit(stream, values, following.messageId);
    }
    // Only bolts have anchors.
    return (collector as OutputCollector).emit(stream, following.anchors, values);
  }

  #emitDirect(
    task: number,
    [stream, values]: [string, unknown[]],
    following: Following,
  ): readonly number[] {
    const collector = this.#collector;
    if (collector === undefined) return [];
    if (following !== undefined && "messageId" in following) {
      // Only spouts have message ids.
      const spout = collector as SpoutOutputCollector;
      return spout.emitDirect(task, stream, values, following.messageId);
    }
    // Without anchors both kinds take the same.
    const bolt = collector as OutputCollector;
    if (following === undefined) return bolt.emitDirect(task, stream, values);
    return bolt.emitDirect(task, stream, following.anchors, values);
  }

  /** Waits for credit. */
  ready(): Promise<void> {
    this.options.world.settle();
    return this.#collector?.ready() ?? Promise.resolve();
  }

  /** Lets the call take its time. */
  spend(): void {
    const { behaviour, busy } = this.options;
    if (behaviour.serviceMs > 0) busy(behaviour.serviceMs * 2 * this.random.unit());
    if (!this.#isLongCallDue || this.random.unit() > 0.1) return;
    this.#isLongCallDue = false;
    busy(behaviour.longCallMs);
  }

  /** Wraps `run` in the style of this code. */
  call(run: () => void): MaybePromise<void> {
    const { behaviour, process } = this.options;
    this.spend();
    switch (behaviour.style) {
      case "plain":
        return run();
      case "promises":
        if (this.random.unit() < 0.7) return run();
        return process.sleep(this.random.unit() * 3).then(run);
      case "ready":
        if (this.random.unit() < 0.7) return run();
        return this.ready().then(run);
    }
  }
}
