/**
 * The wire over real sockets: what Bun promises and what the kernel does. Merged
 * writes, a peer that does not read, large frames, random bytes, and that nothing stays open.
 */

import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/mod.ts";
import { PacketSchema } from "../../src/base/gen/heron_bin/packet_pb.ts";
import {
  type Address,
  connect,
  type ConnectionHandlers,
  encodeFrame,
  listen,
  type ListenOptions,
} from "../../src/base/wire/mod.ts";
import { completeLimits } from "../../src/base/wire/limits.ts";
import { Link } from "../../src/base/wire/link.ts";
import { onTurnEnd } from "../../src/base/mod.ts";
import { throwRandomBytes } from "../support/random_bytes.ts";
import {
  bodiesOf,
  clientOptions,
  FakeSocket,
  HandlerLog,
  nextTurn,
  serverOptions,
  until,
} from "../support/wire.ts";

const BATCH = PacketSchema.field.batch.number;

async function pair(handlers: ConnectionHandlers, change: Partial<ListenOptions> = {}) {
  const server = await listen({ ...serverOptions(systemClock, handlers), ...change });
  const log = new HandlerLog();
  const options = clientOptions(server.port, systemClock, log);
  const { address = options.address } = change;
  const at: Address = "unix" in address ? address : options.address;
  const connection = await connect({ ...options, address: at });
  return { server, connection, log };
}

test("Bun gives each data callback a buffer of its own and never writes into it again", async () => {
  const chunks: { readonly bytes: Buffer; readonly copy: Buffer }[] = [];
  let received = 0;
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(_socket, bytes) {
        received += bytes.length;
        chunks.push({ bytes, copy: Buffer.from(bytes) });
      },
    },
  });
  const client = await Bun.connect({
    hostname: "127.0.0.1",
    port: server.port,
    socket: { data() {} },
  });
  let sent = 0;
  for (let round = 1; round <= 200; round++) {
    sent += client.write(new Uint8Array(1 + (round * 977) % 5000).fill(round));
    await until(() => received === sent);
  }
  expect(new Set(chunks.map(({ bytes }) => bytes.buffer)).size).toBe(chunks.length);
  expect(chunks.every(({ bytes, copy }) => bytes.equals(copy))).toBe(true);
  client.end();
  server.stop(true);
});

test("frames of any size pass whole, over TCP and over a unix socket", async () => {
  const folder = await mkdtemp(join(tmpdir(), "heron-bin-wire-"));
  for (const change of [{}, { address: { unix: join(folder, "x.sock") } }]) {
    const handlers = new HandlerLog();
    const lengths: number[] = [];
    handlers.answer = (connection, { requestId, body }) => {
      if (body.case === "stop") lengths.push(body.value.reason.length);
      connection.respond(requestId, { case: "acknowledged", value: {} });
    };
    const { server, connection } = await pair(handlers, change);
    const sizes = [0, 1, 127, 128, 32_767, 32_768, 70_000, 1 << 20, 15_000_000];
    const answers = sizes.map((size) =>
      connection.request({ body: { case: "stop", value: { reason: "x".repeat(size) } } }, 30_000)
    );
    const bodies = (await Promise.all(answers)).map(({ body }) => body.case);
    expect(new Set(bodies)).toEqual(new Set(["acknowledged"]));
    expect(lengths).toEqual(sizes);
    expect(connection.queuedBytes).toBe(0);
    await server.close();
  }
  await rm(folder, { recursive: true });
});

test("what several connections bring in one turn leaves in one write to their destination", async () => {
  const frame = encodeFrame({ body: { case: "batch", value: { destinationTask: 1 } } });
  // The destination is no socket, so that its writes can be counted.
  const out = new FakeSocket();
  const link = new Link(out, {
    clock: systemClock,
    limits: completeLimits(),
    remoteAddress: "nowhere",
    onGone() {},
  });
  let turns = 0;
  let batches = 0;
  let counting = false;
  const middle = await listen({
    ...serverOptions(systemClock, new HandlerLog()),
    rawBodies: [BATCH],
    handlers: {
      onOpen() {},
      onPacket() {},
      onClose() {},
      onRaw(_connection, _body, bytes, frameStart, _bodyStart, end) {
        batches++;
        link.send(bytes, frameStart, end);
        if (counting) return;
        counting = true;
        onTurnEnd(() => {
          turns++;
          counting = false;
        });
      },
    },
  });
  const sources = await Promise.all(
    Array.from({ length: 10 }, (_, index) => {
      const options = clientOptions(middle.port, systemClock, new HandlerLog());
      return connect({ ...options, self: { ...options.self, id: `source-${index}` } });
    }),
  );
  for (let round = 1; round <= 20; round++) {
    // All ten leave at the end of one turn, and lie there when the middle polls.
    for (const source of sources) source.sendFrame(frame, 0, frame.length);
    await until(() => batches === 10 * round);
  }
  await nextTurn();
  expect(out.writes.length).toBe(turns);
  // Ten batches a turn, but where a busy kernel brings them one by one.
  expect(turns).toBeLessThanOrEqual(100);
  expect(out.take().length).toBe(200 * frame.length);
  await middle.close();
});

