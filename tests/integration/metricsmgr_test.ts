/**
 * A metrics manager over its real socket: publishers come, publish and go, the
 * file sink's files are read back, and strangers are refused.
 */

import { afterEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Role } from "../../src/base/gen/heron_bin/packet_pb.ts";
import { type HeronError, ManualClock, seededRandom, silentLogger } from "../../src/base/mod.ts";
import { connect, type PartyInit } from "../../src/base/wire/mod.ts";
import {
  type MetricPublisher,
  MetricRegistry,
  metricsmgrSocket,
  startMetricPublisher,
} from "../../src/metrics/mod.ts";
import { type Metricsmgr, startMetricsmgr } from "../../src/metricsmgr/metricsmgr.ts";
import { openFileSink } from "../../src/metricsmgr/sinks/file.ts";
import { HandlerLog, until, WarningLog, WIRE } from "../support/wire.ts";

const ID = "metricsmgr-1";
const SELF = { role: Role.METRICSMGR, id: ID, incarnation: { epoch: 1, counter: 1 } };
const INTERVAL_MS = 1000;
const CLOSE_STEP_MS = 5;
/** How long it may wait for others and for its files when it ends: a disk may be slow. */
const GRACE_MS = 2000;

interface FileRecord {
  readonly timestamp: number;
  readonly source: string;
  readonly metrics: Readonly<Record<string, string>>;
}

/** One container's metrics manager in a run folder of its own. */
class Bench {
  readonly clock = new ManualClock();
  readonly log = new WarningLog();
  readonly #publishers: MetricPublisher[] = [];
  folder = "";
  #manager: Metricsmgr | undefined;

