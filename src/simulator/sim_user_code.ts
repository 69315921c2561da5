/**
 * The user code of simulated tasks: spouts that end after some tuples, bolts
 * that pass on what they get. Each tuple carries who sent it, its number and a
 * check, and everything is told to the ledger.
 */

import type {
  IBolt,
  ISpout,
  MaybePromise,
  OutputCollector,
  SpoutOutputCollector,
  TopologyContext,
  Tuple,
} from "../api/mod.ts";
import { type Random, seededRandom } from "../base/mod.ts";
import type { Behaviour } from "./random_behaviour.ts";
import { between } from "./random_choice.ts";
import type { TupleLedger } from "./tuple_ledger.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** What user code of one task is made of. */
export interface UserCodeOptions {
  readonly taskId: number;
  readonly seed: number;
  readonly behaviour: Behaviour;
  readonly isCyclic: boolean;
  readonly world: VirtualWorld;
  readonly ledger: TupleLedger;
  /** The call that runs keeps its thread for `ms`. */
  busy(ms: number): void;
}

type Collector = SpoutOutputCollector | OutputCollector;

const BODY = Uint8Array.from({ length: 32 * 1024 }, (_, index) => (index * 31) & 0xff);
const NO_TARGETS: readonly number[] = [];

/** The check that a tuple carries. */
function checkOf(source: number, sequence: number, bodyBytes: number): number {
  return (Math.imul(source, 0x9e3779b1) ^ Math.imul(sequence, 0x85ebca6b) ^ bodyBytes) >>> 0;
}

/** What spouts and bolts share: emitting, and what calls cost. */
class SimCode {
  readonly options: UserCodeOptions;
  readonly random: Random;
  #collector: Collector | undefined;
  #context: TopologyContext | undefined;
  #streams: readonly { id: string; direct: readonly number[]; hasOthers: boolean }[] = [];
  #sequence = 0;
  #isLongCallDue: boolean;

  constructor(options: UserCodeOptions) {
    this.options = options;
    this.random = seededRandom(options.seed * 7919 + options.taskId);
    this.#isLongCallDue = options.behaviour.longCallMs > 0 && this.random.unit() < 0.2;
  }

  open(context: TopologyContext, collector: Collector): void {
    this.#context = context;
    this.#collector = collector;
    const targets = context.getThisTargets();
    this.#streams = context.getThisStreams().map((id) => {
      const readers = targets.filter((target) => target.stream === id);
      return {
        id,
        direct: readers.filter((target) => target.grouping.type === "direct")
          .flatMap((target) => context.getComponentTasks(target.component)),
        hasOthers: readers.some((target) => target.grouping.type !== "direct"),
      };
    });
  }

  get context(): TopologyContext {
    if (this.#context === undefined) throw new TypeError("Called before open");
    return this.#context;
  }

  /** Emits one tuple. */
  emit(hops: number): void {
    const { behaviour, taskId, ledger, isCyclic } = this.options;
    const collector = this.#collector;
    const stream = this.#streams[isCyclic ? 0 : this.random.below(this.#streams.length)];
    if (collector === undefined || stream === undefined) return;
    const sequence = ++this.#sequence;
    const size = this.random.below(behaviour.bytesMax + 1);
    const number = this.random.below(behaviour.keys);
    const body = BODY.subarray(0, size);
    const check = checkOf(taskId, sequence, size);
    const key = this.random.unit() < 0.5 ? number : BigInt(number);
    const values = [taskId, sequence, check, key, hops, body];
    const tuple = { source: taskId, sequence };
    const direct = stream.direct[this.random.below(Math.max(1, stream.direct.length))];
    if (direct !== undefined && (!stream.hasOthers || this.random.unit() < 0.5)) {
      ledger.emitted(tuple, [direct]);
      collector.emitDirect(direct, stream.id, values);
      return;
    }
    const tasks = collector.emit(stream.id, values);
    ledger.emitted(tuple, tasks);
    this.#checkAll(stream.id, tasks);
  }

  #checkAll(stream: string, tasks: readonly number[]): void {
    for (const target of this.#allTargets(stream)) {
      if (!tasks.includes(target)) {
        this.options.world.break(`task ${this.options.taskId}: "all" left out task ${target}`);
      }
    }
  }

  #allTargets(stream: string): readonly number[] {
    const context = this.#context;
    if (context === undefined) return NO_TARGETS;
    const readers = context.getThisTargets().filter((target) =>
      target.stream === stream && target.grouping.type === "all"
    );
    return readers.flatMap((target) => context.getComponentTasks(target.component));
  }

  /** Emits `count` tuples in one go, or in several with waits for credit between. */
  async emitMany(count: number, hops: number): Promise<void> {
    const { behaviour } = this.options;
    for (let left = count; left > 0;) {
      await this.#collector?.ready();
      for (let now = Math.min(left, behaviour.emitsInCall); now > 0; now--, left--) this.emit(hops);
    }
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
    const { behaviour, world } = this.options;
    this.spend();
    switch (behaviour.style) {
      case "plain":
        return run();
      case "promises":
        if (this.random.unit() < 0.7) return run();
        return world.sleep(this.random.unit() * 3).then(run);
      case "ready":
        if (this.random.unit() < 0.7) return run();
        world.settle();
        return (this.#collector?.ready() ?? Promise.resolve()).then(run);
    }
  }
}

