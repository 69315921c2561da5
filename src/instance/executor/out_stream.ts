/** A stream that a task emits to: who reads it, and how much was emitted. */

import type { StreamDefinition } from "../../api/mod.ts";
import type { Edge, OutChannel } from "../../tuples/mod.ts";

/** One output of a task. */
export interface OutStream {
  /** Its place among the outputs. */
  readonly index: number;
  readonly id: string;
  readonly fields: readonly string[];
  readonly edges: readonly Edge[];
  /** The only edge, when there is just one and it chooses one channel. */
  readonly single: Edge | undefined;
  /** `single`, but while its tuples are timed: what each tuple passes has no room for the question. */
  quick: Edge | undefined;
  /** The channels of its direct groupings, by task. */
  readonly direct: ReadonlyMap<number, OutChannel>;
  /** Tuples so far. */
  emitted: number;
}

/** The output at `index`, with an edge for each subscription to it. */
export function createOutStream(
  index: number,
  { id, fields }: StreamDefinition,
  edges: readonly Edge[],
): OutStream {
  const [first] = edges;
  const direct = edges.filter((edge) => edge.grouping === "direct")
    .flatMap((edge) => edge.channels);
  return {
    index,
    id,
    fields,
    edges,
    single: edges.length === 1 && first?.choosesOne === true ? first : undefined,
    quick: undefined,
    direct: new Map(direct.map((channel) => [channel.destinationTask, channel])),
    emitted: 0,
  };
}
