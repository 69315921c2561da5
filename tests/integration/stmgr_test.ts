/**
 * Stream managers as processes, without any topology master: two of them, killed, stopped
 * and started again, with instances that this test plays.
 */

import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type InstanceRegistered,
  type LossNotice,
  PlanUpdateSchema,
  Role,
} from "../../src/base/gen/heron_bin/packet_pb.ts";
import { silentLogger, systemClock } from "../../src/base/mod.ts";
import {
  connect,
  type Connection,
  decodePacket,
  listen,
  type Server,
} from "../../src/base/wire/mod.ts";
import {
  buildPhysicalPlan,
  buildPlanUpdate,
  encodeRecord,
  readJob,
  stmgrId,
} from "../../src/plan/mod.ts";
import { openLocalFs, topologyPaths } from "../../src/state/mod.ts";
import { PACKET_FIELD, type TaskLife } from "../../src/tuples/mod.ts";
import { BOLT, createJobFolder, type JobFolder, SPOUT } from "../support/job_folder.ts";
import { frameFor } from "../support/stmgr_bench.ts";
import { HandlerLog, until } from "../support/wire.ts";

const TIMEOUT_MS = 60_000;
const BINARY = join(import.meta.dir, "../../cmd/heron_bin.ts");

let folder: JobFolder;
let supervisors: Map<number, { readonly server: Server; readonly log: HandlerLog }>;
let processes: Bun.Subprocess[];
let connections: Connection[];

beforeEach(async () => {
  folder = await createJobFolder({ config: { "net.reconnect.max.ms": 50 } });
  [supervisors, processes, connections] = [new Map(), [], []];
  for (const container of [1, 2]) {
    const log = new HandlerLog();
    const server = await listen({
      address: { unix: join(folder.path, "sockets", `container-${container}.sock`) },
      self: { role: Role.CONTAINER, id: `container-${container}` },
      topologyId: folder.topologyId,
      secret: folder.secret,
      clock: systemClock,
      handlers: log,
    });
    supervisors.set(container, { server, log });
  }
});

afterEach(async () => {
  for (const connection of connections) connection.close();
  for (const process of processes) process.kill("SIGKILL");
  await Promise.all(processes.map((process) => process.exited));
  for (const { server } of supervisors.values()) await server.close();
  await folder[Symbol.asyncDispose]();
});

/** A port that is free and stays so: below those that the kernel gives to whoever names none. */
function freePort(): number {
  for (;;) {
    const port = 10_000 + Math.floor(20_000 * Math.random());
    try {
      Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
      return port;
    } catch {
      // Somebody has it.
    }
  }
}

/** Stores the plan that a topology master would have made; returns the ports of both stream managers. */
async function storePlan(): Promise<[number, number]> {
  const job = await readJob(folder.jobFile);
  const ports: [number, number] = [freePort(), freePort()];
  const stmgrs = ports.map((dataPort, index) => ({
    $typeName: "heron.proto.system.StMgr" as const,
    id: stmgrId(index + 1),
    hostName: "127.0.0.1",
    dataPort,
    localEndpoint: "/unused",
    cwd: "",
    pid: 0,
    shellPort: 0,
    localDataPort: 0,
  }));
  const { topology, packingPlan, schedulerEpoch } = job;
  const update = buildPlanUpdate({
    schedulerEpoch,
    leaseNumber: 1n,
    planVersion: 1,
    addressVersion: 1,
    plan: buildPhysicalPlan({ topology, packingPlan, stmgrs }),
    tasks: [],
    stmgrs: [],
  });
  await using state = await openLocalFs({ root: job.stateRoot, clock: systemClock });
  const { planUpdate } = topologyPaths(job.topologyName);
  await state.create(planUpdate, encodeRecord(PlanUpdateSchema, update));
  return ports;
}

/** Starts the stream manager of a container; returns it with the port that it tells. */
async function startStmgr(container: number, counter = 1) {
  const log = supervisors.get(container)?.log ?? new HandlerLog();
  const { promise: port, resolve } = Promise.withResolvers<number>();
  log.answer = (_connection, { body }) => {
    if (body.case === "processStarted") resolve(body.value.port);
  };
  const process = Bun.spawn([
    globalThis.process.execPath,
    BINARY,
    "stmgr",
    "--job",
    folder.jobFile,
    "--container",
    String(container),
    "--incarnation",
    `1.${counter}`,
  ], { stdout: "inherit", stderr: "inherit" });
  processes.push(process);
  return { process, port: await port };
}

/** An instance that this test plays: what it got, in order. */
interface PlayedInstance {
  readonly connection: Connection;
  readonly answer: InstanceRegistered;
  /** Markers as their offset, notices as text, the rest as the names of their bodies. */
  readonly got: string[];
  isClosed: boolean;
}

