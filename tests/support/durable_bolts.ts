/**
 * Bolts between the durable ends. Each keeps a trace; the join holds the children of a record
 * until all are there.
 */

import type {
  ConfigMap,
  IBolt,
  OutputCollector,
  OutputFieldsDeclarer,
  TopologyContext,
  Tuple,
} from "heron-bin";
import { Trace } from "./durable_trace.ts";
import { type Piece, PIECE_FIELDS, pieceOf, valuesOf } from "./durable_tuple.ts";

/** What they share: the trace, the collector and the fields. */
abstract class TracedBolt implements IBolt {
  readonly #folder: string;
  #prepared: { readonly collector: OutputCollector; readonly trace: Trace } | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  prepare(_: ConfigMap, context: TopologyContext, collector: OutputCollector): void {
    const component = context.getThisComponentId();
    const trace = new Trace(this.#folder, component, context.getThisTaskIndex());
    this.#prepared = { collector, trace };
  }

  execute(tuple: Tuple): void {
    if (this.#prepared === undefined) throw new Error("Use the bolt: it was not prepared");
    const piece = pieceOf(tuple);
    this.#prepared.trace.note(piece.sentMs);
    this.handle(tuple, piece, this.#prepared.collector);
  }

  declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare([...PIECE_FIELDS]);
  }

  protected abstract handle(tuple: Tuple, piece: Piece, collector: OutputCollector): void;
}

/** Passes each tuple on. */
export class PassBolt extends TracedBolt {
  protected handle(tuple: Tuple, piece: Piece, collector: OutputCollector): void {
    collector.emit(tuple, valuesOf(piece));
    collector.ack(tuple);
  }
}

/** Makes the children of a record. */
export class SplitBolt extends TracedBolt {
  protected handle(tuple: Tuple, piece: Piece, collector: OutputCollector): void {
    for (let child = 0; child < piece.children; child++) {
      collector.emit(tuple, valuesOf({ ...piece, child }));
    }
    collector.ack(tuple);
  }
}

/** The children of one emission that have come. */
interface Group {
  readonly life: number;
  readonly sequence: number;
  readonly tuples: Map<number, Tuple>;
}

/** Waits for all children of a record, then emits each again, anchored to all of them. */
export class JoinBolt extends TracedBolt {
  readonly #groups = new Map<string, Group>();

  protected handle(tuple: Tuple, piece: Piece, collector: OutputCollector): void {
    const group = this.#groupOf(piece);
    if (group === undefined) return;
    group.tuples.set(piece.child, tuple);
    if (group.tuples.size < piece.children) return;
    const tuples = [...group.tuples.values()];
    this.#groups.delete(recordOf(piece));
    for (let child = 0; child < piece.children; child++) {
      collector.emit(tuples, valuesOf({ ...piece, child }));
    }
    for (const one of tuples) collector.ack(one);
  }

  /** The group that a piece belongs to; undefined when the record was emitted again since. */
  #groupOf(piece: Piece): Group | undefined {
    const { life, sequence } = piece;
    const known = this.#groups.get(recordOf(piece));
    if (known !== undefined && age(known) > age(piece)) return undefined;
    if (known !== undefined && age(known) === age(piece)) return known;
    // The older emission has failed: what came of it is nobody's.
    const group = { life, sequence, tuples: new Map<number, Tuple>() };
    this.#groups.set(recordOf(piece), group);
    return group;
  }
}

function recordOf({ source, offset }: Piece): string {
  return `${source}/${offset}`;
}

/** Grows from one emission of a record to the next. */
function age({ life, sequence }: { readonly life: number; readonly sequence: number }): number {
  return life * 2 ** 32 + sequence;
}
