import { expect, test } from "bun:test";
import { type OutputCollector, type SpoutOutputCollector, TopologyBuilder } from "../../api/mod.ts";
import { BENCH_CONFIG, TaskBench } from "../../../tests/support/task_bench.ts";
import { BoltWork } from "./bolt_work.ts";

/** A bolt before which `tuples` tuples wait, in batches of eight or so; what it does with each is given. */
function benchOf(
  tuples: number,
  execute: (bench: TaskBench, collector: OutputCollector) => void,
  config: Record<string, number> = {},
): TaskBench {
  let source: SpoutOutputCollector | undefined;
  let collector: OutputCollector | undefined;
  const builder = new TopologyBuilder("middle");
  builder.setSpout("source", {
    open: (_config, _context, given) => void (source = given),
    nextTuple() {
      for (let sent = 0; sent < tuples; sent++) source?.emit(["x".repeat(100)]);
      source?.end();
    },
    declareOutputFields: (declarer) => declarer.declare(["value"]),
  });
  builder.setBolt("middle", {
    prepare: (_config, _context, given) => void (collector = given),
    execute() {
      if (collector !== undefined) execute(bench, collector);
    },
    declareOutputFields: (declarer) => declarer.declare(["value"]),
  }).shuffleGrouping("source");
  builder.setBolt("last", { execute() {} }).shuffleGrouping("middle");
  const topology = builder.createTopology({
    ...BENCH_CONFIG,
    "instance.batch.bytes": 1024,
    ...config,
  });
  const first = new TaskBench(topology, 1);
  first.credit.raise(2, 65536);
  first.turns();
  const bench = new TaskBench(topology, 2);
  bench.turns(2);
  expect(bench.core.work).toBeInstanceOf(BoltWork);
  bench.give(first.take(2));
  return bench;
}

test("BoltWork takes tuple after tuple of those at hand, in one turn", () => {
  const bench = benchOf(500, () => {});
  bench.core.turn(3);
  expect(bench.core.work?.executed).toBe(500);
});

test("BoltWork takes no more of the tuples at hand than the credit of what it emits allows", () => {
  const emit = (_bench: TaskBench, collector: OutputCollector) => {
    collector.emit(["y".repeat(100)]);
  };
  const bench = benchOf(500, emit, { "instance.batch.bytes": 32 * 1024 });
  bench.turns();
  // Of 4096 B each takes a little more than 100.
  expect(bench.core.work?.executed).toBeGreaterThan(30);
  expect(bench.core.work?.executed).toBeLessThanOrEqual(40);
});

test("BoltWork takes no more once what it has emitted fills a batch, and no other has room", () => {
  const bench = benchOf(500, (of, collector) => {
    collector.emit(["y".repeat(100)]);
    of.hasRoom = of.frames.length === 0;
  });
  bench.frames.length = 0;
  bench.turns();
  expect(bench.core.work?.executed).toBe(10);
});

test("BoltWork leaves the rest of the tuples at hand to the next turn when one has taken enough bytes", () => {
  const bench = benchOf(500, () => {}, { "instance.turn.bytes": 2048 });
  bench.core.turn(3);
  // Batches of ten or so, of 128 B more than their tuples.
  expect(bench.core.work?.executed).toBeGreaterThan(10);
  expect(bench.core.work?.executed).toBeLessThan(30);
  bench.turns(100);
  expect(bench.core.work?.executed).toBe(500);
});

test("BoltWork leaves the rest of the tuples at hand to the next turn when calls take long", () => {
  const bench = benchOf(500, (of) => void (of.nowMs += 1));
  bench.core.turn(3);
  expect(bench.core.work?.executed).toBe(8);
});
