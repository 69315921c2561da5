import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { WarningLog, WIRE } from "../../tests/support/wire.ts";
import { MetricPublisherSchema } from "../base/gen/heron/metrics_pb.ts";
import { Role } from "../base/gen/heron_bin/packet_pb.ts";
import { ManualClock } from "../base/mod.ts";
import type { MetricRecord } from "./metric_record.ts";
import { type Metricsmgr, startMetricsmgr } from "./metricsmgr.ts";
import type { Sink } from "./sinks/sink.ts";

const ID = "metricsmgr-1";

/** A sink that keeps all, and hangs when it is told to. */
class MemorySink implements Sink {
  readonly records: MetricRecord[] = [];
  isHanging = false;

  async write(records: readonly MetricRecord[]): Promise<void> {
    if (this.isHanging) await new Promise(() => {});
    this.records.push(...records);
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "metricsmgr-"));
  await mkdir(join(folder, "sockets"));
});
afterEach(() => rm(folder, { recursive: true }));

async function start() {
  const clock = new ManualClock();
  const log = new WarningLog();
  const sinks = new Map<string, MemorySink>();
  const settings = (path: string) =>
    ({ type: "file", path, filesMax: 1, fileBytesMax: 1 }) as const;
  const { secret, topologyId } = WIRE;
  const manager = await startMetricsmgr({
    self: { role: Role.METRICSMGR, id: ID },
    id: ID,
    topologyId,
    secret,
    folder,
    sinks: [
      { id: "all", settings: settings("all"), flushMs: 60_000, queueBytesMax: 1e6 },
      {
        id: "few",
        settings: settings("few"),
        flushMs: 60_000,
        queueBytesMax: 1e6,
        prefixes: ["__process/"],
      },
    ],
    openSink: ({ path }) => {
      const sink = new MemorySink();
      sinks.set(path, sink);
      return Promise.resolve(sink);
    },
    intervalMs: 1000,
    clock,
    logger: log.logger,
  });
  return { clock, log, sinks, manager };
}

async function close(manager: Metricsmgr, clock: ManualClock): Promise<void> {
  let isClosed = false;
  const closed = manager.close(100).then(() => {
    isClosed = true;
  });
  while (!isClosed) await clock.advance(5);
  await closed;
}

test("startMetricsmgr() publishes its own metrics to each sink, by the sink's filter", async () => {
  const { clock, sinks, manager } = await start();
  await clock.advance(2000);
  await close(manager, clock);
  const all = sinks.get("all")?.records ?? [];
  expect(all).toHaveLength(2);
  const metrics = new Map(all[1]?.metrics.map(({ name, value }) => [name, value]));
  expect(metrics.get("__metricsmgr__/received-records-count")).toBe("1");
  expect(metrics.get("all/record-process-count")).toBe("1");
  expect(metrics.get("__metricsmgr__/connections")).toBe("0");
  expect(metrics.get("few/queue-bytes")).toBe("0");
  const names = sinks.get("few")?.records.flatMap((record) => record.metrics) ?? [];
  expect(names.length).toBeGreaterThan(0);
  expect(names.every(({ name }) => name.startsWith("__process/"))).toBe(true);
});

test("close() does not wait longer for a sink that hangs", async () => {
  const { clock, log, sinks, manager } = await start();
  const all = sinks.get("all");
  if (all !== undefined) all.isHanging = true;
  const startMs = clock.nowMs();
  await Promise.all([close(manager, clock), manager.close(100)]);
  expect(clock.nowMs() - startMs).toBeLessThanOrEqual(105);
  expect(log.lines.map(({ event }) => event)).toEqual(["metrics not flushed in time"]);
  expect(sinks.get("few")?.records).toHaveLength(1);
});

test("startMetricsmgr() fails when its socket is taken", async () => {
  const { clock, manager } = await start();
  await expect(start()).rejects.toMatchObject({ code: "unavailable" });
  await close(manager, clock);
});

test("startMetricsmgr() publishes its own metrics more seldom while nobody else publishes", async () => {
  const { clock, sinks, manager } = await start();
  const records = () => sinks.get("all")?.records.length;
  // Each is on its way to the sinks for a second.
  await clock.advance(11_000);
  expect(records()).toBe(1);
  await clock.advance(1000);
  expect(records()).toBe(2);
  const other = manager.intake.register(create(MetricPublisherSchema, { componentName: "word" }));
  manager.intake.publish(other, { metrics: [], exceptions: [] }, 0);
  await clock.advance(2000);
  expect(records()).toBe(3);
  await clock.advance(9000);
  expect(records()).toBe(3);
  await close(manager, clock);
});
