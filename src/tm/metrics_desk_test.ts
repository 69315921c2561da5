import { expect, test } from "bun:test";
import { type Packet, Role } from "../base/gen/heron_bin/packet_pb.ts";
import { ManualClock } from "../base/mod.ts";
import { createPacket, createParty, type PacketBodyInit } from "../base/wire/mod.ts";
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
      sources: [{
        component: "word",
        instance: "w1",
        timeMs: CLOCK.wallMs(),
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

function openDesk() {
  const desk = new MetricsDesk(CLOCK);
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
