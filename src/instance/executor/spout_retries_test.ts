import { expect, test } from "bun:test";
import { type SpoutOutputCollector, TopologyBuilder } from "../../api/mod.ts";
import { ackAll, boltOf, FOLLOWED, Line } from "../../../tests/support/acked_line.ts";
import { SpoutRetries } from "./spout_retries.ts";

/** Emits three numbers; the second call throws (or rejects) `failures` times before. */
function flakyLine(
  failures: number,
  { isAsync, hasEnded = false }: { isAsync: boolean; hasEnded?: boolean },
): { line: Line; times: number[]; told: unknown[] } {
  const times: number[] = [];
  const told: unknown[] = [];
  let next = 0;
  let collector: SpoutOutputCollector | undefined;
  const builder = new TopologyBuilder("flaky");
  builder.setSpout("flaky", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple() {
      if (next === 1 && times.length <= failures) {
        times.push(line.nowMs);
        if (hasEnded) collector?.end();
        if (times.length <= failures) {
          if (isAsync) return Promise.reject(new Error("down"));
          throw new Error("down");
        }
      }
      if (next === 3) return collector?.end();
      collector?.emit([next], next);
      next++;
    },
    ack: (id) => void told.push(id),
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  }).setErrorPolicy({ retries: 3, backoffMs: 100 });
  builder.setBolt("sink", boltOf(ackAll)).shuffleGrouping("flaky");
  const line = new Line(builder.createTopology(FOLLOWED));
  return { line, times, told };
}

for (const isAsync of [false, true]) {
  const how = isAsync ? "rejects" : "throws";
  test(`SpoutRetries: nextTuple that ${how} is called again, each time after twice as long`, async () => {
    const { line, times, told } = flakyLine(3, { isAsync });
    await line.runAsync(150);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits).toEqual([100, 200, 400]);
    expect(told).toEqual([0, 1, 2]);
    expect(line.hasEnded).toBe(true);
  });

  test(`SpoutRetries: nextTuple that ${how} once too often ends the task`, async () => {
    const { line } = flakyLine(4, { isAsync });
    let thrown: unknown;
    await line.runAsync(150).catch((error: unknown) => {
      thrown = error;
    });
    expect(thrown).toMatchObject({ cause: { message: "down" } });
  });
}

test("SpoutRetries: a call that ends the input and throws then is made again as well", async () => {
  const { line, times } = flakyLine(1, { isAsync: false, hasEnded: true });
  await line.runAsync(100);
  expect(times.length).toBe(2);
  expect(line.hasEnded).toBe(true);
});

test("SpoutRetries: a call that rejects is no progress of the task, one that emits is", async () => {
  const builder = new TopologyBuilder("flaky");
  let isUp = false;
  let collector: SpoutOutputCollector | undefined;
  builder.setSpout("flaky", {
    open: (_config, _context, given) => void (collector = given),
    nextTuple: async () => {
      await Promise.resolve();
      if (!isUp) throw new Error("down");
      collector?.emit([1]);
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  }).setErrorPolicy({ retries: 9, backoffMs: 10 });
  builder.setBolt("sink", boltOf(ackAll)).shuffleGrouping("flaky");
  const line = new Line(builder.createTopology(FOLLOWED));
  await line.runAsync(5);
  // Else a task whose every call fails would be started again for ever.
  expect(line.tasks.get(1)?.hasProgressed).toBe(false);
  isUp = true;
  await line.runAsync(50);
  expect(line.tasks.get(1)?.hasProgressed).toBe(true);
});

test("SpoutRetries counts failures in a row only", () => {
  const retries = new SpoutRetries({ retries: 1, backoffMs: 10, then: "crash" });
  const broken = new Error("broken");
  expect(retries.failed(broken, 5)).toBe(15);
  retries.begin();
  retries.succeeded();
  expect(retries.failed(broken, 5)).toBe(15);
  expect(() => retries.failed(broken, 5)).toThrow("broken");
  expect(retries.retries).toBe(1);
});
