import { expect, test } from "bun:test";
import { FakeSocket, WIRE } from "../../../tests/support/wire.ts";
import { PacketSchema } from "../gen/heron_bin/packet_pb.ts";
import { ManualClock } from "../mod.ts";
import type { HeronError } from "../mod.ts";
import { encodeFrame } from "./frame.ts";
import { ClientHello, ServerHello } from "./hello.ts";
import { NO_LIVES } from "./hello_table.ts";
import { HelloExchange, type HelloExchangeOptions, type HelloResult } from "./hello_exchange.ts";
import { completeLimits } from "./limits.ts";
import { Link } from "./link.ts";
import type { PacketInit } from "./packet.ts";

function exchange(hello: HelloExchangeOptions["hello"], limits = completeLimits()) {
  const socket = new FakeSocket();
  const clock = new ManualClock();
  const errors: HeronError[] = [];
  const results: HelloResult[] = [];
  const link = new Link(socket, { clock, limits, remoteAddress: "there:1", onGone() {} });
  const running = new HelloExchange({
    link,
    hello,
    clock,
    limits,
    onOpen: (result) => void results.push(result),
    onFail: (error) => void errors.push(error),
  });
  link.receiver = running;
  /** What was written, as if the turn had ended. */
  async function written(): Promise<Buffer> {
    await clock.advance(0);
    return socket.take();
  }
  return { socket, clock, errors, results, link, running, written };
}

function bothSides() {
  const { secret, topologyId } = WIRE;
  const shared = { secret, topologyId, table: () => NO_LIVES };
  const nonce = crypto.getRandomValues(new Uint8Array(16));
  const other = crypto.getRandomValues(new Uint8Array(16));
  const hello = new ClientHello({ ...shared, self: WIRE.client, to: WIRE.server, nonce });
  const accept = () => undefined;
  const server = exchange(new ServerHello({ ...shared, self: WIRE.server, nonce: other, accept }));
  const client = exchange(hello);
  client.running.send(hello.start());
  return { client, server };
}

function frame(packet: PacketInit): Buffer {
  return Buffer.from(encodeFrame(packet));
}

test("HelloExchange opens at every byte cut of every packet", async () => {
  const hello = await bothSides().client.written();
  for (let cut = 1; cut < hello.length; cut++) {
    const { client, server } = bothSides();
    let [from, to] = [client, server];
    for (let step = 0; step < 4; step++) {
      const bytes = await from.written();
      to.link.received(bytes.subarray(0, cut));
      if (cut < bytes.length) {
        expect((await to.written()).length).toBe(0);
        to.link.received(bytes.subarray(cut));
      }
      [from, to] = [to, from];
    }
    expect([client.results.length, server.results.length], `cut ${cut}`).toEqual([1, 1]);
    expect(server.results[0]?.peer.id).toBe(WIRE.client.id);
    expect([client.clock.timers, server.clock.timers]).toEqual([0, 0]);
  }
});

test("HelloExchange cuts off a client that does not wait for its answer", async () => {
  const extra = frame({ body: { case: "registerInstance", value: {} } });
  for (const step of ["hello", "proof"]) {
    const { client, server } = bothSides();
    if (step === "proof") {
      server.link.received(await client.written());
      client.link.received(await server.written());
    }
    server.link.received(Buffer.concat([await client.written(), extra.subarray(0, 1)]));
    expect(server.errors[0]).toMatchObject({ code: "protocol" });
    expect([server.results.length, (await server.written()).length]).toEqual([0, 0]);
    expect(server.socket.calls).toEqual(["end"]);
  }
});

test("HelloExchange of a client hands on what follows the welcome, and nothing before", async () => {
  const extra = frame({ body: { case: "stop", value: {} } });
  const { client, server } = bothSides();
  server.link.received(await client.written());
  client.link.received(await server.written());
  server.link.received(await client.written());
  const welcome = await server.written();
  client.link.received(Buffer.concat([welcome, extra]));
  expect(client.results[0]).toMatchObject({ at: welcome.length });
  const hasty = bothSides();
  hasty.server.link.received(await hasty.client.written());
  hasty.client.link.received(Buffer.concat([await hasty.server.written(), extra]));
  expect(hasty.client.errors[0]).toMatchObject({ code: "protocol" });
});

test("HelloExchange decodes nothing but hello packets and answers nothing else", async () => {
  const strangers: Buffer[] = [
    frame({ body: { case: "stop", value: { reason: "x" } } }),
    frame({ body: { case: "ping", value: {} } }),
    frame({ requestId: 1, body: { case: "registerStmgr", value: {} } }),
    frame({}),
    Buffer.from(`GET / HTTP/1.1\r\nhost: ${"x".repeat(60)}\r\n\r\n`),
    Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80]),
    Buffer.from([0xff, 0xff, 0xff, 0x7f]),
    Buffer.from([3, 0x52, 0x7f, 0x00]),
  ];
  for (const bytes of strangers) {
    const { server } = bothSides();
    server.link.received(bytes);
    expect(server.errors.map(({ code }) => code), bytes.toString("hex")).toEqual(["protocol"]);
    expect((await server.written()).length).toBe(0);
    expect(server.socket.calls).toEqual(["end"]);
    server.link.received(bytes);
    expect(server.errors.length).toBe(1);
  }
  // Not even decoded: its body is no RegisterStmgr.
  const { server } = bothSides();
  const field = PacketSchema.field.registerStmgr.number;
  server.link.received(
    Buffer.from([6, (field << 3 & 0x7f) | 0x82, field >> 4, 3, 0xff, 0xff, 0xff]),
  );
  expect(server.errors[0]?.message).toContain(
    `a packet with body ${field}, expected one of the hello`,
  );
});

test("HelloExchange gives up after the time-out and at the end of the connection", async () => {
  const { client, server } = bothSides();
  await server.clock.advance(1999);
  expect(server.errors).toEqual([]);
  await server.clock.advance(1);
  expect(server.errors[0]).toMatchObject({ code: "timeout" });
  expect(server.socket.calls).toEqual(["end"]);
  client.link.closed(new Error("reset"));
  expect(client.errors[0]).toMatchObject({ code: "unavailable" });
  expect([client.clock.timers, server.clock.timers]).toEqual([0, 0]);
});
