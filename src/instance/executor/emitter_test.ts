import { expect, test } from "bun:test";
import { TopologyBuilder } from "../../api/mod.ts";
import { systemConfigFrom } from "../../base/config/mod.ts";
import { seededRandom } from "../../base/mod.ts";
import { PacketPeek } from "../../base/wire/mod.ts";
import { PhysicalPlan } from "../../plan/mod.ts";
import { BatchReader, CreditTable, PACKET_FIELD } from "../../tuples/mod.ts";
import { planOf } from "../../../tests/support/plans.ts";
import { Emitter } from "./emitter.ts";

/** Tuples received, by task and stream index. */
type Received = { task: number; stream: number; bytes: number }[];

interface Bench {
  readonly emitter: Emitter;
  readonly credit: CreditTable;
  readonly frames: Uint8Array[];
  received(): Received;
}

/** A spout (task 1) with all groupings behind it. */
function openEmitter(config: Record<string, number> = {}): Bench {
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
  const { definition } = builder.createTopology(config);
  const frames: Uint8Array[] = [];
  const credit = new CreditTable(new Int32Array(new SharedArrayBuffer(400)));
  const system = systemConfigFrom(definition.config);
  const emitter = new Emitter({
    plan: PhysicalPlan.from(planOf(definition)),
    taskId: 1,
    life: { epoch: 1, counter: 1 },
    terms: system,
    batchBytesMax: system.instanceBatchBytes,
    overshootBytesMax: system.emitOvershootBytes,
    credit,
    random: seededRandom(1),
    sink: { write: (bytes, start, end) => void frames.push(bytes.slice(start, end)) },
    waitForCredit: () => false,
    onOpen: () => {},
  });
  return { emitter, credit, frames, received: () => readAll(frames) };
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

test("Emitter sends to whom each grouping chooses", () => {
  const { emitter, received } = openEmitter();
  const chosen = emitter.emit("default", ["a", 1]);
  expect(emitter.emit("default", ["a", 2])).toEqual(chosen);
  expect(emitter.emit("all", ["b"])).toEqual([5, 6, 7]);
  expect(emitter.emit("global", ["c"])).toEqual([8]);
  expect(emitter.emit("direct", ["d"])).toEqual([]);
  emitter.emitDirect(12, "direct", { values: ["e"] });
  expect(emitter.emit("nobody", ["f"])).toEqual([]);
  emitter.flush();
  const byStream = (stream: number) =>
    received().filter((one) => one.stream === stream).map(({ task }) => task);
  expect(byStream(0)).toEqual([...chosen, ...chosen]);
  expect(byStream(1)).toEqual([5, 6, 7]);
  expect(byStream(2)).toEqual([8]);
  expect(byStream(3)).toEqual([12]);
  expect(emitter.emittedByStream()).toEqual([
    ["default", 2],
    ["all", 1],
    ["global", 1],
    ["direct", 1],
    ["nobody", 0],
  ]);
});

test("Emitter flushes by itself when a batch's bytes wait, and keeps each frame small", () => {
  const { emitter, frames } = openEmitter();
  for (let index = 0; index < 1000; index++) emitter.emit("global", ["x".repeat(100)]);
  expect(frames.length).toBeGreaterThanOrEqual(3);
  for (const frame of frames) expect(frame.length).toBeLessThan(2 * 32 * 1024);
});

test("Emitter names component, stream and field of what it cannot send", () => {
  const { emitter, received } = openEmitter();
  expect(() => emitter.emit("default", ["a", () => 1])).toThrow(
    'Emit from "source" to stream "default", field "value"',
  );
  expect(() => emitter.emit("default", ["a"])).toThrow("found 1 values, expected 2 (key, value)");
  expect(() => emitter.emit("none", ["a"])).toThrow("expected one of [default, all, global");
  expect(() => emitter.emitDirect(5, "direct", { values: ["a"] })).toThrow(
    "expected one of [11, 12, 13]",
  );
  expect(() => emitter.emit("global", ["x".repeat(40_000)])).toThrow("instance.batch.bytes");
  emitter.emit("global", ["kept"]);
  emitter.flush();
  expect(received()).toEqual([{ task: 8, stream: 2, bytes: 5 }]);
});

test("Emitter refuses to overshoot credit without end where nothing can wait", () => {
  const { emitter } = openEmitter({
    "instance.receive.bytes": 65536,
    "emit.overshoot.bytes": 65536,
  });
  expect(emitter.hasCredit()).toBe(true);
  const flood = () => {
    for (let index = 0; index < 1000; index++) emitter.emit("global", ["x".repeat(1000)]);
  };
  expect(flood).toThrow("emit.overshoot.bytes");
  expect(emitter.hasCredit()).toBe(false);
});