/** A spout of simulated tuples. */
export class SimSpout implements ISpout {
  readonly #code: SimCode;
  #collector: SpoutOutputCollector | undefined;
  #left: number;

  /** The spout of one task. */
  constructor(options: UserCodeOptions) {
    this.#code = new SimCode(options);
    this.#left = options.behaviour.tuples;
  }

  open(_config: unknown, context: TopologyContext, collector: SpoutOutputCollector): void {
    this.#collector = collector;
    this.#code.open(context, collector);
  }

  nextTuple(): MaybePromise<void> {
    const { options, random } = this.#code;
    const { ledger, world, taskId, behaviour, isCyclic } = options;
    if (ledger.hasFinished(taskId)) world.break(`spout task ${taskId} is called after its end`);
    if (this.#left === 0 && isCyclic) return;
    if (behaviour.idleCalls > 0 && random.below(behaviour.idleCalls) === 0) return;
    return this.#code.call(() => this.#emitSome());
  }

  #emitSome(): void {
    const { options, random } = this.#code;
    const { behaviour, ledger, taskId, isCyclic } = options;
    const count = Math.min(this.#left, between(random, 1, behaviour.emitsInCall));
    this.#left -= count;
    for (let index = 0; index < count; index++) this.#code.emit(behaviour.hops);
    ledger.progress();
    if (this.#left > 0 || isCyclic) return;
    ledger.finished(taskId, []);
    this.#collector?.end();
  }
}

/** A bolt that passes on what it gets. */
export class SimBolt implements IBolt {
  readonly #code: SimCode;
  #collector: OutputCollector | undefined;
  #debt = 0;
  readonly #edges = new Map<string, string | undefined>();

  /** The bolt of one task. */
  constructor(options: UserCodeOptions) {
    this.#code = new SimCode(options);
  }

  prepare(_config: unknown, context: TopologyContext, collector: OutputCollector): void {
    this.#collector = collector;
    this.#code.open(context, collector);
  }

  execute(tuple: Tuple): MaybePromise<void> {
    const { options } = this.#code;
    const hops = this.#check(tuple);
    this.#collector?.ack(tuple);
    return this.#code.call(() => {
      const gain = options.isCyclic && hops === 0 ? 0 : options.behaviour.gain;
      this.#debt += gain;
      // At most what one call may emit; the rest comes with the next calls.
      const count = Math.min(Math.floor(this.#debt), Math.max(3, options.behaviour.emitsInCall));
      this.#debt -= count;
      for (let index = 0; index < count; index++) this.#code.emit(Math.max(0, hops - 1));
    });
  }

  #check(tuple: Tuple): number {
    const { world, ledger, taskId } = this.#code.options;
    const [source, sequence, check, key, hops, body] = tuple.getValues();
    const bytes = body instanceof Uint8Array ? body : undefined;
    const last = (bytes?.length ?? 0) - 1;
    const isSound = bytes !== undefined && source === tuple.getSourceTask() &&
      check === checkOf(Number(source), Number(sequence), bytes.length) &&
      (last < 0 || bytes[last] === BODY[last]);
    if (!isSound) world.break(`task ${taskId}: a tuple of ${tuple.getSourceTask()} is damaged`);
    ledger.received({ source: Number(source), sequence: Number(sequence) }, taskId);
    const edge = this.#edgeOf(tuple);
    if (edge !== undefined) ledger.placed({ edge, key: String(key) }, taskId);
    return Number(hops);
  }

  /** The name of the edge a tuple came by, if that is sure and it is by fields. */
  #edgeOf(tuple: Tuple): string | undefined {
    const { context } = this.#code;
    const component = tuple.getSourceComponent();
    const stream = tuple.getSourceStreamId();
    const known = `${component}.${stream}`;
    if (!this.#edges.has(known)) {
      const inputs = context.getThisSources().filter((input) =>
        input.component === component && input.stream === stream
      );
      const isByFields = inputs.length === 1 && inputs[0]?.grouping.type === "fields";
      this.#edges.set(known, isByFields ? `${known} → ${context.getThisComponentId()}` : undefined);
    }
    return this.#edges.get(known);
  }

  finish(): MaybePromise<void> {
    const { options, context } = this.#code;
    const { behaviour, ledger, taskId, world } = options;
    if (options.isCyclic) ledger.progress();
    else ledger.finished(taskId, sourceTasksOf(context));
    if (behaviour.finishEmits === 0) return;
    world.settle();
    return this.#code.emitMany(behaviour.finishEmits, 0);
  }
}

function sourceTasksOf(context: TopologyContext): readonly number[] {
  const components = new Set(context.getThisSources().map((input) => input.component));
  return [...components].flatMap((component) => context.getComponentTasks(component));
}
