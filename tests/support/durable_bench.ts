/**
 * The durable ends without a runtime: a spout and a sink that are driven by hand, for the tests
 * of the ends themselves.
 */

import type { OutputCollector, SpoutOutputCollector, TopologyContext, Tuple } from "heron-bin";
import { Fields, ListTuple } from "../../src/api/mod.ts";
import { FileSink } from "./durable_sink.ts";
import { FileSpout } from "./durable_spout.ts";
import { PIECE_FIELDS } from "./durable_tuple.ts";

/** What a spout emitted. */
export interface Emitted {
  readonly values: readonly unknown[];
  readonly messageId: unknown;
}

/** A spout in one life. */
export interface SpoutBench {
  readonly spout: FileSpout;
  readonly emitted: Emitted[];
  readonly isEnded: () => boolean;
}

/** A sink in one life. */
export interface SinkBench {
  readonly sink: FileSink;
  readonly acked: Tuple[];
}

/** Opens a spout of task index 0 over `folder`. */
export function openSpout(folder: string): SpoutBench {
  const emitted: Emitted[] = [];
  let isEnded = false;
  const collector = {
    emit: (values: readonly unknown[], messageId: unknown) => {
      emitted.push({ values, messageId });
      return [1];
    },
    end: () => void (isEnded = true),
  };
  const spout = new FileSpout(folder);
  // The spout uses these two methods only.
  spout.open({}, contextOf("records"), collector as unknown as SpoutOutputCollector);
  return { spout, emitted, isEnded: () => isEnded };
}

/** Prepares a sink of task index 0 over `folder`. */
export function prepareSink(folder: string): SinkBench {
  const acked: Tuple[] = [];
  const sink = new FileSink(folder);
  const collector = { ack: (tuple: Tuple) => void acked.push(tuple) };
  // The sink uses this method only.
  sink.prepare({}, contextOf("sink"), collector as unknown as OutputCollector);
  return { sink, acked };
}

/** The tuples that a splitter makes of what a spout emitted. */
export function splitTuples({ values }: Emitted): Tuple[] {
  const children = Number(values[PIECE_FIELDS.indexOf("children")]);
  return Array.from({ length: children }, (_, child) => {
    const own = values.map((value, index) => PIECE_FIELDS[index] === "child" ? child : value);
    return tupleOf(own);
  });
}

function tupleOf(values: readonly unknown[]): Tuple {
  const source = { component: "split", stream: "default", task: 1 };
  return new ListTuple(new Fields(...PIECE_FIELDS), values, source);
}

function contextOf(component: string): TopologyContext {
  const context = { getThisTaskIndex: () => 0, getThisComponentId: () => component };
  // The ends ask for these two only.
  return context as unknown as TopologyContext;
}
