import { expect, test } from "bun:test";
import { type Packet, Role } from "../base/gen/heron_bin/packet_pb.ts";
import { ManualClock } from "../base/mod.ts";
import { createPacket, createParty, encodePacket, type PacketBodyInit } from "../base/wire/mod.ts";
import { MetricsCache } from "./metrics_cache.ts";
import { type DeskConnection, MetricsDesk } from "./metrics_desk.ts";

class FakeConnection implements DeskConnection {
  readonly peer;
  readonly answers: PacketBodyInit[] = [];

  constructor(role: Role, id: string) {
    this.peer = createParty({ role, id });
  }

  respond(_requestId: number, body: PacketBodyInit): void {
    this.answers.push(body);
  }
}

const CLOCK = new ManualClock();
const FORWARD: Packet = createPacket({
  body: {
    case: "forwardMetrics",
    value: {
      names: ["a"],
      sentMs: 5000,
      sources: [{
        component: "word",
        instance: "w1",
        timeMs: 5000,
        names: [0],
        values: [3],
      }],
    },
  },
});
const REQUEST: Packet = createPacket({
  requestId: 1,
  body: { case: "metricsRequest", value: { grouping: 1 } },
});

function openDesk(frameBytesMax = 65_536) {
  const desk = new MetricsDesk({ clock: CLOCK, exportMs: 1000, frameBytesMax });
  const manager = new FakeConnection(Role.METRICSMGR, "metricsmgr-3");
  const reader = new FakeConnection(Role.CLI, "top 1");
  for (const one of [manager, reader]) desk.opened(one);
  return { desk, manager, reader };
}

test("MetricsDesk answers readers with what metrics managers told", () => {
  const { desk, manager, reader } = openDesk();
  desk.take(manager, FORWARD);
  desk.take(reader, REQUEST);
  expect(reader.answers).toMatchObject([
    { case: "metricsAnswer", value: { names: ["a"], groups: [{ container: 3, sums: [3] }] } },
  ]);
  expect(manager.answers).toEqual([]);
});

test("MetricsDesk lets each say what is its own alone", () => {
  const { desk, manager, reader } = openDesk();
  expect(() => desk.take(reader, FORWARD)).toThrow('found "forwardMetrics"');
  expect(() => desk.take(manager, REQUEST)).toThrow('found "metricsRequest"');
  const drain = createPacket({ body: { case: "drain", value: {} } });
  expect(() => desk.take(reader, drain)).toThrow('found "drain"');
});

test("MetricsDesk counts its readers, and forgets names with their connection", () => {
  const { desk, manager, reader } = openDesk();
  expect(desk.readers).toBe(1);
  desk.closed(reader);
  expect(desk.readers).toBe(0);
  desk.take(manager, FORWARD);
  desk.closed(manager);
  expect(() => desk.take(manager, FORWARD)).toThrow("expected metrics or a request");
});

test("MetricsDesk answers in a packet that is not too long, with the figures before the exceptions", () => {
  const { desk, manager, reader } = openDesk();
  const names = Array.from({ length: 60 }, (_, at) => `__emit-count/${at}`);
  const exceptions = Array.from({ length: 60 }, (_, at) => ({
    stacktrace: `${at} ${"ö".repeat(4000)}`,
    firsttime: "",
    lasttime: "",
    logging: "ö".repeat(4000),
    count: 1,
  }));
  const source = {
    component: "word",
    instance: "w1",
    timeMs: 1,
    names: names.keys().toArray(),
    values: names.map(() => 3),
    exceptions,
  };
  const value = { names, sentMs: 1, sources: [source] };
  desk.take(manager, createPacket({ body: { case: "forwardMetrics", value } }));
  const request = { case: "metricsRequest", value: { exceptions: true } } as const;
  desk.take(reader, createPacket({ requestId: 9, body: request }));
  const [body] = reader.answers;
  if (body?.case !== "metricsAnswer") throw new Error(`Found ${body?.case}`);
  expect(encodePacket({ responseTo: 2 ** 31, body }).length).toBeLessThanOrEqual(65_536);
  expect(body.value.truncated).toBe(true);
  expect(body.value.groups?.[0]?.sums).toHaveLength(60);
  expect(body.value.exceptions).toHaveLength(3);
});

test("MetricsDesk tells how many values it let go for want of room", () => {
  const cache = new MetricsCache({ sourcesMax: 0 });
  const desk = new MetricsDesk({ clock: CLOCK, exportMs: 1000, frameBytesMax: 65_536, cache });
  const manager = new FakeConnection(Role.METRICSMGR, "metricsmgr-3");
  desk.opened(manager);
  desk.take(manager, FORWARD);
  expect(desk.dropped).toBe(1);
});
