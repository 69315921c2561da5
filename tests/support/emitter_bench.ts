/** The emitter of a spout with all groupings behind it, and what it sends, read back. */

import { expect } from "bun:test";
import { TopologyBuilder } from "../../src/api/mod.ts";
import { systemConfigFrom } from "../../src/base/config/mod.ts";
import { seededRandom } from "../../src/base/mod.ts";
import { PacketPeek } from "../../src/base/wire/mod.ts";
import { PhysicalPlan } from "../../src/plan/mod.ts";
import {
  BatchReader,
  CreditTable,
  type OutChannel,
  PACKET_FIELD,
  PartialTuple,
} from "../../src/tuples/mod.ts";
import { Emitter } from "../../src/instance/executor/emitter.ts";
import { planOf } from "./plans.ts";

/** Tuples received, by task and stream index. */
export type Received = { task: number; stream: number; bytes: number }[];

/** An emitter, and what it has sent. */
export interface Bench {
  readonly emitter: Emitter;
  readonly credit: CreditTable;
  readonly frames: Uint8Array[];
  received(): Received;
}

/** A spout (task 1) with all groupings behind it. */
export function openEmitter(
  config: Record<string, number> = {},
  waitForCredit: (bench: Bench, channel: OutChannel) => boolean = () => false,
): Bench {
  const builder = new TopologyBuilder("emitter");
  builder.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (declarer) => {
      declarer.declare(["key", "value"]);
      for (const id of ["all", "global", "direct", "nobody"]) declarer.declareStream(id, ["key"]);
    },
  });
  const bolt = () => ({ execute() {} });
  builder.setBolt("byKey", bolt(), 3).fieldsGrouping("source", ["key"]);
  builder.setBolt("everyone", bolt(), 3).allGrouping("source", "all");
  builder.setBolt("lowest", bolt(), 3).globalGrouping("source", "global");
  builder.setBolt("named", bolt(), 3).directGrouping("source", "direct");
  const topology = builder.createTopology({ "instance.batch.bytes": 32 * 1024, ...config });
  const { definition } = topology;
  const frames: Uint8Array[] = [];
  const credit = new CreditTable(new Int32Array(new SharedArrayBuffer(400)));
  const system = systemConfigFrom(definition.config);
  const emitter = new Emitter({
    plan: PhysicalPlan.from(planOf(definition)),
    taskId: 1,
    topology,
    life: { epoch: 1, counter: 1 },
    terms: system,
    batchBytesMax: system.instanceBatchBytes,
    tupleBytesMax: system.topologyTupleMaxBytes,
    overshootBytesMax: system.emitOvershootBytes,
    credit,
    random: seededRandom(1),
    sink: { write: (bytes, start, end) => void frames.push(bytes.slice(start, end)) },
    waitForCredit: (channel) => waitForCredit(bench, channel),
    onOpen: () => {},
    nowMs: () => 0,
  });
  const bench = { emitter, credit, frames, received: () => readAll(frames) };
  return bench;
}

/** Body of a frame that is a batch. */
export function bodyOf(frame: Uint8Array): Uint8Array {
  const peek = new PacketPeek();
  peek.peek(frame, frame.findIndex((byte) => byte < 0x80) + 1, frame.length);
  return frame.subarray(peek.bodyStart, peek.bodyEnd);
}

/** What frames hold, batches and tuples in parts, task by task; a tuple is its values' bytes. */
export function wholeByTask(frames: readonly Uint8Array[]): Map<number, Uint8Array[]> {
  const byTask = new Map<number, Uint8Array[]>();
  const partials = new Map<number, PartialTuple>();
  const reader = new BatchReader();
  const take = (body: Uint8Array): void => {
    reader.open(body, 0, body.length);
    const tuples = byTask.get(reader.destinationTask) ?? [];
    byTask.set(reader.destinationTask, tuples);
    while (reader.next()) tuples.push(body.slice(reader.valuesStart, reader.valuesEnd));
  };
  for (const frame of frames) {
    const body = bodyOf(frame);
    reader.open(body, 0, body.length);
    const task = reader.destinationTask;
    const partial = partials.get(task) ?? new PartialTuple(reader);
    if (reader.part === 0) {
      // Nothing comes between the parts of a channel.
      expect(partials.has(task)).toBe(false);
      take(body);
    } else if (partial.add(reader)) {
      partials.delete(task);
      take(partial.bytes);
    } else partials.set(task, partial);
  }
  expect(partials.size).toBe(0);
  return byTask;
}

function readAll(frames: readonly Uint8Array[]): Received {
  const received: Received = [];
  for (const frame of frames) {
    const peek = new PacketPeek();
    peek.peek(frame, frame.findIndex((byte) => byte < 0x80) + 1, frame.length);
    if (peek.body !== PACKET_FIELD.batch) continue;
    const reader = new BatchReader();
    reader.open(frame, peek.bodyStart, peek.bodyEnd);
    while (reader.next()) {
      const bytes = reader.valuesEnd - reader.valuesStart;
      received.push({ task: reader.destinationTask, stream: reader.stream, bytes });
    }
  }
  return received;
}
