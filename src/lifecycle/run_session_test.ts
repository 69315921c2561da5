/** Tests of a run with a scheduler process that plays a part. */

import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Output } from "../base/gen/heron_bin/packet_pb.ts";
import { systemClock } from "../base/mod.ts";
import type { RunOutcome } from "./run_core.ts";
import { type RunSession, type RunSessionOptions, startRun } from "./run_session.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-session-"));
afterAll(() => rm(root, { recursive: true }));
const TEST_MS = 60_000;
/** Where none of them is to run out: the scheduler's process may be slow. */
const LIMITS = {
  startMs: 30_000,
  drainMs: 30_000,
  lastWordsMs: 30_000,
  stopMs: 30_000,
  killMs: 300,
} as const;

const HEAD = `import { decodePacket, encodeFrame, FrameDecoder } from ${
  JSON.stringify(join(import.meta.dir, "../base/wire/mod.ts"))
};
import { writeSync } from "node:fs";
function send(body, value) {
  const bytes = encodeFrame({ body: { case: body, value } });
  for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at);
}
function print(...lines) { send("output", { component: "count", componentIndex: 1, task: 2, lines }); }
async function* received() {
  const decoder = new FrameDecoder(1 << 20);
  for await (const chunk of Bun.stdin.stream()) {
    const bodies = [];
    decoder.feed(chunk, 0, { frame(bytes, { packetStart, end }) {
      bodies.push(decodePacket(bytes, packetStart, end).body.case);
      return true;
    } });
    yield* bodies;
  }
}
async function obey() { for await (const body of received()) if (body === "stop") process.exit(0); process.exit(0); }
`;

interface Played {
  readonly session: RunSession;
  readonly shown: string[];
}

async function play(code: string, options: Partial<RunSessionOptions> = {}): Promise<Played> {
  const file = join(root, `${crypto.randomUUID()}.ts`);
  await writeFile(file, HEAD + code);
  const shown: string[] = [];
  const session = startRun({
    command: [process.execPath, file],
    environment: { PATH: "/usr/bin" },
    workingFolder: root,
    errorFile: join(root, "stderr"),
    limits: LIMITS,
    replays: true,
    places: { topologyFolder: root, logsFolder: root, tasks: new Map() },
    forMs: undefined,
    clock: systemClock,
    view: {
      output(output: Output) {
        shown.push(...output.lines);
        return Promise.resolve(true);
      },
      running: (tasks, containers) => void shown.push(`running ${tasks} ${containers}`),
      draining: () => void shown.push("draining"),
      note: (text) => void shown.push(`note ${text}`),
      restarted: (text) => void shown.push(text),
      warned: (text) => void shown.push(text),
    },
    ...options,
  });
  return { session, shown };
}

async function outcomeOf(code: string): Promise<{ outcome: RunOutcome; shown: string[] }> {
  const { session, shown } = await play(code);
  return { outcome: await session.outcome, shown };
}

test("startRun() shows output and ends with the totals", async () => {
  const { outcome, shown } = await outcomeOf(`
send("topologyRunning", { tasks: 3, containers: 1 });
print("a", "b");
send("topologyEnded", { tasks: [{ component: "count", executed: 7n }] });
print("late");
await obey();`);
  expect(shown).toEqual(["running 3 1", "a", "b", "late"]);
  expect(outcome).toMatchObject({ exitCode: 0, failure: undefined });
  expect(outcome.totals?.[0]?.executed).toBe(7n);
}, TEST_MS);

test("startRun() tells of a process that starts again, and goes on", async () => {
  const { outcome, shown } = await outcomeOf(`
send("topologyRunning", { tasks: 3, containers: 1 });
send("processExited", { party: { role: 5, id: "stmgr-1" }, pid: 7, signal: "SIGKILL", restarts: true });
send("topologyEnded", { tasks: [] });
await obey();`);
  expect(shown).toEqual([
    "running 3 1",
    "stmgr-1 (pid 7) ended with signal SIGKILL and starts again\n",
  ]);
  expect(outcome).toMatchObject({ exitCode: 0, failure: undefined });
  expect(outcome.restarts.byRole).toEqual([["stmgr", 1]]);
}, TEST_MS);

test("startRun() drains after the time of --for", async () => {
  const { session, shown } = await play(
    `send("topologyRunning", { tasks: 1, containers: 1 });
for await (const body of received()) {
  print(body);
  if (body === "drain") send("topologyEnded", { tasks: [] });
  else process.exit(0);
}`,
    { forMs: 50 },
  );
  expect((await session.outcome).exitCode).toBe(0);
  expect(shown).toEqual(["running 1 1", "draining", "drain", "stop"]);
}, TEST_MS);

test("startRun() kills a scheduler that obeys nothing", async () => {
  const { session, shown } = await play(
    `process.on("SIGTERM", () => {});
send("topologyRunning", { tasks: 1, containers: 1 });
print("up");
for (;;);`,
  );
  while (!shown.includes("up")) await Bun.sleep(5);
  session.interrupt();
  session.interrupt();
  expect((await session.outcome).exitCode).toBe(130);
}, TEST_MS);

test("startRun() tells the failure of a scheduler that dies", async () => {
  const { outcome } = await outcomeOf(`process.exit(9);`);
  expect(outcome.exitCode).toBe(6);
  expect(outcome.failure?.message).toContain("exit code 9");
}, TEST_MS);

test("startRun() ends when what the scheduler writes is no packet", async () => {
  const { session } = await play(`writeSync(1, new Uint8Array(64).fill(255)); await obey();`);
  expect(session.outcome).rejects.toThrow("Read a frame");
  await session.outcome.catch(() => undefined);
}, TEST_MS);

test("startRun() stops quietly when nobody reads the output", async () => {
  const { session } = await play(
    `send("topologyRunning", { tasks: 1, containers: 1 });
const timer = setInterval(() => print("x"), 5);
await obey();`,
    {
      view: {
        output: () => Promise.resolve(false),
        running: () => undefined,
        draining: () => undefined,
        note: () => undefined,
        restarted: () => undefined,
        warned: () => undefined,
      },
    },
  );
  expect(await session.outcome).toMatchObject({ exitCode: 0, quiet: true });
}, TEST_MS);

test("startRun() reads no faster than the output is shown", async () => {
  const BYTES_MAX = 8 * 1024 * 1024;
  const gate = Promise.withResolvers<void>();
  let lines = 0;
  const { session } = await play(
    `send("topologyRunning", { tasks: 1, containers: 1 });
const line = "x".repeat(60_000);
for (let i = 0; i < 2000; i++) { print(line); Bun.write(${
      JSON.stringify(join(root, "sent"))
    }, String(i)); }
send("topologyEnded", { tasks: [] });
await obey();`,
    {
      view: {
        output: async () => {
          lines++;
          await gate.promise;
          return true;
        },
        running: () => undefined,
        draining: () => undefined,
        note: () => undefined,
        restarted: () => undefined,
        warned: () => undefined,
      },
    },
  );
  while (lines === 0) await Bun.sleep(5);
  await Bun.sleep(300);
  const sent = Number(await Bun.file(join(root, "sent")).text());
  expect(sent * 60_000).toBeLessThan(BYTES_MAX);
  gate.resolve();
  expect((await session.outcome).exitCode).toBe(0);
  expect(lines).toBe(2000);
}, TEST_MS);
