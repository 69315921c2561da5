import { expect, test } from "bun:test";
import {
  type ConfigMap,
  type FailReason,
  Fields,
  type SpoutOutputCollector,
  TopologyBuilder,
} from "../../api/mod.ts";
import { PhysicalPlan } from "../../plan/mod.ts";
import { OUTCOME } from "../../tuples/mod.ts";
import {
  ackAll,
  boltOf,
  FOLLOWED,
  keeperOf,
  Line,
  lineOf,
  Numbers,
  passOn,
} from "../../../tests/support/acked_line.ts";
import { planOf } from "../../../tests/support/plans.ts";
import { TaskBench } from "../../../tests/support/task_bench.ts";

test("A bolt that keeps tuples back lets go of them on flush, and the run ends", () => {
  const spout = new Numbers(20);
  const line = lineOf(spout, { first: boltOf(passOn), second: keeperOf(1) });
  line.run();
  expect(spout.told.length).toBe(20);
  expect(line.hasEnded).toBe(true);
});

test("A spout whose input has ended asks for a flush again while something is open", () => {
  // Found by simulation: in a cycle a flush may pass before the tuple that it is for.
  const spout = new Numbers(5);
  const builder = new TopologyBuilder("kept");
  builder.setSpout("numbers", spout);
  builder.setBolt("keeper", keeperOf(3)).shuffleGrouping("numbers");
  const line = new Line(builder.createTopology({
    ...FOLLOWED,
    "topology.message.timeout.secs": 1,
  }));
  line.run(20);
  expect(spout.told).toEqual([]);
  line.run(40);
  expect(spout.told.length).toBe(5);
  expect(line.hasEnded).toBe(true);
});

