import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawTopology } from "../../tests/support/definitions.ts";
import { pack } from "../../tests/support/plans.ts";
import { HandlerLog, until } from "../../tests/support/wire.ts";
import { Role } from "../base/gen/heron_bin/packet_pb.ts";
import { systemClock, systemRandom } from "../base/mod.ts";
import { listen, type Server } from "../base/wire/mod.ts";
import { encodeJob, planHash } from "../plan/mod.ts";
import { openMemory } from "../state/mod.ts";
import { runMetricsmgr } from "./run_metricsmgr.ts";
import type { SinkSettings } from "./sinks/sink.ts";

const SECRET = Buffer.alloc(32, 3);
/** No interval is over before a slow machine comes to the end. */
const DEFINITION = drawTopology("s b", { config: { "metrics.export.interval.ms": 600_000 } });

let folder = "";
let supervisor: Server;
let log: HandlerLog;
let topologyId = "";
let sinkCalls: string[] = [];

beforeEach(async () => {
  sinkCalls = [];
  folder = await mkdtemp(join(tmpdir(), "role-"));
  for (const name of ["sockets", "logs"]) await mkdir(join(folder, name));
  const { topology, packingPlan } = pack(DEFINITION);
  topologyId = topology.id;
  await writeJob({ topology, packingPlan });
  await writeFile(join(folder, "secret"), SECRET);
  log = new HandlerLog();
  supervisor = await listen({
    address: { unix: join(folder, "sockets", "container-1.sock") },
    self: { role: Role.CONTAINER, id: "container-1" },
    topologyId,
    secret: SECRET,
    clock: systemClock,
    handlers: log,
  });
});

afterEach(async () => {
  await supervisor.close();
  await rm(folder, { recursive: true });
});

async function writeJob(more: Partial<Parameters<typeof encodeJob>[0]>): Promise<void> {
  await writeFile(
    join(folder, "job"),
    encodeJob({
      topologyName: DEFINITION.name,
      topologyId,
      folder,
      stateRoot: join(folder, "state"),
      bundle: join(folder, "bundle.js"),
      planHash: planHash(DEFINITION),
      ...more,
    }),
  );
}

/** Runs the role; returns the codes it exits with. */
async function run(): Promise<number[]> {
  const codes: number[] = [];
  const record = (code: number): void => void codes.push(code);
  await runMetricsmgr({
    jobFile: join(folder, "job"),
    container: 1,
    incarnation: { epoch: 1, counter: 2 },
    clock: systemClock,
    random: systemRandom(),
    openSink: ({ path }) => Promise.resolve(sinkAt(path)),
    openState: () => Promise.resolve(openMemory()),
    // The process of a test goes on.
    exit: record as (code: number) => never,
  });
  await until(() => log.events.includes("packet processStarted"));
  return codes;
}

/** A sink that writes its calls down. */
function sinkAt(path: SinkSettings["path"]) {
  sinkCalls.push(`open ${path}`);
  const call = (name: string) => Promise.resolve(void sinkCalls.push(name));
  return { write: () => call("write"), flush: () => call("flush"), close: () => call("close") };
}

/** The calls of a run that ended before its first interval was over. */
function callsOfShortRun(): string[] {
  const path = join(folder, "logs", "metrics", "metricsmgr-1.json");
  return [`open ${path}`, "write", "flush", "close"];
}

test("runMetricsmgr() says that it is up, and ends with 0 when its supervisor says so", async () => {
  const codes = await run();
  expect(log.connections[0]?.peer).toMatchObject({
    role: Role.METRICSMGR,
    id: "metricsmgr-1",
    incarnation: { epoch: 1, counter: 2 },
  });
  log.connections[0]?.send({ body: { case: "stop", value: { reason: "done" } } });
  await until(() => codes.length > 0);
  expect(codes).toEqual([0]);
  expect(sinkCalls).toEqual(callsOfShortRun());
  const lines = await readFile(join(folder, "logs", "metricsmgr-1.log"), "utf8");
  expect(lines).toContain('"event":"metrics flushed"');
});

async function runAndStop(): Promise<void> {
  const codes = await run();
  process.emit("SIGTERM");
  await until(() => codes.length > 0);
}

test("runMetricsmgr() has the sinks of its cluster, each in files of its own", async () => {
  const sink = { filesMax: 1, fileBytesMax: 1000, flushMs: 600_000, queueBytesMax: 1000 };
  const outside = join(folder, "outside");
  const sinks = [
    { ...sink, id: "file-sink", folder: "m" },
    { ...sink, id: "second", folder: "m" },
    { ...sink, id: "third", folder: outside },
  ];
  await writeJob({ ...pack(DEFINITION), metrics: { sinks } });
  await runAndStop();
  expect(sinkCalls.filter((call) => call.startsWith("open "))).toEqual([
    `open ${join(folder, "m", "metricsmgr-1.json")}`,
    `open ${join(folder, "m", "metricsmgr-1.second.json")}`,
    `open ${join(outside, DEFINITION.name, "metricsmgr-1.third.json")}`,
  ]);
});

test("runMetricsmgr() has no sink where its cluster has none", async () => {
  await writeJob({ ...pack(DEFINITION), metrics: { sinks: [] } });
  await runAndStop();
  expect(sinkCalls).toEqual([]);
});

test("runMetricsmgr() ends with 0 on SIGTERM, and leaves no handler behind", async () => {
  const before = process.listenerCount("SIGTERM");
  const codes = await run();
  process.emit("SIGTERM");
  process.emit("SIGTERM");
  await until(() => codes.length > 0);
  expect(codes).toEqual([0]);
  expect(sinkCalls).toEqual(callsOfShortRun());
  expect(process.listenerCount("SIGTERM")).toBe(before);
});
