/**
 * Strangers at the doors of a run: whoever does not hold its secret learns nothing, changes
 * nothing and harms nobody; and the secret is nowhere but in its file.
 */

import { afterAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Role } from "../../src/base/gen/heron_bin/packet_pb.ts";
import { HeronError, systemClock } from "../../src/base/mod.ts";
import { ClientHello } from "../../src/base/wire/hello.ts";
import { connect, createPacket, decodePacket, type PacketInit } from "../../src/base/wire/mod.ts";
import { codeOf } from "../support/durable_files.ts";
import { throwRandomBytes } from "../support/random_bytes.ts";
import { bodiesOf } from "../support/wire.ts";
import { LiveRun, topologyFile, until } from "./live_run.ts";
import {
  environmentOf,
  idOf,
  isAlive,
  LOOPBACK,
  memoryOf,
  portsOf,
  type RunProcess,
} from "./process_tree.ts";
import { brokenLinks, logLines } from "./role_logs.ts";
import { converse, type Door, doorsOf, frameOf } from "./strangers.ts";

const TEST_MS = 180_000;
const BOMBARD_MS = process.env["HERON_LONG"] === "1" ? 60_000 : 2000;
const MEMORY_GROWTH_BYTES = 32 * 1024 * 1024;
const TICKER = topologyFile("ticker");

const run = await LiveRun.running(["--containers", "2", TICKER]);
afterAll(() => run[Symbol.asyncDispose]());
const { folder } = run;
const secret = readFileSync(join(folder, "secret"));
const { topologyId } = await run.job();
const doors = doorsOf(run);
const STRANGER = { role: Role.STMGR, id: "stmgr-9", incarnation: { epoch: 1, counter: 1 } };

/** The door of a process, by TCP or by its socket. */
function doorOf(id: string, kind: "port" | "unix"): Door {
  const found = doors.find(({ address, party }) => party.id === id && kind in address);
  if (found === undefined) throw new Error(`Find the ${kind} of ${id}: not there`);
  return found;
}

/** Waits until the topology has come further than it is now. */
async function expectProgress(): Promise<void> {
  const seen = (): number => Number(/.*seen (\d+)\n/s.exec(run.stdout)?.[1] ?? 0);
  const before = seen();
  await until("progress", () => seen() > before + 50);
}

test("every door is known, and no other machine reaches one", () => {
  const ids = (kind: "port" | "unix"): string[] =>
    doors.filter(({ address }) => kind in address).map(({ party }) => party.id ?? "").sort();
  expect(ids("port")).toEqual(["stmgr-1", "stmgr-2", "tm"]);
  expect(ids("unix")).toEqual([
    ...["container-0", "container-1", "container-2"],
    ...["metricsmgr-0", "metricsmgr-1", "metricsmgr-2"],
    "scheduler",
    ...["stmgr-1", "stmgr-2"],
  ]);
  const addresses = run.processes.flatMap(({ pid }) => portsOf(pid)).map((one) => one.localAddress);
  expect(new Set(addresses)).toEqual(new Set([LOOPBACK]));
});

test("a wrong secret is refused at every door", async () => {
  for (const { address, party } of doors) {
    const attempt = connect({
      address,
      self: STRANGER,
      to: party,
      topologyId,
      secret: new Uint8Array(32).fill(1),
      clock: systemClock,
      handlers: { onOpen() {}, onPacket() {}, onClose() {} },
    });
    const thrown = await attempt.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(HeronError);
    expect(HeronError.from(thrown)).toMatchObject({
      code: "unauthenticated",
      message: expect.stringContaining("a wrong proof of the server"),
    });
  }
}, TEST_MS);

/** A hello to `door` under the run's own secret, to be spoken packet by packet. */
function createHello(door: Door): ClientHello {
  return new ClientHello({
    self: STRANGER,
    to: door.party,
    topologyId,
    secret,
    nonce: crypto.getRandomValues(new Uint8Array(16)),
    table: () => ({ tasks: [], stmgrs: [] }),
  });
}

/** The answer of a hello to a packet that came. */
function answerOf(hello: ClientHello, packet: Uint8Array): PacketInit {
  const step = hello.receive(decodePacket(packet, 0, packet.length));
  if (step.type !== "answer") throw new Error(`Answer a challenge: ${step.type}`);
  return step.packet;
}

test("a wrong proof is refused at every door", async () => {
  for (const door of doors) {
    const proof = { body: { case: "proof", value: { mac: new Uint8Array(32).fill(7) } } } as const;
    const { bodies, wasCut } = await converse(door.address, [
      frameOf(createHello(door).start()),
      frameOf(proof),
    ]);
    expect({ id: door.party.id, bodies, wasCut })
      .toEqual({ id: door.party.id, bodies: ["challenge", "refusal"], wasCut: true });
  }
}, TEST_MS);

test("who says no hello is cut off without a word", async () => {
  const rude: readonly PacketInit[] = [
    { body: { case: "stop", value: { reason: "because" } } },
    { body: { case: "drain", value: {} } },
    { body: { case: "heartbeat", value: {} }, requestId: 1 },
    { body: { case: "proof", value: { mac: new Uint8Array(32) } } },
    createPacket({}),
  ];
  for (const { address, party } of doors) {
    for (const packet of rude) {
      const { bodies, wasCut } = await converse(address, [frameOf(packet)]);
      expect({ id: party.id, bodies, wasCut }).toEqual({ id: party.id, bodies: [], wasCut: true });
    }
  }
}, TEST_MS);