test("A spout that may not be called to end again, its end taken back, asks for a flush as well", () => {
  // Found by simulation: only what is kept back would let it be called.
  class Eager extends Numbers {
    #collector: SpoutOutputCollector | undefined;
    #hasFailed = false;

    override open(config: unknown, context: unknown, collector: SpoutOutputCollector): void {
      this.#collector = collector;
      super.open(config, context, collector);
    }

    override fail(id: unknown, reason: FailReason): void {
      this.told.push(`${reason} ${id}`);
      // The first to fail comes again in three parts.
      for (let part = 0; part < (this.#hasFailed ? 1 : 3); part++) this.#collector?.emit([id], id);
      this.#hasFailed = true;
    }
  }
  const spout = new Eager(2);
  const builder = new TopologyBuilder("eager");
  builder.setSpout("numbers", spout).setMaxSpoutPending(3);
  builder.setBolt("keeper", keeperOf(2)).shuffleGrouping("numbers");
  const line = new Line(builder.createTopology({
    ...FOLLOWED,
    "topology.max.spout.pending": 3,
  }));
  line.run(10);
  expect(spout.told).toEqual([]);
  line.tasks.get(1)?.closer.failAll(OUTCOME.lost);
  line.run(10);
  expect(spout.told.toSorted()).toEqual(["ack 0", "ack 0", "ack 0", "ack 1", "lost 0", "lost 1"]);
  expect(line.hasEnded).toBe(true);
});

test("A spout without input is asked less and less often, and as often as ever when it has some", () => {
  let due = 0;
  const spout = new Numbers(0);
  const asked: number[] = [];
  let emit: (() => void) | undefined;
  spout.open = (_config, _context, collector) => {
    emit = () => void collector.emit([1], 1);
  };
  let nowMs = 0;
  spout.nextTuple = () => {
    asked.push(nowMs);
    if (due-- > 0) emit?.();
  };
  const line = lineOf(spout, { first: boltOf(ackAll), second: boltOf(ackAll) });
  const core = line.tasks.get(1)?.core;
  if (core === undefined) throw new Error("the spout is not task 1");
  function nextCallAfterMs(): number {
    const count = asked.length;
    const fromMs = nowMs;
    for (; asked.length === count; nowMs++) core?.turn(nowMs);
    return nowMs - 1 - fromMs;
  }
  function runUntil(ms: number): void {
    for (; nowMs < ms; nowMs++) core?.turn(nowMs);
  }
  runUntil(16);
  expect(asked.length).toBeGreaterThan(12);
  runUntil(2000);
  nextCallAfterMs();
  expect(nextCallAfterMs()).toBe(99);
  due = 1;
  nextCallAfterMs();
  expect(nextCallAfterMs()).toBeLessThan(2);
  // A tuple that is done may have another one in its place.
  runUntil(4000);
  nextCallAfterMs();
  line.tasks.get(1)?.closer.failAll(OUTCOME.lost);
  expect(nextCallAfterMs()).toBeLessThan(3);
});

test("A spout waits as the strategy says that its component, or the topology, names", () => {
  const longestWaitOf = (own: ConfigMap, common: ConfigMap): number => {
    const builder = new TopologyBuilder("idle");
    builder.setSpout("nothing", { nextTuple() {}, outputs: new Fields("nothing") })
      .addConfigurations(own);
    builder.setBolt("sink", { execute() {} }).shuffleGrouping("nothing");
    const { core } = new TaskBench(builder.createTopology(common), 1);
    let longestMs = 0;
    for (let nowMs = 0; nowMs < 2000; nowMs++) {
      const result = core.turn(nowMs);
      if (result.kind === "wait") longestMs = Math.max(longestMs, (result.untilMs ?? 0) - nowMs);
    }
    return longestMs;
  };
  const sleep = (ms: number) => ({
    "topology.spout.wait.strategy": "sleep",
    "topology.sleep.spout.wait.strategy.time.ms": ms,
  });
  expect(longestWaitOf({}, {})).toBe(100);
  expect(longestWaitOf({}, sleep(1))).toBe(1);
  expect(longestWaitOf(sleep(1), sleep(1000))).toBe(1);
});

test("A spout shows that it is called for acks once for a row of them, and not what it does not have", () => {
  const spout = new Numbers(20);
  const line = lineOf(spout, { first: boltOf(passOn), second: boltOf(ackAll) });
  line.run();
  expect(spout.told.length).toBe(20);
  const called = line.tasks.get(1)?.called ?? [];
  expect(called.filter((method) => method === "ack").length).toBeLessThan(5);
  expect(called).toContain("ack");

  const silent = new Numbers(20);
  Object.defineProperty(silent, "ack", { value: undefined });
  const silentLine = lineOf(silent, { first: boltOf(passOn), second: boltOf(ackAll) });
  silentLine.run();
  expect(silentLine.tasks.get(1)?.called).not.toContain("ack");
});

/** A spout that notes what it is told, and its task; `activate` has it hear of a plan. */
function activationBench(isPaused: boolean) {
  const told: string[] = [];
  let calls = 0;
  const builder = new TopologyBuilder("active");
  builder.setSpout("spout", {
    open: () => void told.push("open"),
    activate: () => void told.push("activate"),
    // It may take its time.
    deactivate: () => Promise.resolve(void told.push("deactivate")),
    nextTuple: () => void calls++,
    outputs: new Fields("nothing"),
  });
  builder.setBolt("sink", { execute() {} }).shuffleGrouping("spout");
  const topology = builder.createTopology();
  const bench = new TaskBench(topology, 1, { isPaused });
  let addressVersion = 1;
  return {
    told,
    bench,
    get calls() {
      return calls;
    },
    activate(isActive: boolean) {
      const update = planOf(topology.definition, { isPaused: !isActive });
      bench.core.takePlan(PhysicalPlan.from({ ...update, addressVersion: ++addressVersion }));
    },
    async turns() {
      for (let turn = 0; turn < 5; turn++) {
        bench.core.turn(bench.nowMs += 100);
        await Promise.resolve();
      }
    },
  };
}

test("A spout is told that its topology is deactivated and activated, and is not called between", async () => {
  const rig = activationBench(false);
  await rig.turns();
  expect(rig.told).toEqual(["open", "activate"]);
  expect(rig.calls).toBeGreaterThan(2);
  rig.activate(false);
  await rig.turns();
  const { calls } = rig;
  await rig.turns();
  expect(rig.calls).toBe(calls);
  expect(rig.bench.core.turn(rig.bench.nowMs)).toMatchObject({ kind: "wait" });
  rig.activate(false);
  await rig.turns();
  rig.activate(true);
  await rig.turns();
  expect(rig.told).toEqual(["open", "activate", "deactivate", "activate"]);
  expect(rig.calls).toBeGreaterThan(calls);
});

test("A spout that opens while its topology is deactivated is activated later", async () => {
  const rig = activationBench(true);
  await rig.turns();
  expect([rig.told, rig.calls]).toEqual([["open"], 0]);
  rig.activate(true);
  await rig.turns();
  expect(rig.told).toEqual(["open", "activate"]);
  expect(rig.calls).toBeGreaterThan(0);
});

test("A spout that was activated and deactivated before it could be told hears nothing of it", async () => {
  const rig = activationBench(false);
  await rig.turns();
  rig.activate(false);
  rig.activate(true);
  await rig.turns();
  expect(rig.told).toEqual(["open", "activate"]);
});
