import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HandlerLog, until, WIRE } from "../../tests/support/wire.ts";
import { Role } from "../base/gen/heron_bin/packet_pb.ts";
import { ManualClock } from "../base/mod.ts";
import { connect, type PacketBodyInit, type PartyInit, type Server } from "../base/wire/mod.ts";
import { Intake } from "./intake.ts";
import type { MetricRecord } from "./metric_record.ts";
import { listenForMetrics } from "./metrics_server.ts";

const SELF = { role: Role.METRICSMGR, id: "metricsmgr-1" };
const WORD = {
  role: Role.INSTANCE,
  id: "container_1_word_1",
  incarnation: { epoch: 1, counter: 1 },
};
const { secret, topologyId } = WIRE;

/** A server on a socket of its own, and what it took. */
class Bench implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly intake = new Intake();
  readonly records: MetricRecord[] = [];
  #folder = "";
  #server: Server | undefined;

  static async open(): Promise<Bench> {
    const bench = new Bench();
    await bench.#listen();
    return bench;
  }

  async #listen(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), "metrics-server-"));
    const { clock, intake } = this;
    const address = { unix: join(this.#folder, "s") };
    const onRecord = (record: MetricRecord) => void this.records.push(record);
    this.#server = await listenForMetrics({
      address,
      self: SELF,
      topologyId,
      secret,
      clock,
      intake,
      onRecord,
    });
  }

  async connect(self: PartyInit) {
    const log = new HandlerLog();
    const address = { unix: join(this.#folder, "s") };
    const { clock } = this;
    const connection = await connect({
      address,
      self,
      to: SELF,
      topologyId,
      secret,
      clock,
      handlers: log,
    });
    return { connection, log };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close();
    await rm(this.#folder, { recursive: true });
  }
}

function registration(instanceId: string): PacketBodyInit {
  const publisher = {
    hostname: "h",
    port: 1,
    componentName: "word",
    instanceId,
    instanceIndex: 0,
  };
  return { case: "registerMetricSource", value: { publisher } };
}

function values(value: string): PacketBodyInit {
  return { case: "publishMetrics", value: { metrics: [{ name: "__ack-count", value }] } };
}

test("listenForMetrics() takes what a registered process publishes, and says so when asked", async () => {
  await using bench = await Bench.open();
  const { connection } = await bench.connect(WORD);
  connection.send({ body: registration(WORD.id) });
  connection.send({ body: values("1") });
  connection.send({ body: values("2") });
  const answer = await connection.request({ body: registration(WORD.id) }, 1000);
  expect(answer.body.case).toBe("acknowledged");
  expect(bench.records.map(({ source, timestampMs }) => [source, timestampMs])).toEqual([
    ["h:1/word/container_1_word_1", bench.clock.wallMs()],
    ["h:1/word/container_1_word_1", bench.clock.wallMs()],
  ]);
  const [source] = bench.intake.sources.values();
  expect(source?.sum("__ack-count")).toBe(3);
  expect(source?.isPresent).toBe(true);
  connection.close();
  await until(() => source?.isPresent === false);
});

test("listenForMetrics() knows the topology master by Heron's id", async () => {
  await using bench = await Bench.open();
  const { connection } = await bench.connect({ role: Role.TM, id: "tm" });
  await connection.request({ body: registration("0") }, 1000);
  expect([...bench.intake.sources.keys()]).toEqual(["h:1/word/0"]);
});

test("listenForMetrics() keeps the newer connection of a process", async () => {
  await using bench = await Bench.open();
  const first = await bench.connect(WORD);
  await first.connection.request({ body: registration(WORD.id) }, 1000);
  const second = await bench.connect(WORD);
  await second.connection.request({ body: registration(WORD.id) }, 1000);
  await until(() => first.log.events.some((event) => event.startsWith("close")));
  const [source] = bench.intake.sources.values();
  expect(source?.isPresent).toBe(true);
});

test("listenForMetrics() cuts off who speaks for another, out of turn, or of other things", async () => {
  await using bench = await Bench.open();
  const bodies: PacketBodyInit[] = [
    registration("container_1_word_2"),
    { case: "registerMetricSource", value: {} },
    values("1"),
    { case: "drain", value: {} },
  ];
  for (const body of bodies) {
    const { connection, log } = await bench.connect(WORD);
    connection.send({ body });
    await until(() => log.events.some((event) => event.startsWith("close")));
  }
  expect(bench.intake.sources.size).toBe(0);
  expect(bench.records).toEqual([]);
});
