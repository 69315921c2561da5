/**
 * A simulated bolt: passes on what it gets, anchored to it. It may keep tuples
 * back and handle them in one go, join each with the one that came before, ack
 * late, fail some, and leave some without an ack.
 */

import {
  type Anchors,
  type IBolt,
  isTick,
  type MaybePromise,
  type OutputCollector,
  type TopologyContext,
  type Tuple,
} from "../api/mod.ts";
import {
  lifeNumber,
  type ReadTuple,
  readTuple,
  SimCode,
  type UserCodeOptions,
} from "./sim_code.ts";
import type { KeyPlace } from "./tuple_ledger.ts";
import { mixed } from "./tuple_plan.ts";

/** Something kept back: a tuple, and what it says. */
interface Kept {
  readonly tuple: Tuple;
  readonly read: ReadTuple;
}

type KeyedEdge = Pick<KeyPlace, "edge" | "tasksMax">;

/** Most tuples that a bolt keeps back. */
export const KEPT_MAX = 6;
/** Replays of a tuple that may still be failed or left without an ack. */
const RETRIES_MAX = 2;

/** A bolt that passes on what it gets. */
export class SimBolt implements IBolt {
  readonly #code: SimCode;
  #collector: OutputCollector | undefined;
  #kept: Kept[] = [];
  /** Tuples of calls that threw. */
  readonly #failed = new WeakMap<Tuple, ReadTuple>();
  readonly #edges = new Map<string, KeyedEdge | undefined>();

  /** The bolt of one task. */
  constructor(options: UserCodeOptions) {
    this.#code = new SimCode(options);
  }

  prepare(_config: unknown, context: TopologyContext, collector: OutputCollector): void {
    this.#collector = collector;
    this.#code.open(context, collector);
  }

  execute(tuple: Tuple): MaybePromise<void> {
    const { behaviour } = this.#code.options;
    if (isTick(tuple)) return this.#code.call(() => this.#release());
    // Called again it is the same tuple, which came once.
    const read = this.#failed.get(tuple) ?? this.#check(tuple);
    if (read === undefined) return;
    if (behaviour.throws > 0 && this.#code.random.unit() < behaviour.throws) {
      this.#failed.set(tuple, read);
      return this.#fail();
    }
    return this.#code.call(() => this.#take({ tuple, read }));
  }

