/** Where the tuples of a batch come from, known once for each life of a source. */

import { Fields, type TopologyContext } from "../../api/mod.ts";
import type { PhysicalPlan } from "../../plan/mod.ts";
import type { BatchReader, RootSource, ValueReader } from "../../tuples/mod.ts";
import type { SampledTimes } from "./sampled_times.ts";
import type { TupleOrigin } from "./tuple_view.ts";

/** What origins are made of. */
export interface BoltOriginsOptions {
  readonly plan: PhysicalPlan;
  readonly context: Pick<TopologyContext, "getThisSources">;
  /** Reads the values of tuples; absent: no class of the user is among them. */
  readonly valueReader: ValueReader | undefined;
  /** How long tuples take to be decoded, by input. */
  readonly decodeTimes: SampledTimes;
}

/** Who sent a batch. */
type BatchSource = Pick<BatchReader, "sourceTask" | "sourceEpoch" | "sourceCounter">;

/** An origin with the place of its input in the definition. */
export interface CountedOrigin extends TupleOrigin {
  readonly input: number;
}

/** The origins of what one life of a task sends, by stream. */
interface SourceOrigins {
  readonly source: RootSource;
  readonly origins: CountedOrigin[];
}

/** The origins of what comes to one bolt task. */
export class BoltOrigins {
  readonly #options: BoltOriginsOptions;
  /** By task, of its newest life. */
  readonly #known = new Map<number, SourceOrigins>();

  /** None is known yet. */
  constructor(options: BoltOriginsOptions) {
    this.#options = options;
  }

  /** Those of the open batch, by the place of their stream in the source's definition. */
  of({ sourceTask: task, sourceEpoch: epoch, sourceCounter: counter }: BatchSource) {
    const known = this.#known.get(task);
    if (known?.source.epoch === epoch && known.source.counter === counter) return known.origins;
    const { plan, context, valueReader: reader, decodeTimes: times } = this.#options;
    const component = plan.task(task).component;
    const inputs = context.getThisSources();
    const source = { task, epoch, counter };
    const origins = plan.component(component).outputs.map((stream): CountedOrigin => ({
      component,
      stream: stream.id,
      source,
      fields: new Fields(stream.fields),
      reader,
      times,
      input: inputs.findIndex((one) => one.component === component && one.stream === stream.id),
    }));
    this.#known.set(task, { source, origins });
    return origins;
  }
}
