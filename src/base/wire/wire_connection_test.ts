import { expect, test } from "bun:test";
import { FakeSocket, HandlerLog, nextTurn, WarningLog, WIRE } from "../../../tests/support/wire.ts";
import { PacketSchema } from "../gen/heron_bin/packet_pb.ts";
import { ManualClock } from "../mod.ts";
import { HeronError } from "../mod.ts";
import type { ConnectionHandlers } from "./connection.ts";
import { encodeFrame } from "./frame.ts";
import { completeLimits, type WireLimits } from "./limits.ts";
import { Link } from "./link.ts";
import type { PacketInit } from "./packet.ts";
import { createParty } from "./party.ts";
import { rawBodyTable, WireConnection } from "./wire_connection.ts";

const BATCH = PacketSchema.field.batch.number;

interface SetUp {
  readonly limits?: Partial<WireLimits>;
  readonly rawBodies?: readonly number[];
  readonly onRaw?: ConnectionHandlers["onRaw"];
}

function setUp(options: SetUp = {}) {
  const socket = new FakeSocket();
  const clock = new ManualClock();
  const handlers: HandlerLog & Pick<ConnectionHandlers, "onRaw"> = new HandlerLog();
  if (options.onRaw !== undefined) handlers.onRaw = options.onRaw;
  const warnings = new WarningLog();
  const limits = completeLimits(options.limits);
  const link = new Link(socket, { clock, limits, remoteAddress: "there:1", onGone() {} });
  const connection = new WireConnection({
    ...WIRE,
    self: WIRE.server,
    peer: createParty(WIRE.client),
    link,
    limits,
    clock,
    handlers,
    rawBodies: options.rawBodies ?? [],
    logger: warnings.logger,
    onEnd: () => void handlers.events.push("end"),
  });
  link.receiver = connection;
  const receive = (...packets: PacketInit[]): void =>
    link.received(Buffer.concat(packets.map(encodeFrame)));
  return { socket, clock, handlers, warnings: warnings.lines, link, connection, receive };
}

const STOP: PacketInit = { body: { case: "stop", value: { reason: "x" } } };
const PEER = WIRE.client.id;

test("Connection.send() merges what one turn sends into one write", async () => {
  const { socket, connection } = setUp();
  const frame = encodeFrame(STOP);
  for (let i = 0; i < 50; i++) connection.send(STOP);
  connection.sendFrame(Buffer.concat([frame, frame]), 0, frame.length * 2);
  expect(connection.queuedBytes).toBe(52 * frame.length);
  await nextTurn();
  expect(socket.writes).toEqual([52 * frame.length]);
  expect(socket.takeBodies().length).toBe(52);
});

test("Connection.send() refuses a packet over the limit", async () => {
  const { connection } = setUp({ limits: { frameBytesMax: 100 } });
  const packet: PacketInit = { body: { case: "stop", value: { reason: "x".repeat(100) } } };
  expect(() => connection.send(packet)).toThrow("105 B, expected at most 100 B");
  await expect(connection.request(packet, 10)).rejects.toMatchObject({ code: "limit" });
  expect(connection.queuedBytes).toBe(0);
});

test("Connection.request() takes answers in any order, and times out", async () => {
  const { clock, connection, receive } = setUp();
  const [first, second, third] = [1, 2, 3].map(() => connection.request(STOP, 100));
  const late = third?.catch((thrown: unknown) => thrown);
  const answer = (responseTo: number): PacketInit => ({
    responseTo,
    body: { case: "heartbeatAnswer", value: { refused: String(responseTo) } },
  });
  receive(answer(2), answer(1), answer(77));
  expect((await second)?.body.value).toMatchObject({ refused: "2" });
  expect((await first)?.body.value).toMatchObject({ refused: "1" });
  await clock.advance(100);
  expect(await late).toMatchObject({ code: "timeout" });
  receive(answer(3));
});

test("Connection.respond() answers a request and nothing else", () => {
  const { socket, handlers, connection, receive, link } = setUp();
  handlers.answer = (_connection, { requestId }) =>
    connection.respond(requestId, { case: "acknowledged", value: {} });
  receive({ requestId: 9, ...STOP }, STOP);
  link.cut();
  expect(handlers.events).toEqual(["packet stop", "packet stop"]);
  expect(socket.takeBodies()).toEqual(["acknowledged"]);
});

test("Connection gives raw bodies undecoded, as views with the frame around", () => {
  const seen: unknown[] = [];
  const { handlers, receive } = setUp({
    rawBodies: [BATCH],
    onRaw(_connection, body, bytes, frameStart, bodyStart, end) {
      seen.push([body, frameStart, [...bytes.subarray(bodyStart, end)]]);
    },
  });
  const batch: PacketInit = { body: { case: "batch", value: { destinationTask: 5 } } };
  receive(batch, STOP, batch);
  const first = encodeFrame(batch).length + encodeFrame(STOP).length;
  expect(seen).toEqual([[BATCH, 0, [8, 5]], [BATCH, first, [8, 5]]]);
  expect(handlers.events).toEqual(["packet stop"]);
});

