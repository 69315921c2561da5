import { expect, test } from "bun:test";
import {
  clientOptions,
  HandlerLog,
  nextTurn,
  serverOptions,
  until,
  WIRE,
} from "../../../tests/support/wire.ts";
import { ManualClock } from "../mod.ts";
import { systemClock } from "../mod.ts";
import { unpackTable } from "./hello_table.ts";
import { connect } from "./client.ts";
import { listen } from "./server.ts";

/** A listener that takes connections and does what `data` says. */
function listener(data: (socket: Bun.Socket, chunk: Buffer) => void) {
  const sockets: Bun.Socket[] = [];
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data, open: (socket) => void sockets.push(socket) },
  });
  return { server, sockets };
}

test("connect() opens both sides with each other's party and table", async () => {
  const tables: unknown[] = [];
  const handlers = new HandlerLog();
  const log = new HandlerLog();
  const { incarnation } = WIRE.client;
  const server = await listen({
    ...serverOptions(systemClock, handlers),
    table: () => ({ tasks: [{ task: 2, incarnation }], stmgrs: [] }),
    accept: (hello) => void tables.push(unpackTable(hello.lives).tasks.map(({ task }) => task)),
  });
  const connection = await connect({
    ...clientOptions(server.port, systemClock, log),
    table: () => ({ tasks: [{ task: 1, incarnation }], stmgrs: [] }),
  });
  expect(connection.peer).toMatchObject(WIRE.server);
  expect(handlers.connections[0]?.peer).toMatchObject(WIRE.client);
  expect(tables).toEqual([[1]]);
  expect(log.table?.tasks.map(({ task }) => task)).toEqual([2]);
  await server.close();
});

test("connect() fails when nobody listens, when the party is another, when the secret is", async () => {
  const handlers = new HandlerLog();
  const log = new HandlerLog();
  const server = await listen(serverOptions(systemClock, handlers));
  const options = clientOptions(server.port, systemClock, log);
  const attempts = [
    [{ to: { ...WIRE.server, id: "stmgr-9" } }, "unauthenticated", "wrong party"],
    [{ secret: new Uint8Array(32) }, "unauthenticated", "wrong proof of the server"],
    [{ topologyId: "words-2" }, "unauthenticated", "wrong topology"],
    [{ address: { hostname: "127.0.0.1", port: 1 } }, "unavailable", "127.0.0.1:1"],
    [{ address: { unix: "/nowhere/x.sock" } }, "unavailable", "unix:/nowhere/x.sock"],
  ] as const;
  for (const [change, code, text] of attempts) {
    const failure = await connect({ ...options, ...change }).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(text) });
  }
  expect([log.events, handlers.events]).toEqual([[], []]);
  await until(() => server.unauthenticated === 0);
  await server.close();
});

test("connect() gives up a server that takes the connection and says nothing", async () => {
  const clock = new ManualClock();
  const { server, sockets } = listener(() => {});
  const log = new HandlerLog();
  const attempt = connect(clientOptions(server.port, clock, log)).catch((thrown: unknown) =>
    thrown
  );
  await until(() => sockets.length === 1);
  await nextTurn();
  // Later than a server would.
  await clock.advance(9999);
  expect(sockets[0]?.readyState).toBe(1);
  await clock.advance(1);
  expect(await attempt).toMatchObject({ code: "timeout" });
  await until(() => sockets[0]?.readyState !== 1);
  expect([log.events, clock.timers]).toEqual([[], 0]);
  server.stop(true);
});

test("connect() refuses a reflection of its own hello", async () => {
  const { server } = listener((socket, chunk) => void socket.write(chunk));
  const log = new HandlerLog();
  await expect(connect(clientOptions(server.port, systemClock, log))).rejects.toMatchObject({
    code: "protocol",
  });
  server.stop(true);
});

test("connect() ends by its signal, before or while it runs, and not once it is open", async () => {
  const log = new HandlerLog();
  const { server, sockets } = listener(() => {});
  const clock = new ManualClock();
  const options = clientOptions(server.port, clock, log);
  await expect(connect({ ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "unavailable",
  });
  for (const opened of [0, 1]) {
    const controller = new AbortController();
    const { signal } = controller;
    const attempt = connect({ ...options, signal }).catch((thrown: unknown) => thrown);
    // First before the socket is open, then while it waits for a challenge.
    if (opened === 1) await until(() => sockets.length === 2);
    controller.abort();
    expect(await attempt).toMatchObject({ code: "unavailable" });
    await until(() => sockets.length === opened + 1);
    await until(() => sockets.every(({ readyState }) => readyState !== 1));
  }
  expect(clock.timers).toBe(0);
  server.stop(true);
  const real = await listen(serverOptions(systemClock, new HandlerLog()));
  const controller = new AbortController();
  const { signal } = controller;
  await connect({ ...clientOptions(real.port, systemClock, log), signal });
  controller.abort();
  await nextTurn();
  expect(log.events).toEqual(["open stmgr-1"]);
  await real.close();
});
