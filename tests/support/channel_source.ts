/**
 * A task's intake, and the sending side of its channels by hand: batches, tuples in parts, markers,
 * any of them lost.
 */

import { TopologyBuilder } from "../../src/api/mod.ts";
import { systemConfigFrom } from "../../src/base/config/mod.ts";
import { PhysicalPlan } from "../../src/plan/mod.ts";
import {
  BATCH_COST_BYTES,
  BatchWriter,
  decodeGrant,
  encodeChannelHeader,
  encodeMarker,
  type Grant,
  PartWriter,
  type TaskLife,
} from "../../src/tuples/mod.ts";
import { Intake } from "../../src/instance/executor/intake.ts";
import { planOf } from "./plans.ts";

/** Two spout tasks (1, 2) and one bolt (3), whose intake is opened. */
export function openIntake(): Intake {
  const builder = new TopologyBuilder("intake");
  builder.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["a"]),
  }, 2);
  builder.setBolt("sink", { execute() {} }).shuffleGrouping("source");
  const { definition } = builder.createTopology({
    "instance.receive.bytes": 65536,
    "channel.initial.credit.bytes": 4096,
  });
  return new Intake({
    plan: PhysicalPlan.from(planOf(definition)),
    taskId: 3,
    life: { epoch: 1, counter: 3 },
    terms: systemConfigFrom(definition.config),
    tupleBytesMax: 100_000,
    silenceMs: 1_000,
  });
}

/** The sending side of one channel, by hand. */
export class Source {
  readonly #header: Uint8Array;
  readonly #intake: Intake;
  offset = 0;

  constructor(intake: Intake, task: number, life: TaskLife = { epoch: 1, counter: task }) {
    this.#intake = intake;
    this.#header = encodeChannelHeader({
      destinationTask: 3,
      sourceTask: task,
      sourceEpoch: life.epoch,
      sourceCounter: life.counter,
      planVersion: 1,
      restoreEpoch: 0,
    });
  }

  send(bytes: number, options: { isLost?: boolean } = {}): void {
    const writer = new BatchWriter(this.#header);
    const buffer = writer.beginTuple(0);
    buffer.ensure(bytes);
    buffer.length += bytes;
    writer.endTuple();
    const frame = writer.close(this.offset);
    this.offset += frame.runBytes + BATCH_COST_BYTES;
    if (options.isLost === true) return;
    const start = bodyOf(frame.bytes, frame.start);
    this.#intake.takeBatch(frame.bytes, start, frame.end);
  }

  /** The bodies of a tuple of `bytes` in parts of 1 KiB, as if they were sent. */
  parts(bytes: number): Uint8Array[] {
    const batch = new BatchWriter(this.#header);
    const buffer = batch.beginTuple(0);
    buffer.ensure(bytes);
    buffer.length += bytes;
    const tuple = batch.takeTuple(0);
    const writer = new PartWriter(1024);
    const [tupleOffset, bodies]: [number, Uint8Array[]] = [this.offset, []];
    for (let from = tuple.start; from < tuple.end;) {
      const frame = writer.write(this.#header, tuple, { offset: this.offset, tupleOffset, from });
      bodies.push(frame.bytes.slice(bodyOf(frame.bytes, frame.start), frame.end));
      this.offset += frame.runBytes + BATCH_COST_BYTES;
      from += frame.runBytes;
    }
    return bodies;
  }

  mark(kind: number, ended = false): void {
    const frame = encodeMarker(this.#header, { offset: this.offset, kind, ended });
    this.#intake.takeMarker(frame, bodyOf(frame, 0), frame.length);
  }
}

/** Where the body begins: behind frame length, tag and body length. */
function bodyOf(bytes: Uint8Array, start: number): number {
  let at = start;
  for (let varint = 0; varint < 3; varint++) {
    while ((bytes[at] ?? 0) >= 0x80) at++;
    at++;
  }
  return at;
}

/** The grants that are due. */
export function grantsOf(intake: Intake): Grant[] {
  const grants: Grant[] = [];
  intake.grant({
    write: (bytes, start, end) => void grants.push(decodeGrant(bytes, bodyOf(bytes, start), end)),
  });
  return grants;
}

/** Handles what is queued; gives how many batches that was. */
export function handleAll(intake: Intake): number {
  let count = 0;
  for (let batch = intake.nextBatch(); batch !== undefined; batch = intake.nextBatch()) {
    intake.handled(batch);
    count++;
  }
  return count;
}

/** Takes in bodies of batches. */
export function takeAll(intake: Intake, bodies: readonly Uint8Array[]): void {
  for (const body of bodies) intake.takeBatch(body, 0, body.length);
}
