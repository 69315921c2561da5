import { afterEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Packet, Role } from "../base/gen/heron_bin/packet_pb.ts";
import { ManualClock } from "../base/mod.ts";
import { seededRandom } from "../base/mod.ts";
import { type Connection, listen, type Server } from "../base/wire/mod.ts";
import { until, WIRE } from "../../tests/support/wire.ts";
import { ExceptionLog } from "./exception_log.ts";
import { type MetricPublisher, startMetricPublisher } from "./metric_publisher.ts";
import { MetricRegistry } from "./metric_registry.ts";
import { metricsmgrSocket } from "./metricsmgr_socket.ts";

const ID = "metricsmgr-1";
const PUBLISHER = {
  hostname: "h",
  port: 7,
  componentName: "word",
  instanceId: WIRE.client.id,
  instanceIndex: 0,
};

/** A metrics manager that keeps what comes, and a publisher to it. */
class Bench {
  readonly clock = new ManualClock();
  readonly registry = new MetricRegistry(this.clock);
  readonly exceptions = new ExceptionLog(this.clock);
  readonly packets: Packet[] = [];
  readonly connections: Connection[] = [];
  acknowledges = true;
  folder = "";
  server: Server | undefined;
  publisher: MetricPublisher | undefined;

  async start(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), "publisher-"));
    await mkdir(join(this.folder, "sockets"));
    const { secret, topologyId, client: self } = WIRE;
    this.publisher = startMetricPublisher({
      registry: this.registry,
      exceptions: this.exceptions,
      publisher: PUBLISHER,
      intervalMs: 1000,
      folder: this.folder,
      metricsmgrId: ID,
      self,
      topologyId,
      secret,
      limits: { frameBytesMax: 4096 },
      clock: this.clock,
      random: seededRandom(1),
    });
  }

  async listen(): Promise<void> {
    const { secret, topologyId } = WIRE;
    this.server = await listen({
      address: { unix: metricsmgrSocket(this.folder, ID) },
      self: { role: Role.METRICSMGR, id: ID },
      topologyId,
      secret,
      clock: this.clock,
      handlers: {
        onOpen: (connection) => void this.connections.push(connection),
        onPacket: (connection, packet) => {
          this.packets.push(packet);
          if (!this.acknowledges) return;
          connection.respond(packet.requestId, { case: "acknowledged", value: {} });
        },
        onClose: () => {},
      },
    });
  }

  /** Lets time pass in small steps until `count` packets came. */
  async received(count: number): Promise<Packet[]> {
    for (let step = 0; this.packets.length < count && step < 1000; step++) {
      await this.clock.advance(10);
    }
    await until(() => this.packets.length >= count, `${count} packets`);
    return this.packets.splice(0);
  }

  async stop(): Promise<void> {
    this.publisher?.close();
    await this.server?.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function valuesOf(packet: Packet | undefined): Record<string, string> {
  if (packet?.body.case !== "publishMetrics") throw new Error(`Found ${packet?.body.case}`);
  return Object.fromEntries(packet.body.value.metrics.map(({ name, value }) => [name, value]));
}

let bench = new Bench();
afterEach(async () => {
  await bench.stop();
  bench = new Bench();
});

test("startMetricPublisher() says who it is once, then exports each interval", async () => {
  await bench.start();
  await bench.listen();
  const tuples = bench.registry.counter("__emit-count/default");
  tuples.add(5);
  const [registration, first] = await bench.received(2);
  expect(registration?.body.case).toBe("registerMetricSource");
  if (registration?.body.case !== "registerMetricSource") return;
  expect(registration.body.value.publisher).toMatchObject(PUBLISHER);
  expect(valuesOf(first)).toEqual({ "__emit-count/default": "5" });
  tuples.add(2);
  const [second] = await bench.received(1);
  expect(valuesOf(second)).toEqual({ "__emit-count/default": "2" });
});

test("startMetricPublisher() keeps counts until there is a connection, and registers on each", async () => {
  await bench.start();
  bench.registry.counter("n").add(1);
  await bench.clock.advance(3000);
  bench.registry.counter("n").add(1);
  await bench.listen();
  const [, first] = await bench.received(2);
  expect(valuesOf(first)).toEqual({ n: "2" });
  bench.connections.shift()?.close("test");
  bench.registry.counter("n").add(4);
  const again = await bench.received(2);
  expect(again.map(({ body }) => body.case)).toEqual(["registerMetricSource", "publishMetrics"]);
  expect(valuesOf(again[1])).toEqual({ n: "4" });
});

test("flush() exports at once and waits until it was taken", async () => {
  await bench.start();
  await bench.listen();
  await bench.received(1);
  bench.registry.counter("n").add(9);
  await bench.publisher?.flush();
  expect(bench.packets.map(({ body }) => body.case)).toEqual([
    "publishMetrics",
    "registerMetricSource",
  ]);
  expect(valuesOf(bench.packets[0])).toEqual({ n: "9" });
});

test("flush() reaches a metrics manager that has just come, and gives up one that does not", async () => {
  await bench.start();
  const inVain = bench.publisher?.flush();
  await bench.clock.advance(600);
  await inVain;
  // By now attempts are seconds apart.
  await bench.clock.advance(60_000);
  bench.registry.counter("n").add(9);
  await bench.listen();
  let isOver = false;
  const flushed = bench.publisher?.flush().then(() => void (isOver = true));
  await until(() => bench.connections.length === 1);
  for (let step = 0; !isOver && step < 10; step++) await bench.clock.advance(10);
  await flushed;
  expect(bench.packets.map(({ body }) => body.case)).toEqual([
    "registerMetricSource",
    "publishMetrics",
    "registerMetricSource",
  ]);
  expect(valuesOf(bench.packets[1])).toEqual({ n: "9" });
});

test("flush() gives up after 500 ms", async () => {
  await bench.start();
  await bench.listen();
  await bench.received(1);
  bench.acknowledges = false;
  const flushed = bench.publisher?.flush();
  await until(() => bench.packets.length === 2);
  await bench.clock.advance(500);
  await flushed;
});

test("close() ends the connection and the exports", async () => {
  await bench.start();
  await bench.listen();
  await bench.received(1);
  bench.publisher?.close();
  bench.publisher?.close();
  await until(() => bench.server?.connections.size === 0);
  await bench.clock.advance(5000);
  expect(bench.packets).toEqual([]);
  expect(bench.clock.timers).toBe(0);
});

test("startMetricPublisher() leaves out exports without news, but each tenth", async () => {
  await bench.start();
  await bench.listen();
  let age = 0;
  bench.registry.gauge("held", () => 3);
  bench.registry.restlessGauges(() => [["age", ++age]]);
  const [, first] = await bench.received(2);
  expect(valuesOf(first)).toEqual({ held: "3", age: expect.anything() });
  const fromMs = bench.clock.nowMs();
  const [second] = await bench.received(1);
  expect(valuesOf(second)).toEqual({ held: "3", age: expect.anything() });
  expect(bench.clock.nowMs() - fromMs).toBe(10_000);
  bench.registry.counter("n").add(1);
  const [third, fourth] = await bench.received(2);
  expect([valuesOf(third)["n"], valuesOf(fourth)["n"]]).toEqual(["1", "0"]);
  expect(bench.clock.nowMs() - fromMs).toBe(12_000);
});

test("startMetricPublisher() tells a new metrics manager at the next interval, without news too", async () => {
  await bench.start();
  await bench.listen();
  bench.registry.gauge("held", () => 3);
  await bench.received(2);
  await bench.clock.advance(2000);
  bench.connections.shift()?.close("test");
  const again = await bench.received(2);
  expect(again.map(({ body }) => body.case)).toEqual(["registerMetricSource", "publishMetrics"]);
  expect(bench.clock.nowMs()).toBeLessThan(6000);
});

test("publish() hands values on as records of their own, also those of before the connection", async () => {
  await bench.start();
  bench.publisher?.publish([{ name: "orders", value: "1" }]);
  bench.publisher?.publish([{ name: "orders", value: "2" }]);
  await bench.listen();
  const [, first, second] = await bench.received(3);
  expect([first, second].map(valuesOf)).toEqual([{ orders: "1" }, { orders: "2" }]);
  await bench.received(1);
  bench.publisher?.publish([{ name: "orders", value: "3" }]);
  const [third] = await bench.received(1);
  expect(valuesOf(third)).toEqual({ orders: "3" });
});

test("startMetricPublisher() exports exceptions once, at the next interval or a flush", async () => {
  await bench.start();
  await bench.listen();
  await bench.received(2);
  const exceptionsOf = (packet: Packet | undefined): unknown =>
    packet?.body.case === "publishMetrics"
      ? packet.body.value.exceptions.map(({ logging, count }) => [logging, count])
      : packet?.body.case;
  const fromMs = bench.clock.nowMs();
  bench.exceptions.add({ message: "bad", stack: "" }, 3);
  expect(exceptionsOf((await bench.received(1))[0])).toEqual([["bad", 3]]);
  expect(bench.clock.nowMs() - fromMs).toBeLessThan(2000);
  bench.exceptions.add({ message: "worse", stack: "" });
  await bench.publisher?.flush();
  expect(bench.packets.map(exceptionsOf)).toEqual([[["worse", 1]], "registerMetricSource"]);
});

test("startMetricPublisher() publishes what is too long for a packet in several, at a flush too", async () => {
  await bench.start();
  await bench.listen();
  const names = Array.from({ length: 300 }, (_, at) => `users-metric-${at}`);
  for (const name of names) bench.registry.counter(name).add(1);
  const [, ...parts] = await bench.received(3);
  expect(parts.flatMap((part) => Object.keys(valuesOf(part)))).toEqual(names);
  await bench.publisher?.flush();
  const flushed = bench.packets.slice(0, -1);
  expect(flushed.flatMap((part) => Object.keys(valuesOf(part)))).toEqual(names);
  expect(bench.publisher?.sent).toMatchObject({ packets: 4, metrics: 600 });
});