  /** Throws, at once or later. */
  #fail(): MaybePromise<void> {
    const { behaviour, process } = this.#code.options;
    if (behaviour.style === "plain") throw new Error("by chance");
    return process.sleep(this.#code.random.unit() * 3).then(() => {
      throw new Error("by chance, later");
    });
  }

  #take(one: Kept): void {
    const { behaviour } = this.#code.options;
    const verdict = this.#verdict(one.read);
    if (verdict === "fail") {
      // What came of it so far is on its way, and may be acked to the last leaf.
      if (one.read.identity % 2 === 0) this.#emitFor(one, one.tuple);
      this.#code.options.roots.failedByBolt(one.read.attempt);
      this.#collector?.fail(one.tuple);
      return;
    }
    if (verdict === "forget") return;
    switch (behaviour.keeps) {
      case "nothing":
        return this.#handle([one]);
      case "acks":
        this.#emitFor(one, one.tuple);
        this.#kept.push(one);
        break;
      case "tuples":
        this.#collector?.resetTimeout(one.tuple);
        this.#kept.push(one);
        break;
      case "pairs": {
        const other = this.#kept.pop();
        if (other === undefined) this.#kept.push(one);
        else this.#handle([other, one]);
        return;
      }
    }
    if (this.#kept.length >= KEPT_MAX) this.#release();
  }

  #verdict({ attempt, identity, retries }: ReadTuple): "handle" | "fail" | "forget" {
    const { behaviour, isAcked, taskId } = this.#code.options;
    if (!isAcked || attempt === 0 || retries > RETRIES_MAX) return "handle";
    const unit = (mixed(identity, taskId * 8 + retries) % 1_000) / 1_000;
    if (unit < behaviour.fails) return "fail";
    return unit < behaviour.fails + behaviour.forgets ? "forget" : "handle";
  }

  /** Lets go of what is kept back. */
  #release(): void {
    const kept = this.#kept;
    this.#kept = [];
    if (this.#code.options.behaviour.keeps === "acks") { for (const one of kept) this.#done(one); }
    else for (const one of kept) this.#handle([one]);
  }

  /** Emits what comes of `group`, anchored to all of it, and acks it. */
  #handle(group: readonly Kept[]): void {
    for (const [index, one] of group.entries()) {
      const others = group.filter((_, at) => at !== index).map(({ tuple }) => tuple);
      this.#emitFor(one, others.length === 0 ? one.tuple : [one.tuple, ...others]);
    }
    for (const one of group) this.#done(one);
  }

  #emitFor({ read }: Kept, anchors: Anchors): void {
    const { plan, component } = this.#code.options;
    const { attempt, retries } = read;
    for (const child of plan.children(component, read.identity, read.hops)) {
      this.#code.emit(child, { attempt, retries }, attempt === 0 ? undefined : { anchors });
    }
  }

  #done({ tuple, read }: Kept): void {
    const { roots, component, taskId } = this.#code.options;
    roots.handled(read, component, taskId);
    this.#collector?.ack(tuple);
  }

  #check(tuple: Tuple): ReadTuple | undefined {
    const { world, ledger, taskId, life } = this.#code.options;
    const read = readTuple(tuple);
    if (read === undefined) {
      world.break(`task ${taskId}: a tuple of ${tuple.getSourceTask()} is damaged`);
      return undefined;
    }
    ledger.received(read, { task: taskId, life: lifeNumber(life) });
    const edge = this.#edgeOf(tuple);
    if (edge !== undefined) ledger.placed({ ...edge, key: read.key }, taskId);
    return read;
  }

  /** The edge a tuple came by, if that is sure and it goes by keys. */
  #edgeOf(tuple: Tuple): KeyedEdge | undefined {
    const { context } = this.#code;
    const component = tuple.getSourceComponent();
    const stream = tuple.getSourceStreamId();
    const known = `${component}.${stream}`;
    if (!this.#edges.has(known)) {
      const inputs = context.getThisSources().filter((input) =>
        input.component === component && input.stream === stream
      );
      const [only] = inputs.length === 1 ? inputs : [];
      const edge = `${known} → ${context.getThisComponentId()}`;
      const isKeyed = only !== undefined && "fields" in only.grouping;
      const tasksMax = only?.grouping.type === "partialKey" ? 2 : 1;
      this.#edges.set(known, isKeyed ? { edge, tasksMax } : undefined);
    }
    return this.#edges.get(known);
  }

  flush(): MaybePromise<void> {
    this.#code.options.ledger.progress();
    return this.#code.call(() => this.#release());
  }

  finish(): MaybePromise<void> {
    const { options, context } = this.#code;
    const { behaviour, ledger, taskId, life, isCyclic, isAcked } = options;
    if (isCyclic) ledger.progress();
    else {
      const sources = isAcked ? [] : sourceTasksOf(context);
      ledger.finished({ task: taskId, life: lifeNumber(life) }, sources);
    }
    this.#release();
    if (behaviour.finishEmits === 0) return;
    return this.#emitLast(behaviour.finishEmits);
  }

  /** Emits in several goes, with waits for credit between. */
  async #emitLast(count: number): Promise<void> {
    const { behaviour, plan, component, taskId } = this.#code.options;
    for (let index = 0; index < count;) {
      await this.#code.ready();
      const last = Math.min(count, index + behaviour.emitsInCall);
      for (; index < last; index++) {
        const tuple = plan.ofFinish(component, taskId, index);
        this.#code.emit(tuple, { attempt: 0, retries: 0 }, undefined);
      }
    }
  }
}

function sourceTasksOf(context: TopologyContext): readonly number[] {
  const components = new Set(context.getThisSources().map((input) => input.component));
  return [...components].flatMap((component) => context.getComponentTasks(component));
}