test("queuedBytes grows against a peer that does not read, and drains when it does", async () => {
  const accepted: Bun.Socket[] = [];
  const handlers = new HandlerLog();
  const { server, connection, log } = await pair(handlers);
  // A relay in between is the peer whose reading stops.
  let relayed = 0;
  const relay = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        accepted.push(socket);
      },
      async data(socket, chunk) {
        relayed += chunk.length;
        upstream ??= await Bun.connect({
          hostname: "127.0.0.1",
          port: server.port,
          socket: { data: (_up, back) => void socket.write(back) },
        });
        upstream.write(chunk);
      },
    },
  });
  let upstream: Bun.Socket | undefined;
  connection.close();
  const slow = await connect(clientOptions(relay.port, systemClock, log));
  accepted[0]?.pause();
  const reason = "x".repeat(1 << 20);
  for (let i = 0; i < 32; i++) slow.send({ body: { case: "stop", value: { reason } } });
  const before = slow.queuedBytes;
  expect(before).toBeGreaterThan(8 << 20);
  expect(log.events).not.toContain("drain");
  accepted[0]?.resume();
  await until(() => log.events.includes("drain"));
  expect(slow.queuedBytes).toBe(0);
  await until(() => relayed >= before);
  slow.close();
  relay.stop(true);
  await server.close();
});

test("a port takes seeded random bytes for 2 s, answers no stranger and still serves", async () => {
  const handlers = new HandlerLog();
  const { server, connection, log } = await pair(handlers);
  handlers.answer = (peer, { requestId }) =>
    peer.respond(requestId, { case: "acknowledged", value: {} });
  const address = { hostname: "127.0.0.1", port: server.port };
  const seed = 20_240_601;
  const result = await throwRandomBytes({ address, seed, durationMs: 2000 });
  // Each of the eight that throw at a time, however slow the machine.
  expect(result.opened, `seed ${seed}`).toBeGreaterThanOrEqual(8);
  const answers = new Set(result.answers.flatMap(bodiesOf));
  // A random hello may be a right one, as a hello shows no secret; nothing goes beyond that.
  expect([...answers].filter((body) => body !== "refusal" && body !== "challenge")).toEqual([]);
  const stop = { body: { case: "stop", value: {} } } as const;
  expect((await connection.request(stop, 10_000)).body.case).toBe("acknowledged");
  expect(handlers.events).toEqual(["open container_1_word_1", "packet stop"]);
  expect(log.events).toEqual(["open stmgr-1"]);
  await until(() => server.unauthenticated === 0, "no strangers");
  await server.close();
}, 60_000);

test("a process ends by itself once server and clients are closed", async () => {
  const script = `
    const { listen, connect, keepConnected } = await import("./src/base/wire/mod.ts");
    const { systemClock, seededRandom } = await import("./src/base/mod.ts");
    const { serverOptions, clientOptions, HandlerLog } = await import("./tests/support/wire.ts");
    const server = await listen(serverOptions(systemClock, new HandlerLog()));
    const options = clientOptions(server.port, systemClock, new HandlerLog());
    await connect(options);
    const { address } = options;
    const kept = keepConnected({ ...options, address: () => address, random: seededRandom(1) });
    await Bun.sleep(50);
    kept.close();
    await server.close();
    console.log("closed");
  `;
  const root = join(import.meta.dir, "../..");
  const child = Bun.spawn([process.execPath, "-e", script], { cwd: root, stdout: "pipe" });
  // Less than the ten seconds of a hello, whose timer would keep it up.
  const timer = setTimeout(() => child.kill(), 9000);
  expect(await child.stdout.text()).toBe("closed\n");
  expect(await child.exited).toBe(0);
  clearTimeout(timer);
}, 60_000);

// Connects and resets at once, many times.
const RESETTERS = `
  const net = require("node:net");
  for (let index = 0; index < 200; index++) {
    const socket = net.connect(Number(process.argv[1]), "127.0.0.1", () => socket.resetAndDestroy());
    socket.on("error", () => {});
  }
`;

test("peers that reset their connection before it is accepted do no harm", async () => {
  const log = new HandlerLog();
  const server = await listen(serverOptions(systemClock, log));
  // This thread stands still meanwhile: all that come are gone again when they are accepted.
  const { exitCode } = Bun.spawnSync([process.execPath, "-e", RESETTERS, String(server.port)]);
  expect(exitCode).toBe(0);
  const connection = await connect(clientOptions(server.port, systemClock, log));
  await until(() => server.unauthenticated === 0);
  connection.close();
  await server.close();
});
