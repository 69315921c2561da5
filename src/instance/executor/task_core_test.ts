import { expect, test } from "bun:test";
import {
  CountMetric,
  type IBolt,
  type ISpout,
  type OutputCollector,
  type Topology,
  TopologyBuilder,
  type Tuple,
} from "../../api/mod.ts";
import { AckReader, MARKER_KIND, PACKET_FIELD } from "../../tuples/mod.ts";
import { soleFrame } from "../../../tests/support/encoded_tuples.ts";
import { BENCH_CONFIG, benchTopology, TaskBench } from "../../../tests/support/task_bench.ts";
import { TaskCore } from "./task_core.ts";

test("A spout task syncs first, then sends its tuples, then ends and tells its counts", () => {
  const bench = new TaskBench(benchTopology(), 1);
  expect(bench.core).toBeInstanceOf(TaskCore);
  bench.turns();
  const kinds = bench.frames.map(({ body }) => body);
  expect(kinds).toEqual([PACKET_FIELD.marker, PACKET_FIELD.batch, PACKET_FIELD.marker]);
  expect(bench.markers().map(({ kind }) => kind)).toEqual([MARKER_KIND.sync, MARKER_KIND.end]);
  expect(bench.core.state).toBe("ended");
  expect(bench.ended).toMatchObject([{ taskId: 1, component: "source", emitted: 3, executed: 0 }]);
});

test("A spout task without credit is not called again until it is granted some", () => {
  const bench = new TaskBench(benchTopology({ tuples: 1000, padding: 100 }), 1);
  bench.turns();
  const before = bench.core.emitter?.emitted ?? 0;
  expect(before).toBeGreaterThan(30);
  expect(before).toBeLessThan(60);
  expect(bench.core.canProceed()).toBe(false);
  bench.credit.raise(2, 8192);
  expect(bench.core.canProceed()).toBe(true);
  bench.turns();
  expect(bench.core.emitter?.emitted ?? 0).toBeGreaterThan(before);
});

test("A task is not called while its packets wait for room", () => {
  const bench = new TaskBench(benchTopology(), 1);
  bench.hasRoom = false;
  bench.turns();
  expect(bench.core.emitter?.emitted).toBe(0);
  bench.hasRoom = true;
  bench.turns();
  expect(bench.core.state).toBe("ended");
});

/** Runs source and sink to the end, passing packets between them. */
function runBoth(
  topology: Topology,
  options: { rounds?: number } = {},
): { source: TaskBench; sink: TaskBench } {
  const source = new TaskBench(topology, 1);
  const sink = new TaskBench(topology, 2);
  for (let round = 0; round < (options.rounds ?? 200); round++) {
    source.turns(1);
    sink.give(source.take(2));
    sink.turns(1);
    source.give(sink.take(1));
  }
  return { source, sink };
}

test("A bolt task executes all tuples in order, finishes once after the last, and ends", () => {
  const seen: unknown[] = [];
  let finished = 0;
  const { sink } = runBoth(benchTopology({
    tuples: 500,
    padding: 100,
    bolt: {
      execute: (tuple) => void seen.push(tuple.getNumberByField("number")),
      finish: () => {
        finished++;
        expect(seen.length).toBe(500);
      },
    },
  }));
  expect(seen).toEqual(Array.from({ length: 500 }, (_, index) => index));
  expect(finished).toBe(1);
  expect(sink.core.state).toBe("ended");
  expect(sink.ended).toMatchObject([{ executed: 500 }]);
});

test("A bolt that awaits gets one tuple at a time", async () => {
  let running = 0;
  let most = 0;
  const seen: number[] = [];
  const topology = benchTopology({
    tuples: 20,
    bolt: {
      async execute(tuple: Tuple) {
        most = Math.max(most, ++running);
        await Promise.resolve();
        seen.push(tuple.getNumber(0));
        running--;
      },
    },
  });
  const source = new TaskBench(topology, 1);
  const sink = new TaskBench(topology, 2);
  for (let round = 0; round < 200 && sink.core.state !== "ended"; round++) {
    source.turns(1);
    sink.give(source.take(2));
    sink.turns(1);
    source.give(sink.take(1));
    await Promise.resolve();
  }
  expect(most).toBe(1);
  expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(sink.core.state).toBe("ended");
});

