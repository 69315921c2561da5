/** The topology master's client over real sockets, with masters that come, refuse, and go. */

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { systemConfigFrom } from "../base/config/mod.ts";
import { Role, StmgrRegisteredSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { silentLogger, systemClock, systemRandom } from "../base/mod.ts";
import { listen, type Server } from "../base/wire/mod.ts";
import { MemoryState, openMemory, topologyPaths } from "../state/mod.ts";
import { openCore, type StmgrBench } from "../../tests/support/stmgr_bench.ts";
import { HandlerLog, masterAt, until, WIRE } from "../../tests/support/wire.ts";
import { TmClient } from "./tm_client.ts";

const TM = { role: Role.TM, id: "tm" };

/** A topology master that answers registrations with what it is told, heartbeats with nothing to say. */
class FakeMaster {
  readonly log = new HandlerLog();
  answer: MessageInitShape<typeof StmgrRegisteredSchema> = { schedulerEpoch: 1, leaseNumber: 1n };
  server: Server | undefined;

  async open(tree: MemoryState, refusal?: string): Promise<void> {
    const { secret, topologyId, anyPort: address } = WIRE;
    this.log.answer = (connection, { requestId, body }) => {
      if (body.case === "registerStmgr") {
        const value = create(StmgrRegisteredSchema, this.answer);
        connection.respond(requestId, { case: "stmgrRegistered", value });
      } else if (body.case === "heartbeat") {
        connection.respond(requestId, { case: "heartbeatAnswer", value: {} });
      }
    };
    this.server = await listen({
      address,
      self: TM,
      topologyId,
      secret,
      clock: systemClock,
      handlers: this.log,
      accept: () => refusal,
    });
    this.publish(tree, this.server.port);
  }

  publish(tree: MemoryState, serverPort: number): void {
    tree.set(topologyPaths("two").tmanager, masterAt(serverPort));
  }

  get registrations(): number {
    return this.log.events.filter((event) => event === "packet registerStmgr").length;
  }
}

let tree: MemoryState;
let bench: StmgrBench;
let fenced: string[];
let client: TmClient;
let masters: FakeMaster[];

async function openMaster(refusal?: string): Promise<FakeMaster> {
  const master = new FakeMaster();
  masters.push(master);
  await master.open(tree, refusal);
  return master;
}

beforeEach(() => {
  tree = new MemoryState();
  bench = openCore();
  [fenced, masters] = [[], []];
  const { server: self, topologyId, secret } = WIRE;
  client = new TmClient({
    core: bench.core,
    state: openMemory(tree),
    topologyName: "two",
    wire: { self, topologyId, secret, clock: systemClock, logger: silentLogger },
    config: systemConfigFrom({ "net.reconnect.max.ms": 20, "stmgr.heartbeat.ms": 10 }),
    clock: systemClock,
    random: systemRandom(),
    address: { id: "stmgr-1", hostName: "127.0.0.1", dataPort: 1, cwd: "" },
    onFenced: (error) => void fenced.push(error.message),
  });
});

afterEach(async () => {
  client.close();
  for (const master of masters) await master.server?.close();
});

test("TmClient registers with each new connection, and sends heartbeats", async () => {
  await client.start();
  client.registerNow();
  const first = await openMaster();
  await until(() => first.log.events.includes("packet heartbeat"));
  expect(bench.core.hasMaster).toBe(true);
  for (const connection of first.log.connections) connection.close();
  await until(() => first.registrations === 2);
});

test("TmClient does not register before it is told to", async () => {
  await client.start();
  const master = await openMaster();
  await until(() => master.log.connections.length === 1);
  expect(master.registrations).toBe(0);
  client.registerNow();
  await until(() => master.registrations === 1);
});

test("TmClient goes to a new address at once, also from a master that does not answer", async () => {
  await client.start();
  client.registerNow();
  // It takes connections, and says nothing: as a stopped process does.
  const stopped = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  new FakeMaster().publish(tree, stopped.port);
  const next = await openMaster();
  await until(() => next.registrations === 1);
  stopped.stop(true);
  const last = await openMaster();
  await until(() => last.registrations === 1);
  expect(next.log.events.at(-1)).toStartWith("close stmgr-1");
});

test("TmClient asks again when the master does not know it yet, and ends nothing", async () => {
  await client.start();
  client.registerNow();
  const master = new FakeMaster();
  masters.push(master);
  master.answer = { refused: "Not ready" };
  await master.open(tree);
  await until(() => master.registrations >= 3);
  expect(bench.core.hasMaster).toBe(false);
  master.answer = { schedulerEpoch: 1, leaseNumber: 1n };
  await until(() => bench.core.hasMaster);
  expect(fenced).toEqual([]);
});

test("TmClient refuses a master that is older than another seen", async () => {
  bench.core.registered(create(StmgrRegisteredSchema, { schedulerEpoch: 1, leaseNumber: 5n }), 0);
  await client.start();
  client.registerNow();
  const master = new FakeMaster();
  masters.push(master);
  master.answer = { schedulerEpoch: 1, leaseNumber: 4n, draining: true };
  await master.open(tree);
  await until(() => master.registrations >= 2);
  expect(master.log.events).not.toContain("packet heartbeat");
  const newer = new FakeMaster();
  masters.push(newer);
  newer.answer = { schedulerEpoch: 1, leaseNumber: 6n };
  await newer.open(tree);
  await until(() => newer.log.events.includes("packet heartbeat"));
  expect(fenced).toEqual([]);
});

test("TmClient tells when the master is connected to a later life", async () => {
  await client.start();
  await openMaster("a later incarnation is connected");
  await until(() => fenced.length > 0);
  expect(fenced[0]).toContain("a later incarnation is connected");
});
