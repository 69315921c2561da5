import { expect, test } from "bun:test";
import { ManualClock } from "../base/mod.ts";
import { nextTurn, WarningLog } from "../../tests/support/wire.ts";
import type { MetricRecord } from "./metric_record.ts";
import { SinkRunner, type SinkRunnerOptions } from "./sink_runner.ts";
import type { Sink } from "./sinks/sink.ts";

function record(timestampMs: number, name = "n"): MetricRecord {
  return { timestampMs, source: "s", metrics: [{ name, value: "1" }], exceptions: [] };
}

/** A sink that writes its calls down, and can be told to hang or to fail. */
class FakeSink implements Sink {
  readonly calls: string[] = [];
  hanging: PromiseWithResolvers<void> | undefined;
  isBroken = false;

  write(records: readonly MetricRecord[]): Promise<void> {
    return this.#call(`write ${records.map(({ timestampMs }) => timestampMs).join(" ")}`);
  }

  flush(): Promise<void> {
    return this.#call("flush");
  }

  close(): Promise<void> {
    return this.#call("close");
  }

  async #call(name: string): Promise<void> {
    this.calls.push(name);
    await this.hanging?.promise;
    if (this.isBroken) throw new Error("Broken");
  }
}

function createBench(options: Partial<SinkRunnerOptions> = {}) {
  const clock = new ManualClock();
  const sink = new FakeSink();
  const log = new WarningLog();
  const runner = new SinkRunner({
    id: "fake",
    sink,
    flushMs: 1000,
    queueBytesMax: 1e6,
    clock,
    logger: log.logger,
    ...options,
  });
  return { clock, sink, log, runner, totals: () => Object.fromEntries(runner.totals()) };
}

test("SinkRunner writes what came in one turn at once, and flushes each interval", async () => {
  const { clock, sink, runner, totals } = createBench();
  runner.offer(record(1));
  runner.offer(record(2));
  await nextTurn();
  runner.offer(record(3));
  await clock.advance(2000);
  expect(sink.calls).toEqual(["write 1 2", "write 3", "flush", "flush"]);
  expect(totals()).toEqual({
    "fake/record-process-count": 3,
    "fake/metrics-count": 3,
    "fake/exceptions-count": 0,
    "fake/flush-count": 2,
    "fake/dropped-count": 0,
  });
});

test("SinkRunner gathers what comes within gatherMs into one write, unless it is much or flushed", async () => {
  const { clock, sink, runner } = createBench({ gatherMs: 400, queueBytesMax: 1000 });
  runner.offer(record(1));
  await clock.advance(300);
  runner.offer(record(2));
  await clock.advance(99);
  expect(sink.calls).toEqual([]);
  await clock.advance(1);
  expect(sink.calls).toEqual(["write 1 2"]);
  runner.offer(record(3));
  await clock.advance(400);
  expect(sink.calls.slice(1)).toEqual(["write 3"]);
  runner.offer(record(4, "n".repeat(500)));
  await nextTurn();
  expect(sink.calls.slice(2)).toEqual(["write 4"]);
  runner.offer(record(5));
  runner.flush();
  await nextTurn();
  expect(sink.calls.slice(3)).toEqual(["write 5", "flush"]);
  runner.offer(record(6));
  await runner.close();
  expect(sink.calls.slice(5)).toEqual(["write 6", "flush", "close"]);
  expect(clock.timers).toBe(0);
});

test("SinkRunner passes the names on that begin as asked, and no empty record", async () => {
  const { sink, runner, totals } = createBench({ prefixes: ["__emit-count"] });
  runner.offer(record(1, "__emit-count/default"));
  runner.offer(record(2, "other"));
  await nextTurn();
  expect(sink.calls).toEqual(["write 1"]);
  expect(totals()["fake/metrics-count"]).toBe(1);
});

test("SinkRunner calls a slow sink once at a time and drops the oldest meanwhile", async () => {
  const { clock, sink, log, runner, totals } = createBench({ queueBytesMax: 300 });
  sink.hanging = Promise.withResolvers();
  runner.offer(record(1));
  await nextTurn();
  for (const at of [2, 3, 4, 5]) runner.offer(record(at));
  await nextTurn();
  expect(sink.calls).toEqual(["write 1"]);
  expect(runner.queueBytes).toBeLessThanOrEqual(300);
  await clock.advance(1000);
  expect(log.lines).toEqual([{ event: "records dropped", fields: { sink: "fake", records: 2 } }]);
  sink.hanging.resolve();
  sink.hanging = undefined;
  await nextTurn();
  expect(sink.calls).toEqual(["write 1", "write 4 5", "flush"]);
  expect(totals()["fake/dropped-count"]).toBe(2);
});

test("SinkRunner survives a sink that fails, and says so once until it works again", async () => {
  const { sink, log, runner, totals } = createBench();
  sink.isBroken = true;
  for (const at of [1, 2]) {
    runner.offer(record(at));
    await nextTurn();
  }
  expect(log.lines.map(({ event }) => event)).toEqual(["sink write failed"]);
  sink.isBroken = false;
  runner.offer(record(3));
  await nextTurn();
  expect(sink.calls).toEqual(["write 1", "write 2", "write 3"]);
  expect(totals()).toMatchObject({ "fake/record-process-count": 1, "fake/dropped-count": 2 });
});

test("close() writes what waits, flushes and closes, once", async () => {
  const { clock, sink, runner } = createBench();
  runner.offer(record(1));
  await Promise.all([runner.close(), runner.close()]);
  runner.offer(record(2));
  await nextTurn();
  expect(sink.calls).toEqual(["write 1", "flush", "close"]);
  expect(clock.timers).toBe(0);
});

test("close() waits for a call that runs", async () => {
  const { sink, runner } = createBench();
  sink.hanging = Promise.withResolvers();
  runner.offer(record(1));
  await nextTurn();
  const closed = runner.close();
  await nextTurn();
  expect(sink.calls).toEqual(["write 1"]);
  sink.hanging.resolve();
  await closed;
  expect(sink.calls).toEqual(["write 1", "flush", "close"]);
});