test("a hello that was good once is refused when it is replayed", async () => {
  for (const door of [doorOf("tm", "port"), doorOf("stmgr-1", "port"), doorOf("stmgr-2", "port")]) {
    const hello = createHello(door);
    const first = frameOf(hello.start());
    let proof: Uint8Array | undefined;
    const genuine = await converse(door.address, [first, (challenge) => {
      proof = frameOf(answerOf(hello, challenge));
      return proof;
    }], 2000);
    // Held open: with the secret one is let in.
    expect(genuine).toMatchObject({ wasCut: false });
    expect(genuine.bodies.slice(0, 2)).toEqual(["challenge", "welcome"]);
    if (proof === undefined) throw new Error("No proof was given");
    expect(await converse(door.address, [first, proof]))
      .toEqual({ bodies: ["challenge", "refusal"], wasCut: true });
  }
}, TEST_MS);

test("random bytes on every port and socket do no harm", async () => {
  const processes = run.processes;
  const privateBytes = (pid: number): number => memoryOf(pid)?.privateBytes ?? 0;
  const before = new Map(processes.map(({ pid }) => [pid, privateBytes(pid)]));
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  console.log(`random bytes of seed ${seed} for ${BOMBARD_MS} ms at ${doors.length} doors`);
  const startMs = Date.now();
  const results = await Promise.all(
    doors.map(({ address }, index) =>
      throwRandomBytes({ address, seed: seed + index, durationMs: BOMBARD_MS })
    ),
  );
  for (const { opened, answers } of results) {
    expect(opened).toBeGreaterThan(0);
    for (const answer of answers) {
      expect(bodiesOf(answer).filter((body) => body !== "refusal" && body !== "challenge"))
        .toEqual([]);
    }
  }
  await expectProgress();
  expect(processes.filter(({ pid }) => !isAlive(pid))).toEqual([]);
  expect(run.processes.map(({ pid }) => pid)).toEqual(processes.map(({ pid }) => pid));
  const grown = processes.filter(({ pid }) =>
    privateBytes(pid) > (before.get(pid) ?? 0) + MEMORY_GROWTH_BYTES
  );
  expect(grown).toEqual([]);
  expect(brokenLinks(folder, Date.now()).filter((line) => isOfOurs(line, startMs))).toEqual([]);
  // Each listener wrote down whom it cut off.
  expect(
    logLines(folder, ["tm", "stmgr", "metricsmgr", "container-", "scheduler"])
      .filter((line) => line.includes('"stranger cut off"')).length,
  ).toBeGreaterThan(doors.length);
}, TEST_MS);

/** A log line since `sinceMs` that speaks of a process of the run, not of the stranger. */
function isOfOurs(line: string, sinceMs: number): boolean {
  return Date.parse(JSON.parse(line).time) >= sinceMs && !line.includes(STRANGER.id);
}

/** The forms in which bytes could leak. */
function formsOf(bytes: Buffer): readonly Buffer[] {
  const texts = [
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    [...bytes].join(","),
    [...bytes].join(", "),
  ];
  return [bytes, ...texts.map((text) => Buffer.from(text))];
}

/** What is in a file of the run; nothing when it was one for a moment, as records are written. */
function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return Buffer.alloc(0);
    throw thrown;
  }
}

/** Whether the secret is in `text` in any form. */
function tellsSecret(text: Buffer): boolean {
  return formsOf(secret).some((form) => text.includes(form));
}

test("the secret is in its file alone, which only its owner can read", () => {
  expect(secret.length).toBe(32);
  expect(statSync(join(folder, "secret")).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, "job")).mode & 0o777).toBe(0o600);
  for (const path of [dirname(folder), folder, join(folder, "sockets"), join(folder, "logs")]) {
    expect(statSync(path).mode & 0o777).toBe(0o700);
  }
  const files = readdirSync(run.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(files.filter((path) => tellsSecret(contentOf(path)))).toEqual([join(folder, "secret")]);
  const telltale = (one: RunProcess): boolean =>
    tellsSecret(Buffer.from(one.commandLine.join(" "), "latin1")) ||
    tellsSecret(environmentOf(one.pid));
  expect(run.processes.length).toBeGreaterThan(10);
  expect(run.processes.filter(telltale).map((one) => idOf(one, String))).toEqual([]);
  expect(tellsSecret(Buffer.from(run.stdout + run.stderr))).toBe(false);
});

test("the first tuple is soon at the last bolt", async () => {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    await using one = new LiveRun([TICKER, "1"]);
    const [, atMs] = await one.untilStdout(/last\[0\] first tuple at (\d+)\n/);
    times.push(Number(atMs) - one.startedMs);
    expect((await one.result).exitCode).toBe(0);
  }
  times.sort((a, b) => a - b);
  console.log(`from Enter to the first tuple at the last bolt: ${times[2]} ms, median of 5`);
}, TEST_MS);
