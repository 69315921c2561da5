import { expect, test } from "bun:test";
import { type BoltDeclarer, type IBolt, TopologyBuilder, type Tuple } from "../../api/mod.ts";
import { boltOf, FOLLOWED, Line, Numbers } from "../../../tests/support/acked_line.ts";
import { BoltWork } from "./bolt_work.ts";

/** Refuses odd numbers and acks the others. */
function picky(): IBolt {
  return boltOf((tuple, collector) => {
    if (tuple.getNumber(0) % 2 === 1) throw new RangeError(`odd: ${tuple.getNumber(0)}`);
    collector.ack(tuple);
  });
}

function pickyLine(
  spout: Numbers,
  configure: (builder: TopologyBuilder, picky: BoltDeclarer) => void,
  config = {},
): Line {
  const builder = new TopologyBuilder("picky");
  builder.setSpout("numbers", spout);
  configure(builder, builder.setBolt("picky", picky()).shuffleGrouping("numbers"));
  return new Line(builder.createTopology({ ...FOLLOWED, ...config }));
}

function workOf(line: Line): BoltWork {
  const work = line.tasks.get(2)?.core.work;
  if (work instanceof BoltWork) return work;
  throw new TypeError("Task 2 is no bolt");
}

const ACKS = ["ack 0", "ack 1", "ack 2", "ack 3"];

test("GivenUpTuples: a skipped tuple is acked and counted", () => {
  const spout = new Numbers(4);
  const line = pickyLine(spout, (_, bolt) => bolt.setErrorPolicy({ then: "skip" }));
  line.run();
  expect(spout.told.toSorted()).toEqual(ACKS);
  expect(workOf(line).errors).toEqual({ retries: 0, skipped: 2, deadLetters: 0 });
  expect(workOf(line).executed).toBe(4);
  expect(line.hasEnded).toBe(true);
});

test("GivenUpTuples: a dead letter says where it came from and why, and is anchored", () => {
  const spout = new Numbers(4);
  const letters: (readonly unknown[])[] = [];
  const kept: (() => void)[] = [];
  const line = pickyLine(spout, (builder, bolt) => {
    bolt.setErrorPolicy({ retries: 1, backoffMs: 0, then: "dead_letter" });
    builder.setBolt(
      "letters",
      boltOf((tuple, collector) => {
        letters.push(tuple.getValues());
        kept.push(() => collector.ack(tuple));
      }),
    ).globalGrouping("picky", "__dead_letter");
  });
  line.run();
  expect(letters).toEqual([
    ["numbers", 1, "default", [1], "RangeError: odd: 1", 2],
    ["numbers", 1, "default", [3], "RangeError: odd: 3", 2],
  ]);
  // Not lost on the way: its root is done only when somebody has taken it.
  expect(spout.told.toSorted()).toEqual(["ack 0", "ack 2"]);
  for (const ack of kept) ack();
  line.run();
  expect(spout.told.toSorted()).toEqual(ACKS);
  expect(workOf(line).errors).toEqual({ retries: 2, skipped: 0, deadLetters: 2 });
});

test("GivenUpTuples: dead letters that nobody reads are counted, and now and then told of", () => {
  const spout = new Numbers(20);
  const line = pickyLine(spout, (_, bolt) => bolt.setErrorPolicy({ then: "dead_letter" }));
  line.run();
  expect(spout.told.length).toBe(20);
  expect(workOf(line).errors?.deadLetters).toBe(10);
  const reported = line.tasks.get(2)?.reported ?? [];
  expect(reported.length).toBe(4);
  expect(reported[0]).toContain('Emit a dead letter of "picky": nobody subscribes');
  expect(reported[3]).toContain("8 dropped so far");
});

test("GivenUpTuples: ticks that fail are given up as tuples are", () => {
  const spout = new Numbers(1);
  const builder = new TopologyBuilder("ticking");
  builder.setSpout("numbers", spout);
  const letters: unknown[] = [];
  builder.setBolt("ticking", {
    execute(tuple: Tuple) {
      if (tuple.getSourceStreamId() === "__tick") throw new Error("tick");
    },
  }).shuffleGrouping("numbers").setTickTupleFrequencyMs(50)
    .setErrorPolicy({ then: "dead_letter" });
  builder.setBolt("letters", boltOf((tuple) => void letters.push(tuple.getValues())))
    .allGrouping("ticking", "__dead_letter");
  new Line(builder.createTopology(FOLLOWED)).run(10);
  expect(letters[0]).toEqual(["__system", -1, "__tick", [], "Error: tick", 1]);
});

test("GivenUpTuples: at most once too", () => {
  const spout = new Numbers(4);
  const line = pickyLine(
    spout,
    (_, bolt) => bolt.setErrorPolicy({ retries: 2, backoffMs: 5, then: "skip" }),
    { "topology.reliability.mode": "ATMOST_ONCE" },
  );
  line.run();
  expect(workOf(line).errors).toEqual({ retries: 4, skipped: 2, deadLetters: 0 });
});

test("GivenUpTuples: a dead letter that is too large is reported, with the user's error, and dropped", () => {
  const spout = new Numbers(1);
  const builder = new TopologyBuilder("large");
  builder.setSpout("numbers", spout);
  builder.setBolt(
    "wide",
    boltOf((tuple, collector) => {
      collector.emit(tuple, ["x".repeat(99_000)]);
      collector.ack(tuple);
    }),
  ).shuffleGrouping("numbers");
  builder.setBolt(
    "broken",
    boltOf(() => {
      throw new RangeError(`no ${"good ".repeat(10_000)}`);
    }),
  ).setErrorPolicy({ then: "dead_letter" }).shuffleGrouping("wide");
  const letters: unknown[] = [];
  builder.setBolt("letters", boltOf((tuple) => void letters.push(tuple.getValue(4))))
    .allGrouping("broken", "__dead_letter");
  const limits = { "instance.batch.bytes": 32 * 1024, "topology.tuple.max.bytes": 100_000 };
  const line = new Line(builder.createTopology({ ...FOLLOWED, ...limits }));
  line.run();
  expect(letters).toEqual([]);
  const [reported = ""] = line.tasks.get(3)?.reported ?? [];
  expect(reported).toMatch(/^Emit a dead letter of "broken": .*topology\.tuple\.max\.bytes/);
  expect(reported).toContain("RangeError: no good");
  expect(spout.told).toEqual(["ack 0"]);
});
