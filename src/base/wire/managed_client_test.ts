import { expect, test } from "bun:test";
import {
  clientOptions,
  HandlerLog,
  nextTurn,
  serverOptions,
  until,
} from "../../../tests/support/wire.ts";
import { ManualClock } from "../mod.ts";
import { seededRandom, systemClock } from "../mod.ts";
import { keepConnected, type KeepConnectedOptions } from "./managed_client.ts";
import { listen } from "./server.ts";

function setUp(change: Partial<KeepConnectedOptions> & Pick<KeepConnectedOptions, "address">) {
  const log = new HandlerLog();
  const failures: string[] = [];
  const client = keepConnected({
    ...clientOptions(0, systemClock, log),
    random: seededRandom(3),
    onFailure: (error, attempts) => void failures.push(`${error.code} ${attempts}`),
    ...change,
  });
  return { client, log, failures };
}

test("keepConnected() tries with growing delays until there is an address", async () => {
  const clock = new ManualClock();
  const triesMs: number[] = [];
  const { client, failures } = setUp({
    clock,
    backoff: { firstMs: 100, maxMs: 800 },
    address() {
      triesMs.push(clock.nowMs());
      return undefined;
    },
  });
  await clock.advance(4000);
  const gaps = triesMs.map((atMs, index) => atMs - (triesMs[index - 1] ?? 0)).slice(1);
  for (const [index, boundMs] of [100, 200, 400, 800, 800].entries()) {
    expect(gaps[index]).toBeWithin(boundMs / 2, boundMs + 0.001);
  }
  expect(failures.slice(0, 2)).toEqual(["unavailable 1", "unavailable 2"]);
  client.close();
  const { length } = triesMs;
  await nextTurn();
  expect(clock.timers).toBe(0);
  await clock.advance(10_000);
  expect(triesMs.length).toBe(length);
});

test("keepConnected() finds a server that comes back elsewhere", async () => {
  const handlers = new HandlerLog();
  let server = await listen(serverOptions(systemClock, handlers));
  const { client, log } = setUp({
    backoff: { firstMs: 1, maxMs: 5 },
    address: () => ({ hostname: "127.0.0.1", port: server.port }),
  });
  await until(() => client.connection !== undefined);
  await server.close();
  await until(() => client.connection === undefined);
  server = await listen(serverOptions(systemClock, handlers));
  await until(() => client.connection !== undefined);
  expect(log.events).toEqual(["open stmgr-1", "close stmgr-1 clean", "open stmgr-1"]);
  client.close("done");
  expect(client.connection).toBeUndefined();
  expect(log.events.at(-1)).toBe("close stmgr-1 clean");
  await until(() => handlers.events.length === 4);
  expect(handlers.events.at(-1)).toContain("unavailable");
  await server.close();
});

test("keepConnected() starts its delays anew when a connection has lived long", async () => {
  const server = await listen(serverOptions(systemClock, new HandlerLog()));
  const clock = new ManualClock();
  let known = false;
  const { client, failures } = setUp({
    clock,
    backoff: { firstMs: 10, maxMs: 1000 },
    address: () => known ? { hostname: "127.0.0.1", port: server.port } : undefined,
  });
  await clock.advance(3000);
  expect(failures.length).toBeGreaterThan(6);
  for (const [livesMs, firstMs] of [[10, 1000], [5000, 10]] as const) {
    known = true;
    // The server is on another clock: its bytes come whenever they come.
    for (let i = 0; client.connection === undefined && i < 5000; i++) await clock.advance(1);
    await clock.advance(livesMs);
    known = false;
    failures.length = 0;
    client.connection?.close();
    await nextTurn();
    expect(failures).toEqual([]);
    await clock.advance(firstMs / 2 - 1);
    expect(failures).toEqual([]);
    await clock.advance(firstMs / 2 + 1);
    expect(failures[0]).toBe("unavailable 1");
  }
  client.close();
  await server.close();
});

test("keepConnected() lets onFailure close it when it is refused", async () => {
  const server = await listen({
    ...serverOptions(systemClock, new HandlerLog()),
    accept: () => "replaced",
  });
  const { client, failures } = setUp({
    address: () => ({ hostname: "127.0.0.1", port: server.port }),
    onFailure(error) {
      failures.push(error.code);
      client.close();
    },
  });
  await until(() => failures.length > 0);
  expect(failures).toEqual(["fenced"]);
  await server.close();
});

test("keepConnected() reports a lookup that throws and goes on", async () => {
  const clock = new ManualClock();
  const { client, failures } = setUp({
    clock,
    address() {
      throw new Error("store is away");
    },
  });
  await clock.advance(50);
  expect(failures.slice(0, 2)).toEqual(["internal 1", "internal 2"]);
  client.close();
});
