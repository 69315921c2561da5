import { expect, test } from "bun:test";
import {
  type ConfigMap,
  type OutputCollector,
  TopologyBuilder,
  type TopologyContext,
  type Tuple,
} from "../../api/mod.ts";
import { boltOf, FOLLOWED, Line, Numbers } from "../../../tests/support/acked_line.ts";
import type { TaskCore } from "./task_core.ts";
import { TimerEvents } from "./timer_events.ts";

type TimerContext = Pick<TopologyContext, "registerTimer">;

function timersAt(clock: { nowMs: number }): TimerEvents {
  return new TimerEvents({ nowMs: () => clock.nowMs, requestTurn() {} });
}

test("TimerEvents.takeDue() gives each timer after its period, the longest due first", () => {
  const clock = { nowMs: 1000 };
  const timers = timersAt(clock);
  const told: string[] = [];
  expect(timers.nextAtMs).toBe(Infinity);
  timers.register("slow", 100, () => void told.push("slow"));
  timers.register("fast", 30, () => void told.push("fast"));
  expect([timers.nextAtMs, timers.takeDue(1029)]).toEqual([1030, undefined]);
  void timers.takeDue(1030)?.();
  expect(timers.nextAtMs).toBe(1060);
  // What was missed meanwhile comes once.
  void timers.takeDue(1500)?.();
  void timers.takeDue(1500)?.();
  expect([told, timers.takeDue(1500), timers.nextAtMs]).toEqual(
    [["fast", "fast", "slow"], undefined, 1530],
  );
  timers.end();
  expect(timers.nextAtMs).toBe(Infinity);
});

test("TimerEvents.register() refuses a name that is used and a period that is none", () => {
  const timers = timersAt({ nowMs: 0 });
  timers.register("a", 1, () => {});
  expect(() => timers.register("a", 1, () => {})).toThrow(
    'Register timer "a": the name is used, expected each name once',
  );
  for (const everyMs of [0, -1, NaN, Infinity]) {
    expect(() => timers.register("b", everyMs, () => {})).toThrow(
      `Register timer "b": found a period of ${everyMs} ms, expected above 0`,
    );
  }
});

test("TopologyContext.registerTimer() calls between tuples, never while a call is open", async () => {
  const told: string[] = [];
  const gates: (() => void)[] = [];
  let collector: OutputCollector | undefined;
  const builder = new TopologyBuilder("timed");
  builder.setSpout("numbers", new Numbers(1));
  builder.setBolt("timed", {
    prepare(_config, context, given) {
      collector = given;
      context.registerTimer("beat", 50, () => void told.push("beat"));
    },
    async execute(tuple: Tuple) {
      const { promise, resolve } = Promise.withResolvers<void>();
      gates.push(resolve);
      await promise;
      told.push("executed");
      collector?.ack(tuple);
    },
  }).shuffleGrouping("numbers");
  const line = new Line(builder.createTopology(FOLLOWED));
  await line.runAsync(30);
  expect(told).toEqual([]);
  gates[0]?.();
  await line.runAsync(3);
  expect(told).toEqual(["executed", "beat"]);
  const before = told.length;
  await line.runAsync(100);
  // The input has ended: no timer runs any more.
  expect(told.length).toBe(before);
});

