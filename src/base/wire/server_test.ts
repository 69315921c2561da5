import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bodiesOf,
  clientOptions,
  HandlerLog,
  serverOptions,
  until,
  WarningLog,
  WIRE,
} from "../../../tests/support/wire.ts";
import { ManualClock } from "../mod.ts";
import { systemClock } from "../mod.ts";
import { connect } from "./client.ts";
import { encodeFrame } from "./frame.ts";
import { listen, type ListenOptions, type Server } from "./server.ts";

async function setUp(change: Partial<ListenOptions> = {}) {
  const handlers = new HandlerLog();
  const warnings = new WarningLog();
  const { logger } = warnings;
  const server = await listen({ ...serverOptions(systemClock, handlers), logger, ...change });
  return { server, handlers, warnings: warnings.lines };
}

/** A socket that says what the test makes it say. */
async function stranger(port: number) {
  const state = { closed: false, got: Buffer.alloc(0) };
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      data: (_socket, chunk) => void (state.got = Buffer.concat([state.got, chunk])),
      close: () => void (state.closed = true),
    },
  });
  return { socket, state };
}

/** A hello that is right in all but the secret, which it does not show. */
function hello(): Uint8Array {
  const { topologyId, client: from, server: to } = WIRE;
  const nonce = new Uint8Array(16).fill(1);
  return encodeFrame({
    body: { case: "hello", value: { protocolVersion: 1, topologyId, from, to, nonce } },
  });
}

function instance(counter: number) {
  return { ...WIRE.client, incarnation: { epoch: 1, counter } };
}

test("listen() knows its connections by party, and close() ends them all", async () => {
  const { server, handlers } = await setUp();
  const log = new HandlerLog();
  const options = clientOptions(server.port, systemClock, log);
  const [first] = [
    await connect(options),
    await connect({ ...options, self: { ...WIRE.client, id: "b" } }),
  ];
  await until(() => server.connections.size === 2);
  const { role, id } = WIRE.client;
  expect(server.connectionsOf(role, id).map(({ peer }) => peer.id)).toEqual([id]);
  expect(server.address).toBe(`127.0.0.1:${server.port}`);
  await server.close();
  expect(server.connections.size).toBe(0);
  await until(() => log.events.length === 4);
  expect(log.events.filter((event) => event.startsWith("close")).length).toBe(2);
  expect(handlers.events.filter((event) => event.startsWith("close")).length).toBe(2);
  first?.send({ body: { case: "stop", value: {} } });
  await expect(connect(options)).rejects.toMatchObject({ code: "unavailable" });
  await server.close();
});

test("listen() writes nothing but its challenge or a refusal to a stranger, and runs no handler", async () => {
  const { server, handlers, warnings } = await setUp();
  const proof = encodeFrame({ body: { case: "proof", value: { mac: new Uint8Array(32) } } });
  const wrong = await stranger(server.port);
  wrong.socket.write(hello());
  await until(() => wrong.state.got.length > 0);
  wrong.socket.write(proof);
  await until(() => wrong.state.closed);
  expect(bodiesOf(wrong.state.got)).toEqual(["challenge", "refusal"]);
  const hasty = await stranger(server.port);
  hasty.socket.write(Buffer.concat([hello(), proof]));
  await until(() => hasty.state.closed);
  expect(hasty.state.got.length).toBe(0);
  const rude = await stranger(server.port);
  rude.socket.write(encodeFrame({ body: { case: "stop", value: {} } }));
  await until(() => rude.state.closed);
  expect(rude.state.got.length).toBe(0);
  expect(handlers.events).toEqual([]);
  await until(() => warnings.length === 3);
  expect(warnings.map(({ event }) => event)).toEqual(Array(3).fill("stranger cut off"));
  expect(warnings[0]?.fields).toMatchObject({ claimed: "instance container_1_word_1 1.4" });
  expect(String(warnings[0]?.fields["address"])).toStartWith("127.0.0.1:");
  await server.close();
});

test("listen() reads few strangers at a time, the rest wait, and all are cut off in time", async () => {
  const clock = new ManualClock();
  const { server } = await setUp({ clock, limits: { unauthenticatedMax: 2, waitingMax: 3 } });
  const strangers: Awaited<ReturnType<typeof stranger>>[] = [];
  for (let count = 1; count <= 6; count++) {
    strangers.push(await stranger(server.port));
    await until(() => server.unauthenticated === Math.min(count, 5));
  }
  await until(() => strangers[5]?.state.closed === true);
  for (const { socket } of strangers.slice(0, 5)) socket.write(hello());
  await until(() => strangers[1]?.state.got.length !== 0);
  await clock.advance(10);
  expect(strangers.map(({ state }) => state.got.length > 0)).toEqual(
    [true, true, false, false, false, false],
  );
  strangers[0]?.socket.end();
  await until(() => strangers[2]?.state.got.length !== 0);
  expect(strangers[3]?.state.got.length).toBe(0);
  await clock.advance(2000);
  await until(() => strangers.every(({ state }) => state.closed));
  expect(server.unauthenticated).toBe(0);
  await server.close();
  expect(clock.timers).toBe(0);
});

test("Server.supersede() closes older lives first and refuses a later one's elder", async () => {
  const handlers = new HandlerLog();
  const server: Server = await listen({
    ...serverOptions(systemClock, handlers),
    accept: (greeting) => server.supersede(greeting),
  });
  const log = new HandlerLog();
  const options = clientOptions(server.port, systemClock, log);
  await connect({ ...options, self: instance(4) });
  await connect({ ...options, self: instance(5) });
  const { id } = WIRE.client;
  expect(handlers.events).toEqual([`open ${id}`, `close ${id} clean`, `open ${id}`]);
  await until(() => log.events.includes("close stmgr-1 unavailable"));
  await expect(connect({ ...options, self: instance(4) })).rejects.toMatchObject({
    code: "fenced",
    message: expect.stringContaining("a later incarnation is connected"),
  });
  await until(() => server.connections.size === 1);
  await server.close();
});

test("listen() works on a unix socket, takes over a stale one and not a live one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "heron-bin-wire-"));
  const unix = join(folder, "x.sock");
  const dead = Bun.spawn([
    process.execPath,
    "-e",
    `Bun.listen({ unix: ${
      JSON.stringify(unix)
    }, socket: { data() {} } }); process.kill(process.pid, 9)`,
  ]);
  await dead.exited;
  expect(existsSync(unix)).toBe(true);
  const { server } = await setUp({ address: { unix } });
  expect([server.port, server.address]).toEqual([0, `unix:${unix}`]);
  await expect(setUp({ address: { unix } })).rejects.toMatchObject({ code: "unavailable" });
  const log = new HandlerLog();
  const connection = await connect({ ...clientOptions(0, systemClock, log), address: { unix } });
  expect(connection.remoteAddress).toBe(`unix:${unix}`);
  await server.close();
  expect(existsSync(unix)).toBe(false);
  await expect(setUp({ address: { unix: join(folder, "none", "x.sock") } })).rejects.toMatchObject({
    code: "unavailable",
  });
  await rm(folder, { recursive: true });
});