test("What user code throws comes out of turn() as its cause", () => {
  const broken = new Error("user's fault");
  const bench = new TaskBench(
    benchTopology({
      spout: {
        nextTuple() {
          throw broken;
        },
      },
    }),
    1,
  );
  let thrown: unknown;
  try {
    bench.turns();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ name: "FatalUserError", cause: broken });
});

test("What user code rejects with comes out of the next turn()", async () => {
  const bench = new TaskBench(
    benchTopology({ spout: { nextTuple: () => Promise.reject(new Error("later")) } }),
    1,
  );
  bench.turns(2);
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  expect(() => bench.core.turn(9)).toThrow("later");
});

test("drain() ends a spout that would go on for ever", () => {
  const bench = new TaskBench(benchTopology({ tuples: Infinity }), 1);
  bench.turns(2);
  bench.core.drain();
  bench.turns(2);
  expect(bench.core.state).toBe("ended");
});

test("ready() resolves only when there is credit", async () => {
  let collector: { ready(): Promise<void> } | undefined;
  let passed = 0;
  const topology = benchTopology({
    tuples: 1000,
    padding: 100,
    spout: {
      open(_config, _context, given) {
        collector = given;
      },
      async nextTuple() {
        await collector?.ready();
        passed++;
      },
    },
  });
  const bench = new TaskBench(topology, 1);
  bench.credit.reset(2, 1);
  bench.turns(2);
  await Promise.resolve();
  expect(passed).toBe(1);
});

test("A spout with a cycle behind it may not end its input at most once", () => {
  const builder = new TopologyBuilder("cycle");
  let collector: Parameters<NonNullable<ISpout["open"]>>[2] | undefined;
  builder.setSpout("source", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple: () => collector?.end(),
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  });
  const loop: IBolt = {
    execute() {},
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  };
  builder.setBolt("there", loop).shuffleGrouping("source").shuffleGrouping("back");
  builder.setBolt("back", { ...loop }).shuffleGrouping("there");
  const bench = new TaskBench(builder.createTopology(BENCH_CONFIG), 1);
  expect(() => bench.turns()).toThrow("there → back → there");
});

test("Tick tuples come between others, one at a time, and not after the end", () => {
  const ticks: number[] = [];
  const builder = new TopologyBuilder("ticks");
  let now = 0;
  builder.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  });
  builder.setBolt("sink", {
    execute(tuple: Tuple) {
      expect(tuple.getSourceStreamId()).toBe("__tick");
      ticks.push(now);
    },
  }).shuffleGrouping("source").addConfiguration("topology.tick.tuple.freq.ms", 100);
  const bench = new TaskBench(builder.createTopology(BENCH_CONFIG), 2);
  for (now = 0; now <= 1000; now += 10) bench.core.turn(now);
  expect(ticks.length).toBeGreaterThanOrEqual(8);
  expect(ticks.length).toBeLessThanOrEqual(10);
});

test("A batch of an older incarnation is dropped and counted", () => {
  const topology = benchTopology({ tuples: 5 });
  const source = new TaskBench(topology, 1);
  const sink = new TaskBench(topology, 2);
  source.turns();
  const frames = source.take(2);
  // Counter of the source's life: the third varint of the header.
  for (const { bytes, bodyStart } of frames) {
    const at = bytes.indexOf(4 << 3, bodyStart);
    bytes[at + 1] = 0;
  }
  sink.give(frames);
  sink.turns();
  expect(sink.core.totals().dropped).toEqual(new Map([["other_incarnation", 5]]));
  expect(sink.core.totals().executed).toBe(0);
});

