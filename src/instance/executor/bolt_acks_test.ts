import { expect, test } from "bun:test";
import { TopologyBuilder, type Tuple } from "../../api/mod.ts";
import { seededRandom } from "../../base/mod.ts";
import { PacketPeek } from "../../base/wire/mod.ts";
import { AckReader, BatchWriter, RootWriter } from "../../tuples/mod.ts";
import {
  ackAll,
  boltOf,
  type Execute,
  FOLLOWED,
  Line,
  lineOf,
  Numbers,
} from "../../../tests/support/acked_line.ts";
import { soleFrame } from "../../../tests/support/encoded_tuples.ts";
import { BoltAcks } from "./bolt_acks.ts";

test("A tuple anchored to two of one root does not cancel its own key", () => {
  const spout = new Numbers(1);
  const kept: Tuple[] = [];
  const seen: unknown[] = [];
  const split: Execute = (tuple, collector) => {
    collector.emit(tuple, [1]);
    collector.emit(tuple, [2]);
    collector.ack(tuple);
  };
  const builder = new TopologyBuilder("joined");
  builder.setSpout("numbers", spout);
  builder.setBolt("split", boltOf(split)).shuffleGrouping("numbers");
  builder.setBolt(
    "join",
    boltOf((tuple, collector) => {
      kept.push(tuple);
      if (kept.length < 2) return;
      const both = kept.splice(0);
      collector.emit(both, [3]);
      for (const one of both) collector.ack(one);
    }),
  ).shuffleGrouping("split");
  builder.setBolt(
    "last",
    boltOf((tuple) => void seen.push(tuple.getValue(0))),
  ).shuffleGrouping("join");
  const line = new Line(
    builder.createTopology(FOLLOWED),
  );
  line.run();
  expect(seen).toEqual([3]);
  // Its last tuple was not acked: it is not done.
  expect(spout.told).toEqual([]);
  line.expire(1001);
  line.run(1);
  expect(spout.told).toEqual(["timeout 0"]);
});

test("A tuple with more roots than fit a batch travels in parts, and all of them are acked", () => {
  const kept: Tuple[] = [];
  let gathered = 0;
  const gather: Execute = (tuple, collector) => {
    kept.push(tuple);
    if (kept.length < 60) return;
    collector.emit(kept, [1]);
    for (const one of kept) collector.ack(one);
  };
  const spout = new Numbers(60);
  const builder = new TopologyBuilder("gather");
  builder.setSpout("numbers", spout);
  builder.setBolt("gather", boltOf(gather)).shuffleGrouping("numbers");
  const last: Execute = (tuple, collector) => {
    gathered++;
    collector.ack(tuple);
  };
  builder.setBolt("last", boltOf(last)).shuffleGrouping("gather");
  new Line(builder.createTopology({ ...FOLLOWED, "instance.batch.bytes": 1024 })).run();
  expect(gathered).toBe(1);
  const ids = Array.from({ length: 60 }, (_, id) => `ack ${id}`);
  expect(spout.told.toSorted()).toEqual(ids.toSorted());
});

test("Acking a tuple twice, or emitting anchored to an acked one, is refused by name", () => {
  const faults: string[] = [];
  const twice: Execute = (tuple, collector) => {
    collector.ack(tuple);
    for (
      const act of [
        () => collector.ack(tuple),
        () => collector.fail(tuple),
        () => collector.emit(tuple, [0]),
      ]
    ) {
      try {
        act();
      } catch (thrown) {
        faults.push(thrown instanceof Error ? thrown.message : "");
      }
    }
  };
  const line = lineOf(new Numbers(1), { first: boltOf(twice), second: boltOf(ackAll) });
  line.run();
  expect(faults.length).toBe(3);
  for (const fault of faults) expect(fault).toContain("it was acked or failed before");
});

test("What waits for a busy bolt does not time out; what its user code keeps too long does", async () => {
  // Found by use: a bolt slower than its spout had all that waited for it time out, and come again.
  const spout = new Numbers(20);
  const { promise, resolve } = Promise.withResolvers<void>();
  const busy = boltOf(() => {});
  const builder = new TopologyBuilder("busy");
  builder.setSpout("numbers", spout);
  builder.setBolt("busy", {
    ...busy,
    execute: () => promise,
  }).shuffleGrouping("numbers");
  const line = new Line(
    builder.createTopology({ ...FOLLOWED, "topology.message.timeout.secs": 1 }),
  );
  for (let round = 0; round < 300; round++) {
    line.run(1);
    line.expire(0);
  }
  expect(new Set(spout.told)).toEqual(new Set(["timeout 0"]));
  resolve();
  await promise;
});

test("BoltAcks.resetWaiting() tells the life of the source that sent the batch", () => {
  const source = { sourceTask: 5, sourceEpoch: 2, sourceCounter: 3 };
  const { bytes, bodyStart } = soleFrame(source);
  const peek = new PacketPeek();
  const acks = new BoltAcks(seededRandom(1), 1024, () => {});
  acks.resetWaiting(bytes.subarray(bodyStart), 0);
  const reader = new AckReader();
  acks.flush({
    write: (frame, from, to) => {
      peek.peek(frame, from + 1, to);
      reader.open(frame, peek.bodyStart, to);
    },
  });
  expect(reader.next()).toBe(true);
  expect(reader).toMatchObject({ spoutTask: 5, epoch: 2, counter: 3, slot: 7, generation: 8 });
});

test("BoltAcks.flush() writes frames of about the size that it was given", () => {
  const roots = new RootWriter();
  const batch = new BatchWriter(new Uint8Array(0));
  const tuples = 500;
  for (let slot = 1; slot <= tuples; slot++) {
    roots.clear();
    roots.add({ task: 1, epoch: 1, counter: 1, slot, generation: 1 }, 1, 1);
    batch.beginTuple(0, roots.bytes);
    batch.endTuple(roots.bytes.length);
  }
  const { bytes, start, end } = batch.close(0);
  const acks = new BoltAcks(seededRandom(1), 1024, () => {});
  const peek = new PacketPeek();
  // Behind the frame's length, of which there are more than 127 bytes.
  peek.peek(bytes, start + 2, end);
  acks.resetWaiting(bytes.slice(peek.bodyStart, peek.bodyEnd), 0);
  const sizes: number[] = [];
  acks.flush({ write: (_, from, to) => void sizes.push(to - from) });
  expect(sizes.length).toBeGreaterThan(3);
  expect(Math.max(...sizes)).toBeLessThan(1024 + 64);
});