test("TopologyContext.registerTimer() serves spouts, and beside open calls where several may be open", async () => {
  const told: string[] = [];
  class Timed extends Numbers {
    #calls = 0;
    override open(
      config: unknown,
      context: TimerContext,
      collector: Parameters<Numbers["open"]>[2],
    ): void {
      super.open(config, context, collector);
      context.registerTimer("spout", 100, () => void told.push("spout"));
    }
    // It does not end its input.
    override nextTuple(): void {
      if (this.#calls++ === 0) super.nextTuple();
    }
  }
  const builder = new TopologyBuilder("timed");
  builder.setSpout("numbers", new Timed(1));
  builder.setBolt(
    "timed",
    {
      ...boltOf(() => {}),
      prepare: (_config: ConfigMap, context: TopologyContext) =>
        context.registerTimer("bolt", 100, () => void told.push("bolt")),
      execute: () => Promise.withResolvers<void>().promise,
    },
  ).shuffleGrouping("numbers").setMaxConcurrency(2);
  await new Line(builder.createTopology(FOLLOWED)).runAsync(40);
  // 400 ms: three or four calls of each.
  expect(told.filter((one) => one === "spout").length).toBeGreaterThanOrEqual(3);
  expect(told.filter((one) => one === "bolt").length).toBeGreaterThanOrEqual(3);
  expect(told.length).toBeLessThanOrEqual(8);
});

test("A timer that throws ends the task", () => {
  const builder = new TopologyBuilder("timed");
  builder.setSpout("numbers", new Numbers(1));
  builder.setBolt("timed", {
    prepare: (_config: ConfigMap, context: TopologyContext) =>
      context.registerTimer("broken", 20, () => {
        throw new Error("of the timer");
      }),
    execute() {},
  }).shuffleGrouping("numbers");
  expect(() => new Line(builder.createTopology(FOLLOWED)).run(10)).toThrow("of the timer");
});

/** A spout of `count` tuples whose timer emits one more each 10 ms; the bolt acks when it may. */
function beatingLine(count: number): {
  line: Line;
  beats: number[];
  bolt: { isDeaf: boolean };
  core: TaskCore;
} {
  const beats: number[] = [];
  const bolt = { isDeaf: false };
  class Beating extends Numbers {
    override open(
      config: unknown,
      context: TimerContext,
      collector: Parameters<Numbers["open"]>[2],
    ): void {
      super.open(config, context, collector);
      context.registerTimer("beat", 10, () => {
        beats.push(line.nowMs);
        collector.emit([-1], -1);
      });
    }
  }
  const builder = new TopologyBuilder("beating");
  builder.setSpout("numbers", new Beating(count));
  let collector: OutputCollector | undefined;
  const waiting: Tuple[] = [];
  function ackAllBut(kept: number): void {
    for (const tuple of waiting.splice(0, waiting.length - kept)) collector?.ack(tuple);
  }
  builder.setBolt(
    "slow",
    {
      prepare: (_config: ConfigMap, _context: TopologyContext, given: OutputCollector) =>
        void (collector = given),
      execute(tuple: Tuple) {
        waiting.push(tuple);
        // Each is acked with the next one: something is open as long as something comes.
        if (!bolt.isDeaf) ackAllBut(1);
      },
      flush: () => ackAllBut(0),
    },
  ).shuffleGrouping("numbers");
  const line = new Line(builder.createTopology({
    ...FOLLOWED,
    "spout.pending.start": 4,
    "topology.max.spout.pending": 4,
  }));
  const core = line.tasks.get(1)?.core;
  if (core === undefined) throw new Error("the spout is not task 1");
  return { line, beats, bolt, core };
}

test("A spout's timer ends with its input, also when the run is drained", () => {
  for (const isDrained of [true, false]) {
    const { line, beats, core } = beatingLine(isDrained ? Infinity : 3);
    line.run(5);
    if (isDrained) core.drain();
    line.run(1);
    const before = beats.length;
    line.run(20);
    expect(beats.length).toBe(before);
    expect(line.hasEnded).toBe(true);
  }
});

test("A spout's timer waits where nextTuple does: for back pressure, a loss, too many open tuples", () => {
  const { line, beats, bolt, core } = beatingLine(Infinity);
  line.run(10);
  function beatsIn(rounds: number): number {
    const before = beats.length;
    line.run(rounds);
    return beats.length - before;
  }
  expect(beatsIn(10)).toBeGreaterThan(0);
  core.pause(true);
  expect(beatsIn(10)).toBe(0);
  core.pause(false);
  expect(beatsIn(10)).toBeGreaterThan(0);
  line.tasks.get(1)?.closer.pause(true);
  expect(beatsIn(10)).toBe(0);
  line.tasks.get(1)?.closer.pause(false);
  expect(beatsIn(10)).toBeGreaterThan(0);
  bolt.isDeaf = true;
  line.run(10);
  expect(beatsIn(10)).toBe(0);
});