test("A task that ended in an earlier life calls no user code and repeats its end on all channels and above", () => {
  let calls = 0;
  const topology = benchTopology({
    spout: {
      open: () => void calls++,
      nextTuple: () => void calls++,
      close: () => void calls++,
    },
  });
  const bench = new TaskBench(topology, 1, { hasEndedBefore: true });
  bench.turns();
  expect(calls).toBe(0);
  expect(bench.markers()).toMatchObject([
    { kind: MARKER_KIND.sync, ended: false, offset: 0 },
    { kind: MARKER_KIND.end, offset: 0 },
  ]);
  // Found by simulation: who told it of its end may die before anybody else has heard of it.
  expect(bench.ended).toMatchObject([{ taskId: 1, emitted: 0 }]);
  expect(bench.core.state).toBe("ended");
  // Who is born after it hears of it by the next sync.
  bench.core.peerUp("stmgr-1");
  expect(bench.markers()[2]).toMatchObject({ kind: MARKER_KIND.sync, ended: true });
});

test("A task tells those it sends to of its end only when that is stored", () => {
  const bench = new TaskBench(benchTopology({ tuples: 3 }), 1, { isEndStored: false });
  const kinds = () => bench.markers().map(({ kind }) => kind);
  bench.turns();
  expect(bench.ended).toMatchObject([{ taskId: 1, emitted: 3 }]);
  expect([bench.core.state, kinds()]).toEqual(["ending", [MARKER_KIND.sync]]);

  bench.core.endStored();
  bench.turns();
  expect([bench.core.state, kinds()]).toEqual(["ended", [MARKER_KIND.sync, MARKER_KIND.end]]);
  bench.core.endStored();
  bench.turns();
  expect([bench.ended.length, kinds().length]).toEqual([1, 2]);
});

test("A task that hears while it works that an earlier life of it had ended stops", () => {
  const bench = new TaskBench(benchTopology({ tuples: Infinity }), 1);
  bench.turns(2);
  expect(bench.core.state).toBe("running");
  bench.core.endStored();
  bench.turns(1);
  expect(bench.core.state).toBe("ended");
  expect(bench.ended.length).toBe(1);
  expect(bench.markers().at(-1)).toMatchObject({ kind: MARKER_KIND.end });
});

test("A task whose end is stored before it has a plan ends with it", () => {
  let calls = 0;
  const topology = benchTopology({ spout: { open: () => void calls++, nextTuple: () => {} } });
  const bench = new TaskBench(topology, 1, { isEndStoredFirst: true });
  bench.turns();
  expect([calls, bench.core.state, bench.ended.length]).toEqual([0, "ended", 1]);
});

test("TaskCore acks a tuple to the life of the spout that sent it", () => {
  const builder = new TopologyBuilder("lives");
  builder.setSpout("source", { nextTuple() {}, declareOutputFields: (to) => to.declare([]) });
  let collector: OutputCollector | undefined;
  const bolt: IBolt = {
    prepare: (_config, _context, given) => void (collector = given),
    execute: (tuple) => collector?.ack(tuple),
  };
  builder.setBolt("sink", bolt).shuffleGrouping("source");
  const config = { ...BENCH_CONFIG, "topology.reliability.mode": "ATLEAST_ONCE" };
  const bench = new TaskBench(builder.createTopology(config), 2);
  bench.turns();
  const lives = [1, 2].map((counter) => {
    bench.give([soleFrame({ sourceTask: 1, sourceEpoch: 1, sourceCounter: counter })]);
    bench.turns();
    const acks = bench.frames.filter(({ body }) => body === PACKET_FIELD.acks);
    bench.frames.length = 0;
    const reader = new AckReader();
    for (const { bytes, bodyStart } of acks) reader.open(bytes, bodyStart, bytes.length);
    return [acks.length, reader.spoutTask, reader.epoch, reader.counter];
  });
  expect(lives).toEqual([[1, 1, 1, 1], [1, 1, 1, 2]]);
});

test("TaskCore.close() publishes the last values of metrics, though the component's close() throws", async () => {
  const topology = benchTopology({
    spout: {
      open: (_config, context) => void context.registerMetric("count", new CountMetric(), 5),
      nextTuple() {},
      close: () => {
        throw new Error("broken close");
      },
    },
  });
  const bench = new TaskBench(topology, 1);
  bench.turns();
  expect(bench.core.close()).rejects.toThrow("broken close");
  await Promise.resolve();
  expect(bench.told.map(({ kind }) => kind)).toEqual(["published"]);
});