test("Connection cuts off a raw body with other fields beside it, or that its handler finds broken", () => {
  const onRaw = () => {
    throw new HeronError("corrupt", "Read a batch: found nonsense");
  };
  const batch = { case: "batch", value: { destinationTask: 5 } } as const;
  const texts: string[] = [];
  for (
    const packet of [{ requestId: 4, body: batch }, { responseTo: 4, body: batch }, { body: batch }]
  ) {
    const { socket, handlers, warnings, receive } = setUp({ rawBodies: [BATCH], onRaw });
    receive(packet);
    expect(socket.calls).toEqual(["end"]);
    expect(handlers.events[0]).toBe("end");
    expect(handlers.events[1]).toStartWith(`close ${PEER}`);
    texts.push(String(warnings[0]?.fields["error"]));
  }
  expect(texts[0]).toContain("last and alone");
  expect(texts[1]).toContain("last and alone");
  expect(texts[2]).toContain("nonsense");
});

test("Connection lets any other throw of a handler through", () => {
  const { handlers, receive } = setUp();
  handlers.answer = () => {
    throw new TypeError("our own mistake");
  };
  expect(() => receive(STOP)).toThrow("our own mistake");
});

test("Connection cuts off and logs a peer that breaks the protocol, and reads no further", () => {
  const breaches: Uint8Array[] = [
    Buffer.from([0]),
    Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]),
    Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]),
    Buffer.from([3, 0x52, 0x7f, 0x00]),
    encodeFrame({ body: { case: "hello", value: {} } }),
    encodeFrame({ body: { case: "welcome", value: {} } }),
  ];
  for (const bytes of breaches) {
    const { socket, handlers, warnings, link } = setUp();
    link.received(Buffer.concat([bytes, encodeFrame(STOP)]));
    link.received(Buffer.from(encodeFrame(STOP)));
    expect(handlers.events).toEqual(["end", `close ${PEER} protocol`]);
    expect(socket.calls).toEqual(["end"]);
    expect(warnings[0]).toMatchObject({ event: "peer cut off", fields: { address: "there:1" } });
  }
});

test("Connection answers a ping, and pings and gives up a silent peer", async () => {
  const { socket, clock, handlers, receive } = setUp();
  receive({ body: { case: "ping", value: {} } });
  await nextTurn();
  expect(socket.takeBodies()).toEqual(["pong"]);
  await clock.advance(3001);
  await nextTurn();
  expect(socket.takeBodies()).toEqual(["ping"]);
  receive({ body: { case: "pong", value: {} } });
  await clock.advance(9999);
  expect(handlers.events).toEqual([]);
  await clock.advance(1);
  expect(handlers.events).toEqual(["end", `close ${PEER} timeout`]);
  expect([socket.calls, clock.timers]).toEqual([["end"], 0]);
});

test("Connection.close() calls onClose once, at once, and rejects what waits", async () => {
  const { socket, clock, handlers, connection, receive } = setUp();
  const request = connection.request(STOP, 1000).catch((thrown: unknown) => thrown);
  connection.close("that will do");
  expect(handlers.events).toEqual(["end", `close ${PEER} clean`]);
  expect(await request).toMatchObject({ code: "unavailable" });
  connection.close();
  connection.send(STOP);
  receive(STOP);
  await expect(connection.request(STOP, 10)).rejects.toMatchObject({ code: "unavailable" });
  await nextTurn();
  expect(socket.takeBodies()).toEqual(["stop", "refusal"]);
  expect(socket.calls).toEqual(["shutdown"]);
  expect(handlers.events.length).toBe(2);
  await clock.advance(1000);
  expect([socket.calls, clock.timers]).toEqual([["shutdown", "terminate"], 0]);
});

test("Connection.close() in a handler ends the chunk", () => {
  const { handlers, connection, receive } = setUp();
  handlers.answer = () => connection.close();
  receive(STOP, STOP, STOP);
  expect(handlers.events).toEqual(["packet stop", "end", `close ${PEER} clean`]);
});

test("Connection.close() in onRaw ends the chunk", () => {
  let batches = 0;
  const { connection, receive } = setUp({
    rawBodies: [BATCH],
    onRaw() {
      batches++;
      connection.close();
    },
  });
  const batch: PacketInit = { body: { case: "batch", value: { destinationTask: 5 } } };
  receive(batch, batch);
  expect(batches).toBe(1);
});

test("Connection tells why it ended: the peer's reason, a reset, an end inside a frame", () => {
  const reasons = [
    (one: ReturnType<typeof setUp>) =>
      one.receive({ body: { case: "refusal", value: { reason: "enough" } } }),
    (one: ReturnType<typeof setUp>) => one.link.closed(new Error("reset by peer")),
    (one: ReturnType<typeof setUp>) => {
      one.link.received(Buffer.from([50, 1]));
      one.link.closed(undefined);
    },
    (one: ReturnType<typeof setUp>) => one.link.closed(undefined),
  ].map((end) => {
    const one = setUp();
    end(one);
    return one.handlers.events.at(-1);
  });
  const unavailable = `close ${PEER} unavailable`;
  expect(reasons).toEqual([unavailable, unavailable, unavailable, `close ${PEER} clean`]);
});

test("Connection.onDrain comes when a full kernel buffer has emptied", () => {
  const { socket, handlers, link, connection } = setUp({ limits: { flushBytes: 1 } });
  socket.takes = 2;
  connection.send(STOP);
  expect(connection.queuedBytes).toBeGreaterThan(0);
  socket.takes = Infinity;
  link.drained();
  expect([handlers.events, connection.queuedBytes]).toEqual([["drain"], 0]);
});

test("rawBodyTable() refuses numbers that are no body, and raw bodies without onRaw", () => {
  const handlers = new HandlerLog();
  expect(() => rawBodyTable({ rawBodies: [1], handlers })).toThrow(RangeError);
  expect(() => rawBodyTable({ rawBodies: [BATCH], handlers })).toThrow(TypeError);
});
