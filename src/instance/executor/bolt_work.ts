/**
 * Drives a bolt: tuple after tuple of the batches that came, ticks between
 * them, `finish` when all its input has ended.
 */

import {
  type ConfigMap,
  createTickTuple,
  Fields,
  type IBolt,
  type MaybePromise,
  type OutputCollector,
  type Tuple,
} from "../../api/mod.ts";
import type { PhysicalPlan } from "../../plan/mod.ts";
import { BatchReader } from "../../tuples/mod.ts";
import type { Intake, QueuedBatch } from "./intake.ts";
import { type TupleOrigin, TupleView } from "./tuple_view.ts";
import type { Work, WorkOptions } from "./work.ts";

/** What a bolt is driven with. */
export interface BoltWorkOptions extends WorkOptions {
  readonly bolt: IBolt;
  readonly intake: Intake;
  readonly plan: PhysicalPlan;
}

const TICK = createTickTuple();

/** An origin with the place of its input in the definition. */
interface CountedOrigin extends TupleOrigin {
  readonly input: number;
}

/** The work of a bolt task. */
export class BoltWork implements Work {
  readonly #options: BoltWorkOptions;
  readonly #reader = new BatchReader();
  readonly #origins = new Map<number, CountedOrigin[]>();
  readonly #tickMs: number | undefined;
  #batch: QueuedBatch | undefined;
  #batchOrigins: CountedOrigin[] = [];
  #nextTickMs: number | undefined;
  #turnBytes = 0;
  #executed = 0;
  readonly executedByInput: number[];
  #acked = 0;
  #failed = 0;

  /** Nothing is called before `open`. */
  constructor(options: BoltWorkOptions) {
    this.#options = options;
    this.#tickMs = tickPeriodMs(options.config);
    this.executedByInput = options.plan.component(options.context.getThisComponentId()).inputs.map(
      () => 0,
    );
  }

  get executed(): number {
    return this.#executed;
  }

  get acked(): number {
    return this.#acked;
  }

  get failed(): number {
    return this.#failed;
  }

  get isTurnOver(): boolean {
    return this.#turnBytes >= this.#options.system.instanceTurnBytes;
  }

  get hasEnded(): boolean {
    return this.#batch === undefined && this.#options.intake.hasEnded;
  }

  get wakeAtMs(): number | undefined {
    return this.#nextTickMs;
  }

  open(): MaybePromise<void> {
    const { bolt, config, context } = this.#options;
    return bolt.prepare?.(config, context, this.#createCollector());
  }

  beginTurn(nowMs: number): void {
    this.#turnBytes = 0;
    if (this.#tickMs !== undefined) this.#nextTickMs ??= nowMs + this.#tickMs;
  }

  step(nowMs: number): MaybePromise<boolean> {
    if (this.#nextTickMs !== undefined && this.#tickMs !== undefined && nowMs >= this.#nextTickMs) {
      // At most one tick waits: those missed while the bolt was busy are left out.
      this.#nextTickMs = nowMs + this.#tickMs;
      return this.#execute(TICK);
    }
    const tuple = this.#nextTuple();
    if (tuple === undefined) return false;
    return this.#execute(tuple);
  }

  #execute(tuple: Tuple): MaybePromise<boolean> {
    const returned = this.#options.bolt.execute(tuple);
    return returned === undefined ? true : Promise.resolve(returned).then(() => true);
  }

  #nextTuple(): Tuple | undefined {
    const reader = this.#reader;
    for (;;) {
      if (this.#batch === undefined) {
        this.#batch = this.#options.intake.nextBatch();
        if (this.#batch === undefined) return undefined;
        reader.open(this.#batch.bytes, 0, this.#batch.bytes.length);
        this.#batchOrigins = this.#originsOf(reader.sourceTask);
      }
      if (reader.next()) {
        const origin = this.#batchOrigins[reader.stream];
        if (origin === undefined) continue;
        this.#executed++;
        this.executedByInput[origin.input] = (this.executedByInput[origin.input] ?? 0) + 1;
        return new TupleView(origin, {
          bytes: reader.bytes,
          start: reader.valuesStart,
          end: reader.valuesEnd,
        });
      }
      this.#turnBytes += this.#batch.creditBytes;
      this.#options.intake.handled(this.#batch);
      this.#batch = undefined;
    }
  }

  #originsOf(task: number): CountedOrigin[] {
    const known = this.#origins.get(task);
    if (known !== undefined) return known;
    const { plan, context } = this.#options;
    const component = plan.task(task).component;
    const inputs = context.getThisSources();
    const origins = plan.component(component).outputs.map((stream) => ({
      component,
      stream: stream.id,
      task,
      fields: new Fields(stream.fields),
      input: inputs.findIndex((one) => one.component === component && one.stream === stream.id),
    }));
    this.#origins.set(task, origins);
    return origins;
  }

  finish(): MaybePromise<void> {
    this.#nextTickMs = undefined;
    return this.#options.bolt.finish?.();
  }

  drain(): void {}

  close(): MaybePromise<void> {
    return this.#options.bolt.cleanup?.();
  }

  #createCollector(): OutputCollector {
    const { emitter, ready, reportError } = this.#options;
    return {
      emit: (...args: unknown[]) => {
        const { stream, values } = emitArguments(args);
        return emitter.emit(stream, values);
      },
      emitDirect: (taskId: number, ...args: unknown[]) => {
        const { stream, values } = emitArguments(args);
        emitter.emitDirect(taskId, stream, values);
      },
      ack: () => {
        this.#acked++;
      },
      fail: () => {
        this.#failed++;
      },
      resetTimeout: () => {},
      ready,
      reportError,
    };
  }
}

/** Sorts out `emit([stream,] [anchors,] values)`; at most once, anchors mean nothing. */
function emitArguments(args: readonly unknown[]): { stream: string; values: readonly unknown[] } {
  const hasStream = typeof args[0] === "string";
  const stream = hasStream ? String(args[0]) : "default";
  const values = args.at(-1);
  if (!Array.isArray(values) || args.length > (hasStream ? 3 : 2)) {
    throw new TypeError(
      `Emit to stream "${stream}": found ${typeof values}, expected [stream,] [anchors,] an array of values`,
    );
  }
  return { stream, values };
}

/** The period of tick tuples in ms; undefined: none are asked for. The builder turned seconds into ms. */
function tickPeriodMs(config: ConfigMap): number | undefined {
  const ms = Number(config["topology.tick.tuple.freq.ms"] ?? 0);
  return ms > 0 ? ms : undefined;
}