  async start(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), "metricsmgr-"));
    await mkdir(join(this.folder, "sockets"));
    await this.restart();
  }

  async restart(): Promise<void> {
    const { secret, topologyId } = WIRE;
    const path = join(this.folder, "logs", "metrics", `${ID}.json`);
    this.#manager = await startMetricsmgr({
      self: SELF,
      id: ID,
      topologyId,
      secret,
      folder: this.folder,
      sinks: [{
        id: "file-sink",
        settings: { type: "file", path, filesMax: 5, fileBytesMax: 1e6 },
        flushMs: 60_000,
        queueBytesMax: 1e6,
      }],
      openSink: openFileSink,
      intervalMs: INTERVAL_MS,
      clock: this.clock,
      logger: this.log.logger,
    });
  }

  get manager(): Metricsmgr {
    if (this.#manager === undefined) throw new Error("Not started");
    return this.#manager;
  }

  /** An instance that publishes `registry`. */
  publish(task: number, registry: MetricRegistry): MetricPublisher {
    const { secret, topologyId } = WIRE;
    const instanceId = `container_1_word_${task}`;
    const publisher = startMetricPublisher({
      registry,
      publisher: {
        hostname: "h",
        port: task,
        componentName: "word",
        instanceId,
        instanceIndex: task - 1,
      },
      intervalMs: INTERVAL_MS,
      folder: this.folder,
      metricsmgrId: ID,
      self: { role: Role.INSTANCE, id: instanceId, incarnation: { epoch: 1, counter: 1 } },
      topologyId,
      secret,
      clock: this.clock,
      random: seededRandom(task),
      logger: silentLogger,
    });
    this.#publishers.push(publisher);
    return publisher;
  }

  /** What has come of a count of an instance. */
  sum(task: number, name: string): number | undefined {
    return this.manager.intake.sources.get(`h:${task}/word/container_1_word_${task}`)?.sum(name);
  }

  /** Lets time pass until `condition` holds. */
  async pass(condition: () => boolean): Promise<void> {
    for (let step = 0; !condition() && step < 2000; step++) await this.clock.advance(10);
    await until(condition);
  }

  async close(): Promise<void> {
    let isClosed = false;
    const closed = this.manager.close(GRACE_MS).then(() => {
      isClosed = true;
    });
    while (!isClosed) {
      // No faster than real time: the files it writes are real.
      await Bun.sleep(CLOSE_STEP_MS);
      await this.clock.advance(CLOSE_STEP_MS);
    }
    await closed;
  }

  /** The records of all files, by file. */
  async records(): Promise<FileRecord[][]> {
    const folder = join(this.folder, "logs", "metrics");
    const names = (await readdir(folder)).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
    // The sink's own format, which the assertions then compare.
    return texts.map((text) => JSON.parse(text) as FileRecord[]);
  }

  /** One attempt to connect as `self`, as if by hand. */
  connect(self: PartyInit, secret: Uint8Array = WIRE.secret) {
    const log = new HandlerLog();
    const connection = connect({
      address: { unix: metricsmgrSocket(this.folder, ID) },
      self,
      to: { role: Role.METRICSMGR, id: ID },
      topologyId: WIRE.topologyId,
      secret,
      clock: this.clock,
      handlers: log,
    });
    return { connection, log };
  }

  async stop(): Promise<void> {
    for (const publisher of this.#publishers) publisher.close();
    await this.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

let bench = new Bench();
afterEach(async () => {
  await bench.stop();
  bench = new Bench();
});

function instance(task: number) {
  const id = `container_1_word_${task}`;
  return { role: Role.INSTANCE, id, incarnation: { epoch: 1, counter: 1 } };
}

test("a metrics manager writes what two instances publish, and its own", async () => {
  await bench.start();
  const registries = [1, 2].map(() => new MetricRegistry(bench.clock));
  for (const [index, registry] of registries.entries()) {
    bench.publish(index + 1, registry);
    registry.counter("__emit-count/default").add(10 * (index + 1));
  }
  await bench.pass(() => bench.sum(1, "__emit-count/default") === 10);
  await bench.pass(() => bench.sum(2, "__emit-count/default") === 20);
  registries[0]?.counter("__emit-count/default").add(5);
  await bench.pass(() => bench.sum(1, "__emit-count/default") === 15);
  await bench.close();
  const [records = [], ...others] = await bench.records();
  expect(others).toEqual([]);
  const tuples = records.filter(({ source }) => source === "h:1/word/container_1_word_1")
    .map(({ metrics }) => Number(metrics["__emit-count/default"]));
  expect(tuples.reduce((sum, next) => sum + next, 0)).toBe(15);
  expect(records.some(({ source }) => source.endsWith("/__metricsmgr__/metricsmgr-1"))).toBe(true);
  expect(records.every(({ timestamp }) => timestamp > bench.clock.wallMs() - 60_000)).toBe(true);
});

test("a metrics manager that ends waits for the last words of those who publish", async () => {
  await bench.start();
  const registry = new MetricRegistry(bench.clock);
  const publisher = bench.publish(1, registry);
  await bench.pass(() => bench.manager.intake.sources.size > 1);
  registry.counter("__ack-count").add(3);
  const closed = bench.close();
  await publisher.flush();
  publisher.close();
  await closed;
  expect(bench.sum(1, "__ack-count")).toBe(3);
  const last = (await bench.records()).flat().findLast(({ source }) => source.startsWith("h:1/"));
  expect(last?.metrics).toEqual({ "__ack-count": "3" });
});

test("a metrics manager ends in its time though a publisher stays", async () => {
  await bench.start();
  bench.publish(1, new MetricRegistry(bench.clock));
  await bench.pass(() => bench.manager.intake.sources.size > 1);
  const startMs = bench.clock.nowMs();
  await bench.close();
  expect(bench.clock.nowMs() - startMs).toBeLessThanOrEqual(2 * GRACE_MS + CLOSE_STEP_MS);
});

test("publishers go on with a metrics manager that was started again", async () => {
  await bench.start();
  const registry = new MetricRegistry(bench.clock);
  bench.publish(1, registry);
  await bench.pass(() => bench.manager.intake.sources.size > 1);
  await bench.close();
  registry.counter("__ack-count").add(7);
  await bench.restart();
  await bench.pass(() => bench.sum(1, "__ack-count") === 7);
});

test("a metrics manager refuses a wrong secret and a role that publishes nothing", async () => {
  await bench.start();
  const stranger = bench.connect(instance(1), Buffer.alloc(32, 9));
  await expect(stranger.connection).rejects.toMatchObject({
    code: "unauthenticated" satisfies HeronError["code"],
  });
  const cli = bench.connect({ role: Role.CLI, id: "cli" });
  await expect(cli.connection).rejects.toMatchObject({
    code: "fenced" satisfies HeronError["code"],
  });
  expect(bench.log.lines.map(({ event }) => event)).toEqual([
    "stranger cut off",
    "stranger cut off",
  ]);
  expect(bench.manager.intake.figures.records).toBe(0);
});
