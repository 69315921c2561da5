import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Packet } from "../gen/heron_bin/packet_pb.ts";
import { Role } from "../gen/heron_bin/packet_pb.ts";
import { silentLogger, systemClock } from "../mod.ts";
import { type Connection, listen, type Server } from "../wire/mod.ts";
import { until } from "../../../tests/support/wire.ts";
import { type LifeLineOptions, openLifeLine } from "./life_line.ts";
import { readProcessFacts } from "./process_facts.ts";

const SELF = { role: Role.STMGR, id: "stmgr-1", incarnation: { epoch: 2, counter: 1 } };
const SUPERVISOR = { role: Role.CONTAINER, id: "container-1" };
const COMMON = { topologyId: "words-1", secret: new Uint8Array(32), clock: systemClock };

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heron-bin-line-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A supervisor that writes down what it is told, and acknowledges it. */
async function startSupervisor(name: string) {
  const socketPath = join(folder, name);
  const packets: Packet["body"][] = [];
  const connections: Connection[] = [];
  // What a supervisor says the moment a life line opens.
  const greetings: ("stop" | "drain")[] = [];
  const server: Server = await listen({
    ...COMMON,
    address: { unix: socketPath },
    self: SUPERVISOR,
    handlers: {
      onOpen(connection) {
        connections.push(connection);
        for (const order of greetings) connection.send({ body: { case: order, value: {} } });
      },
      onPacket(connection, { body, requestId }) {
        packets.push(body);
        connection.respond(requestId, { case: "acknowledged", value: {} });
      },
      onClose() {},
    },
  });
  return { socketPath, packets, connections, greetings, server };
}

/** A process that writes down what it is told. */
async function openLine(socketPath: string, change: Partial<LifeLineOptions> = {}) {
  const events: string[] = [];
  const line = await openLifeLine({
    ...COMMON,
    socketPath,
    self: SELF,
    supervisor: SUPERVISOR,
    logger: silentLogger,
    onStop: (reason) => void events.push(`stop ${reason}`),
    onDrain: () => void events.push("drain"),
    onLost: () => void events.push("lost"),
    ...change,
  });
  events.push("open");
  return { line, events };
}

test("a life line tells what it is told to, and that the process is up", async () => {
  const { socketPath, packets, server } = await startSupervisor("up.sock");
  const { line } = await openLine(socketPath);
  line.started(4711);
  line.progressed();
  line.progressed();
  await line.deliver({ body: { case: "topologyRunning", value: { tasks: 3 } } });
  expect(packets).toMatchObject([
    {
      case: "processStarted",
      value: {
        party: SELF,
        pid: process.pid,
        startTime: readProcessFacts(process.pid)?.startTime ?? 0n,
        port: 4711,
      },
    },
    { case: "progressed" },
    { case: "topologyRunning", value: { tasks: 3 } },
  ]);
  await server.close();
});

test("orders are passed on, Stop once, and those that came early only after it has opened", async () => {
  const { socketPath, greetings, connections, server } = await startSupervisor("orders.sock");
  greetings.push("drain", "stop", "stop");
  const { events } = await openLine(socketPath);
  await until(() => events.length === 3);
  expect(events).toEqual(["open", "drain", "stop "]);
  connections[0]?.send({ body: { case: "stop", value: { reason: "again" } } });
  connections[0]?.send({ body: { case: "drain", value: {} } });
  await until(() => events.length > 3);
  expect(events.slice(3)).toEqual(["drain"]);
  await server.close();
});

test("the end of the connection, or a packet that is no order, is the loss of the supervisor", async () => {
  const { socketPath, connections, server } = await startSupervisor("lost.sock");
  const first = await openLine(socketPath);
  connections[0]?.close();
  await until(() => first.events.includes("lost"));
  await expect(first.line.deliver({ body: { case: "drain", value: {} } })).rejects.toThrow(
    "has ended",
  );
  const second = await openLine(socketPath);
  connections[1]?.send({ body: { case: "output", value: {} } });
  await until(() => second.events.includes("lost"));
  await server.close();
});

test("a supervisor that is not there, or another, is told at once", async () => {
  const { socketPath, server } = await startSupervisor("other.sock");
  await expect(openLine(join(folder, "none.sock"))).rejects.toThrow(
    "Connect to container container-1",
  );
  const other = { role: Role.CONTAINER, id: "container-2" };
  await expect(openLine(socketPath, { supervisor: other })).rejects.toThrow("container-2");
  const wrongSecret = openLine(socketPath, { secret: new Uint8Array(32).fill(1) });
  await expect(wrongSecret).rejects.toThrow("Connect to");
  await server.close();
});
