import { expect, test } from "bun:test";
import { type Packet, Role } from "../gen/heron_bin/packet_pb.ts";
import { silentLogger, systemClock, systemRandom } from "../mod.ts";
import { type Address, type Connection, listen, type Server } from "../wire/mod.ts";
import { until } from "../../../tests/support/wire.ts";
import { lastingLimits, type LastingLineOptions, openLastingLine } from "./lasting_line.ts";

const SELF = { role: Role.CONTAINER, id: "container-1", incarnation: { epoch: 2, counter: 1 } };
const SUPERVISOR = { role: Role.SCHEDULER, id: "scheduler" };
const COMMON = { topologyId: "words-1", secret: new Uint8Array(32), clock: systemClock };
const RUNNING = { body: { case: "topologyRunning", value: { tasks: 3 } } } as const;

/** A scheduler that may be started again, at another port, and may keep its answers to itself. */
class FakeScheduler {
  address: Address | undefined;
  readonly told: (string | undefined)[] = [];
  readonly connections: Connection[] = [];
  isSilent = false;
  refusal: string | undefined;
  #server: Server | undefined;

  async start(): Promise<void> {
    this.#server = await listen({
      ...COMMON,
      address: { hostname: "127.0.0.1", port: 0 },
      self: SUPERVISOR,
      limits: lastingLimits(60_000),
      accept: () => this.refusal,
      handlers: {
        onOpen: (connection) => void this.connections.push(connection),
        onPacket: (connection, packet) => this.#take(connection, packet),
        onClose() {},
      },
    });
    this.address = { hostname: "127.0.0.1", port: this.#server.port };
  }

  async stop(): Promise<void> {
    this.address = undefined;
    await this.#server?.close();
  }

  #take(connection: Connection, { body, requestId }: Packet): void {
    this.told.push(body.case);
    if (requestId === 0 || this.isSilent) return;
    connection.respond(requestId, { case: "acknowledged", value: {} });
  }
}

async function openLine(scheduler: FakeScheduler, change: Partial<LastingLineOptions> = {}) {
  const events: string[] = [];
  const line = await openLastingLine({
    ...COMMON,
    self: SELF,
    supervisor: SUPERVISOR,
    logger: silentLogger,
    random: systemRandom(),
    graceMs: 60_000,
    find: () => Promise.resolve(scheduler.address),
    onStop: (reason) => void events.push(`stop ${reason}`),
    onDrain: () => void events.push("drain"),
    onReturn: () => void events.push("return"),
    onLost: () => void events.push("lost"),
    ...change,
  });
  return { line, events };
}

test("a lasting line waits for its supervisor, and takes its orders", async () => {
  const scheduler = new FakeScheduler();
  const opening = openLine(scheduler);
  await scheduler.start();
  const { line, events } = await opening;
  line.started(4711);
  line.progressed();
  line.progressed();
  await line.deliver(RUNNING);
  expect(scheduler.told).toEqual(["processStarted", "progressed", "topologyRunning"]);
  scheduler.connections[0]?.send({ body: { case: "drain", value: {} } });
  scheduler.connections[0]?.send({ body: { case: "stop", value: { reason: "enough" } } });
  await until(() => events.length === 2);
  expect(events).toEqual(["drain", "stop enough"]);
  scheduler.refusal = "it has stopped";
  await scheduler.stop();
});

test("a lasting line finds a supervisor that was started again, and delivers what was not taken", async () => {
  const scheduler = new FakeScheduler();
  await scheduler.start();
  const { line, events } = await openLine(scheduler);
  line.started(1);
  await line.deliver(RUNNING);
  scheduler.isSilent = true;
  const ended = line.deliver({ body: { case: "topologyEnded", value: {} } });
  await until(() => scheduler.told.length === 3);
  await scheduler.stop();
  // Nobody is there to hear it; whoever comes is told anew.
  line.progressed();
  const warned = line.deliver({ body: { case: "taskWarning", value: {} } });
  scheduler.isSilent = false;
  await scheduler.start();
  await Promise.all([ended, warned]);
  expect(scheduler.told.slice(3)).toEqual([
    "processStarted",
    "progressed",
    "topologyEnded",
    "taskWarning",
  ]);
  expect(events).toEqual(["return"]);
  scheduler.refusal = "it has stopped";
  await scheduler.stop();
});

test("a lasting line that was cut opens again at once, and each supervisor may ask for an end", async () => {
  const scheduler = new FakeScheduler();
  await scheduler.start();
  const { events } = await openLine(scheduler);
  for (let time = 1; time <= 3; time++) {
    await until(() => scheduler.connections.length === time);
    scheduler.connections.at(-1)?.send({ body: { case: "stop", value: { reason: `${time}` } } });
    await until(() => events.includes(`stop ${time}`));
    scheduler.connections.at(-1)?.close();
  }
  await until(() => events.length === 6);
  expect(events.toSorted()).toEqual(["return", "return", "return", "stop 1", "stop 2", "stop 3"]);
  scheduler.refusal = "it has stopped";
  await scheduler.stop();
});

test("a lasting line is lost when the grace is over, or when its place is another's", async () => {
  const scheduler = new FakeScheduler();
  await scheduler.start();
  const alone = await openLine(scheduler, { graceMs: 100 });
  const fenced = await openLine(scheduler);
  await scheduler.stop();
  await until(() => alone.events.includes("lost"));
  expect(fenced.events).toEqual([]);
  scheduler.refusal = "this life of it is not awaited";
  await scheduler.start();
  await until(() => fenced.events.includes("lost"));
  expect([alone.events, fenced.events]).toEqual([["lost"], ["lost"]]);
  await scheduler.stop();
});

test("a supervisor that is not there, or not ours, is told when the grace is over", async () => {
  const scheduler = new FakeScheduler();
  await expect(openLine(scheduler, { graceMs: 50 })).rejects.toThrow("no address yet");
  await scheduler.start();
  const secret = new Uint8Array(32).fill(1);
  await expect(openLine(scheduler, { graceMs: 300, secret })).rejects.toMatchObject({
    code: "unauthenticated",
  });
  await scheduler.stop();
});
