import { expect, test } from "bun:test";
import {
  type ConfigMap,
  type OutputCollector,
  TopologyBuilder,
  type TopologyContext,
  type Tuple,
} from "../../api/mod.ts";
import { boltOf, FOLLOWED, Line, Numbers } from "../../../tests/support/acked_line.ts";
import { TimerEvents } from "./timer_events.ts";

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
    override open(
      config: unknown,
      context: { registerTimer(name: string, everyMs: number, callback: () => void): void },
      collector: Parameters<Numbers["open"]>[2],
    ): void {
      super.open(config, context, collector);
      context.registerTimer("spout", 100, () => void told.push("spout"));
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