async function playInstance(id: string, life: TaskLife): Promise<PlayedInstance> {
  const container = id === SPOUT ? 1 : 2;
  const got: string[] = [];
  const played = { got, isClosed: false };
  const connection = await connect({
    address: { unix: join(folder.path, "sockets", `stmgr-${container}.sock`) },
    self: { role: Role.INSTANCE, id, incarnation: life },
    to: { role: Role.STMGR, id: `stmgr-${container}` },
    topologyId: folder.topologyId,
    secret: folder.secret,
    clock: systemClock,
    logger: silentLogger,
    rawBodies: Object.values(PACKET_FIELD),
    handlers: {
      onOpen: () => {},
      onRaw: (_connection, body, bytes, start, _bodyStart, end) => {
        if (body !== PACKET_FIELD.lossNotice) {
          played.got.push("frame");
          return;
        }
        const packet = decodePacket(bytes, start + 1, end).body;
        if (packet.case === "lossNotice") played.got.push(describe(packet.value));
      },
      onPacket: (_connection, { body }) => void played.got.push(body.case ?? ""),
      onClose: () => {
        played.isClosed = true;
      },
    },
  });
  connections.push(connection);
  const taskId = container;
  const instance = {
    instanceId: id,
    stmgrId: `stmgr-${container}`,
    info: { taskId, componentIndex: 0, componentName: taskId === 1 ? "s" : "b" },
  };
  const { body } = await connection.request(
    { body: { case: "registerInstance", value: { instance, incarnation: life } } },
    20_000,
  );
  if (body.case !== "instanceRegistered") throw new TypeError(`Found ${body.case}`);
  return Object.assign(played, { connection, answer: body.value });
}

function describe({ lost, settled }: LossNotice): string {
  const what = lost.case === "link"
    ? `link ${lost.value.firstStmgr} ${lost.value.secondStmgr}`
    : `${lost.case} ${lost.value}`;
  return `${what} ${settled ? "settled" : "lost"}`;
}

/** Sends a frame to the other instance and waits until it is there. */
async function send(from: PlayedInstance, to: PlayedInstance, task: number): Promise<void> {
  const before = to.got.length;
  const { bytes } = frameFor(task);
  from.connection.sendFrame(bytes, 0, bytes.length);
  await until(() => to.got.slice(before).includes("frame"), `a frame for task ${task}`);
}

test(
  "stream managers serve from the stored plan, on the ports of before, without a topology master",
  async () => {
    const ports = await storePlan();
    const [first, second] = [await startStmgr(1), await startStmgr(2)];
    expect([first.port, second.port]).toEqual(ports);
    const spout = await playInstance(SPOUT, { epoch: 1, counter: 1 });
    const bolt = await playInstance(BOLT, { epoch: 1, counter: 1 });
    expect(spout.answer).toMatchObject({ ended: false, plan: { planVersion: 1 } });
    await send(spout, bolt, 2);
    await send(bolt, spout, 1);
  },
  TIMEOUT_MS,
);

test(
  "the end of an instance is told to those of other containers, and frames wait for its next life",
  async () => {
    await storePlan();
    await startStmgr(1);
    await startStmgr(2);
    const spout = await playInstance(SPOUT, { epoch: 1, counter: 1 });
    const bolt = await playInstance(BOLT, { epoch: 1, counter: 1 });
    await send(spout, bolt, 2);
    bolt.connection.close();
    await until(() => spout.got.includes("task 2 settled"));
    const { bytes } = frameFor(2);
    spout.connection.sendFrame(bytes, 0, bytes.length);
    const reborn = await playInstance(BOLT, { epoch: 1, counter: 2 });
    await until(() => reborn.got.includes("frame"));
    // Its hello comes before anything has seen its earlier life end.
    const third = await playInstance(BOLT, { epoch: 1, counter: 3 });
    await until(() => reborn.isClosed);
    await until(() => spout.got.filter((one) => one === "task 2 settled").length === 2);
    await send(spout, third, 2);
    // `expect().rejects` waits inside of this turn, and what is sent leaves at its end.
    const refused = await playInstance(BOLT, { epoch: 1, counter: 2 }).catch(String);
    expect(refused).toContain("a later incarnation");
  },
  TIMEOUT_MS,
);

test(
  "kill -9 of a stream manager: a lost link, settled when the next life is there on the same port",
  async () => {
    const ports = await storePlan();
    await startStmgr(1);
    const second = await startStmgr(2);
    const spout = await playInstance(SPOUT, { epoch: 1, counter: 1 });
    const bolt = await playInstance(BOLT, { epoch: 1, counter: 1 });
    await send(spout, bolt, 2);
    const before = spout.got.length;
    second.process.kill("SIGKILL");
    await until(() => bolt.isClosed);
    await until(() => spout.got.includes("link stmgr-1 stmgr-2 lost"));
    const { bytes } = frameFor(2);
    spout.connection.sendFrame(bytes, 0, bytes.length);
    // Its socket's file is still there.
    expect(existsSync(join(folder.path, "sockets", "stmgr-2.sock"))).toBe(true);
    const reborn = await startStmgr(2, 2);
    expect(reborn.port).toBe(ports[1]);
    const again = await playInstance(BOLT, { epoch: 1, counter: 1 });
    await until(() => again.got.includes("frame"));
    await until(() => spout.got.includes("link stmgr-1 stmgr-2 settled"));
    await until(() => spout.got.slice(before).includes("peerUp"));
    await send(spout, again, 2);
    await send(again, spout, 1);
  },
  TIMEOUT_MS,
);

test(
  "a stopped stream manager is replaced, and its late end takes nothing from the next life",
  async () => {
    const ports = await storePlan();
    const older = await startStmgr(2);
    await startStmgr(1);
    const spout = await playInstance(SPOUT, { epoch: 1, counter: 1 });
    await send(await playInstance(BOLT, { epoch: 1, counter: 1 }), spout, 1);
    older.process.kill("SIGSTOP");
    const newer = await startStmgr(2, 2);
    // The stopped one still has the port.
    expect(newer.port).not.toBe(ports[1]);
    const bolt = await playInstance(BOLT, { epoch: 1, counter: 1 });
    expect(bolt.answer.plan?.planVersion).toBe(1);
    older.process.kill("SIGKILL");
    await older.process.exited;
    await playInstance(BOLT, { epoch: 1, counter: 2 });
  },
  TIMEOUT_MS,
);
