/**
 * Scheduler, containers and the processes below them, for real: what ends them, that nothing
 * is left, and that each line of output comes up whole and in order. Roles are fakes.
 */

import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OutputStream } from "../../src/base/gen/heron_bin/packet_pb.ts";
import { RUNTIME_OPTIONS } from "../../src/base/mod.ts";
import { BOLT, SPOUT } from "../support/job_folder.ts";
import { residentBytes, untilStill, writtenBytes } from "../support/process_figures.ts";
import {
  ALL_PROCESSES,
  type ProcessTree,
  startTree,
  type TreeOptions,
} from "../support/process_tree.ts";
import { throwRandomBytes } from "../support/random_bytes.ts";

/** All processes are to be gone within this time of a kill. */
const GONE_MS = 5000;
/** Longer than a test waits for any one thing. */
const TIMEOUT_MS = 180_000;

async function runningTree(options: TreeOptions = {}): Promise<ProcessTree> {
  const tree = await startTree(options);
  tree.read();
  await tree.up();
  await untilRunning(tree);
  return tree;
}

function untilRunning(tree: ProcessTree): Promise<void> {
  return tree.until("the scheduler's word", () => tree.bodies("topologyRunning").length > 0);
}

test("Stop ends every process in order, and the scheduler with exit code 0", async () => {
  await using tree = await runningTree();
  expect(tree.bodies("topologyRunning")).toMatchObject([{ tasks: 2, containers: 2 }]);
  tree.order("stop");
  expect(await tree.ended()).toBe(0);
  expect(tree.processes()).toEqual([]);
  const exits = tree.bodies("processExited");
  expect(exits.every(({ expected, exitCode, signal }) => expected && exitCode === 0 && !signal))
    .toBe(true);
  const ids = exits.map(({ party }) => party?.id ?? "");
  expect(ids.toSorted()).toEqual([
    "container-0",
    "container-1",
    "container-2",
    SPOUT,
    BOLT,
    "metricsmgr-0",
    "metricsmgr-1",
    "metricsmgr-2",
    "stmgr-1",
    "stmgr-2",
    "tm",
  ].toSorted());
  const inFirst = [SPOUT, "stmgr-1", "metricsmgr-1", "container-1"];
  expect(ids.filter((id) => inFirst.includes(id))).toEqual(inFirst);
}, TIMEOUT_MS);

test("Drain reaches the topology master, and its end the command line", async () => {
  await using tree = await runningTree();
  tree.order("drain");
  await tree.until("the end", () => tree.bodies("topologyEnded").length > 0);
  expect(tree.bodies("topologyEnded")).toMatchObject([{
    tasks: [{ component: "s", emitted: 1n }],
  }]);
  expect(tree.bodies("processExited")).toEqual([]);
}, TIMEOUT_MS);

test("orders that come before anything runs are carried out", async () => {
  await using tree = await startTree();
  tree.read();
  tree.order("drain");
  await tree.until("the end", () => tree.bodies("topologyEnded").length > 0);
  await using stopped = await startTree();
  stopped.order("stop");
  expect(await stopped.ended()).toBe(0);
  expect(stopped.processes()).toEqual([]);
}, TIMEOUT_MS);

test("kill -9 of the scheduler ends all, also a process that is stopped", async () => {
  await using tree = await runningTree({ behaviours: [`${BOLT}=spin`] });
  process.kill(tree.pidOf("instance", 1), "SIGSTOP");
  tree.scheduler.kill("SIGKILL");
  await tree.gone(GONE_MS);
  expect(await tree.ended()).toBe("SIGKILL");
}, TIMEOUT_MS);

test(
  "the end of the command line ends all, also containers and processes that are stopped",
  async () => {
    await using tree = await runningTree();
    process.kill(tree.pidOf("container", 1), "SIGSTOP");
    process.kill(tree.pidOf("instance", 1), "SIGSTOP");
    process.kill(tree.pidOf("tm"), "SIGSTOP");
    await tree.scheduler.stdin.end();
    await tree.gone(GONE_MS);
    expect(await tree.ended()).toBe(5);
  },
  TIMEOUT_MS,
);

test(
  "kill -9 of a container ends its processes, and both start again; the others go on",
  async () => {
    await using tree = await runningTree();
    const old = tree.processes().filter(({ arguments: words }) => words.includes("1"));
    process.kill(tree.pidOf("instance", 1), "SIGSTOP");
    process.kill(tree.pidOf("stmgr", 1), "SIGSTOP");
    const pid = tree.pidOf("container", 1);
    process.kill(pid, "SIGKILL");
    await tree.until("the report", () => tree.bodies("processExited").length > 0);
    // What was forked and not executed yet looks like its parent.
    const lives = ["container 3.2", "instance 4.1", "metricsmgr 4.1", "stmgr 4.1"];
    await tree.until("a new life", () => Bun.deepEquals(livesOf(tree, "1").toSorted(), lives));
    expect(tree.processes().length).toBe(ALL_PROCESSES);
    expect(tree.bodies("processExited")).toMatchObject([{
      party: { id: "container-1" },
      pid,
      signal: "SIGKILL",
      expected: false,
      restarts: true,
      logFile: join(tree.folder, "logs", "container-1.log"),
    }]);
    const pids = new Set(tree.processes().map((one) => one.pid));
    expect(old.filter((one) => pids.has(one.pid))).toEqual([]);
    expect(livesOf(tree, "2")).toContain("stmgr 3.1");
    tree.order("stop");
    expect(await tree.ended()).toBe(0);
    expect(tree.processes()).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "kill -9 of a container that has just started a process ends that too, told or not",
  async () => {
    await using tree = await startTree();
    tree.read();
    const stmgr = () => tree.processes().find(({ arguments: words }) => words[0] === "stmgr");
    let found = stmgr();
    for (; found === undefined; found = stmgr()) await Bun.sleep(0);
    const { pid, arguments: words } = found;
    const container = words[words.indexOf("--container") + 1] ?? "";
    process.kill(pid, "SIGSTOP");
    process.kill(tree.pidOf("container", Number(container)), "SIGKILL");
    await tree.until("a new life", () => livesOf(tree, container).includes("stmgr 4.1"));
    expect(livesOf(tree, container)).not.toContain("stmgr 3.1");
    tree.order("stop");
    expect(await tree.ended()).toBe(0);
  },
  TIMEOUT_MS,
);

/** Role and incarnation of each process of a container. */
function livesOf(tree: ProcessTree, container: string): string[] {
  return tree.processes().map(({ arguments: words }) => words)
    .filter((words) => words[words.indexOf("--container") + 1] === container)
    .map((words) => `${words[0]} ${words[words.indexOf("--incarnation") + 1]}`);
}

/** Each role below a container, and in which container. */
const RESTARTED: readonly (readonly [role: string, container: number, id: string])[] = [
  ["tm", 0, "tm"],
  ["metricsmgr", 0, "metricsmgr-0"],
  ["stmgr", 2, "stmgr-2"],
  ["instance", 2, BOLT],
];

test("kill -9 of each process, three times, starts it again, and nothing else", async () => {
  await using tree = await runningTree();
  const all = new Map(tree.processes().map((one) => [one.pid, one]));
  for (const [role, container, id] of RESTARTED) {
    for (let life = 1; life <= 3; life++) {
      // Up, and so there: its end is told before it is started again.
      await tree.until(`${id} in life ${life}`, () => upCount(tree, id) === life);
      const killed = tree.pidOf(role, container);
      process.kill(killed, "SIGKILL");
      all.delete(killed);
      await tree.until(`the end of ${id}`, () => endsOf(tree, id).length === life);
    }
    expect(endsOf(tree, id)).toEqual(Array(3).fill("SIGKILL false true"));
  }
  await tree.until("all", () => tree.processes().length === ALL_PROCESSES);
  expect([...all].filter(([pid]) => !tree.processes().some((one) => one.pid === pid))).toEqual([]);
  tree.order("stop");
  expect(await tree.ended()).toBe(0);
}, TIMEOUT_MS);

/** How often a process said that it is up, by the log of its container. */
function upCount(tree: ProcessTree, id: string): number {
  const log = ["tm", "metricsmgr-0"].includes(id) ? "container-0" : "container-2";
  const text = readFileSync(join(tree.folder, "logs", `${log}.log`), "utf8");
  return text.split("\n").filter((line) =>
    line.includes("process is up") && line.includes(`"${id}"`)
  ).length;
}

function endsOf(tree: ProcessTree, id: string): string[] {
  return tree.bodies("processExited").filter(({ party }) => party?.id === id)
    .map(({ signal, expected, restarts }) => `${signal} ${expected} ${restarts}`);
}

test("a container whose process is given up stays, and a Drain reaches a new master", async () => {
  await using tree = await startTree({ behaviours: [`${BOLT}=fail`] });
  tree.read();
  // The bolt may be given up before the last of the others is there.
  await untilRunning(tree);
  await tree.until("the end of the bolt", () => endsOf(tree, BOLT).length === 3);
  expect(endsOf(tree, BOLT)).toEqual([" false true", " false true", " false false"]);
  tree.order("drain");
  await tree.until("the end", () => tree.bodies("topologyEnded").length === 1);
  process.kill(tree.pidOf("tm"), "SIGKILL");
  await tree.until("the end, again", () => tree.bodies("topologyEnded").length === 2);
  process.kill(tree.pidOf("container", 0), "SIGKILL");
  await tree.until("the end, once more", () => tree.bodies("topologyEnded").length === 3);
  tree.order("stop");
  expect(await tree.ended()).toBe(0);
}, TIMEOUT_MS);

test("Stop kills what does not obey: deaf, silent, stopped, and a stopped container", async () => {
  await using tree = await runningTree({ behaviours: [`${SPOUT}=deaf`, "stmgr-1=silent"] });
  process.kill(tree.pidOf("metricsmgr", 0), "SIGSTOP");
  process.kill(tree.pidOf("container", 2), "SIGSTOP");
  const startMs = performance.now();
  tree.order("stop");
  expect(await tree.ended()).toBe(0);
  // 500 ms for processes, somewhat more for containers.
  expect(performance.now() - startMs).toBeLessThan(GONE_MS);
  expect(tree.processes()).toEqual([]);
  const killed = tree.bodies("processExited").filter(({ signal }) => signal === "SIGKILL");
  expect(killed.every(({ expected }) => expected)).toBe(true);
  expect(killed.map(({ party }) => party?.id ?? "").toSorted()).toEqual(
    ["container-2", SPOUT, "metricsmgr-0", "stmgr-1"].toSorted(),
  );
}, TIMEOUT_MS);

test(
  "a process that dies unasked is reported each time, with its code or signal, behind its last words",
  async () => {
    await using tree = await startTree({
      behaviours: [`${SPOUT}=exit:9`, "stmgr-2=kill", `${BOLT}=fail`],
    });
    tree.read();
    await tree.until("three lives each", () => tree.bodies("processExited").length === 9);
    const last = tree.bodies("processExited").filter(({ restarts }) => !restarts);
    const exits = last.map(({ party, exitCode, signal, expected, logFile }) => [
      party?.id,
      exitCode,
      signal,
      expected,
      logFile,
    ]);
    const log = (id: string) => join(tree.folder, "logs", `${id}.log`);
    expect(exits.toSorted()).toEqual([
      [SPOUT, 9, "", false, log(SPOUT)],
      [BOLT, 1, "", false, log(BOLT)],
      ["stmgr-2", 0, "SIGKILL", false, log("stmgr-2")],
    ]);
    expect(tree.bodies("processFailed")).toMatchObject([
      ...[1, 2, 3].map((counter) => ({
        party: { id: BOLT, incarnation: { epoch: 3, counter } },
        code: "user_code",
        message: "boom",
      })),
    ]);
    const words = tree.packets.findIndex(({ case: kind }) => kind === "output");
    const end = tree.packets.findIndex((body) =>
      body.case === "processExited" && body.value.party?.id === SPOUT
    );
    expect(tree.linesOf("s")).toEqual(Array(3).fill("last words without an end"));
    expect(words).toBeLessThan(end);
    tree.order("stop");
    expect(await tree.ended()).toBe(0);
  },
  TIMEOUT_MS,
);

test("100,000 lines of each of two instances come up whole and in order", async () => {
  const count = 100_000;
  await using tree = await startTree({
    behaviours: [`${SPOUT}=print:${count}`, `${BOLT}=print:${count}`],
  });
  tree.read();
  const isDone = (component: string) =>
    tree.bodies("output").some((one) =>
      one.component === component && one.stream === OutputStream.STDERR
    );
  await tree.until("all lines", () => isDone("s") && isDone("b"));
  tree.order("stop");
  expect(await tree.ended()).toBe(0);
  const expected = Array.from({ length: count }, (_, line) => `line ${line} ✓`);
  for (const component of ["s", "b"]) {
    const printed = tree.linesOf(component).filter((line) => line !== "printed");
    expect(printed.length).toBe(count);
    expect(printed.every((line, at) => line === expected[at])).toBe(true);
  }
}, TIMEOUT_MS);

test(
  "a command line that does not read costs no memory, and gets every line when it does",
  async () => {
    await using tree = await startTree({ behaviours: [`${SPOUT}=flood`] });
    await tree.up();
    const watched = () => [tree.pidOf("scheduler"), tree.pidOf("container", 1)].map(residentBytes);
    // All code is loaded, and all buffers on the way are full.
    await untilStill(() => watched().reduce((sum, bytes) => sum + bytes, 0), 1024 * 1024);
    const before = watched();
    await Bun.sleep(2000);
    const grown = watched().map((bytes, at) => bytes - (before[at] ?? 0));
    expect(Math.max(...grown)).toBeLessThan(8 * 1024 * 1024);
    tree.read();
    await tree.until("more lines", () => tree.linesOf("s").length > 50_000);
    tree.order("stop");
    expect(await tree.ended()).toBe(0);
    // It was ended within its last line.
    const lines = tree.linesOf("s").slice(0, -1);
    expect(lines.findIndex((line, at) => !line.startsWith(`${at} xxx`))).toBe(-1);
  },
  TIMEOUT_MS,
);

test(
  "Stop waits for a reader that is slow: no container is killed for what it still carries",
  async () => {
    await using tree = await startTree({ behaviours: [`${SPOUT}=print:1000000`] });
    await tree.up();
    const spout = tree.pidOf("instance", 1);
    // It prints until all buffers on the way are full.
    await untilStill(() => writtenBytes(spout));
    tree.order("stop");
    const roles = () => tree.processes().map((one) => one.arguments[0] ?? "").toSorted();
    const carriers = ["container", "scheduler"];
    await tree.until("the end of all others", () => Bun.deepEquals(roles(), carriers));
    // Longer than any time that processes and containers have to end.
    await Bun.sleep(2000);
    expect(roles()).toEqual(carriers);
    expect(await tree.ended()).toBe(0);
    expect(tree.bodies("processExited").filter(({ signal }) => signal !== "")).toEqual([]);
    const lines = tree.linesOf("s");
    expect(lines.length).toBeGreaterThan(80_000);
    // The spout was asked to stop within its last line.
    expect(lines.slice(0, -1).findIndex((line, at) => line !== `line ${at} ✓`)).toBe(-1);
  },
  TIMEOUT_MS,
);

test(
  "an instance has the listed environment, options of the engine and the user's folder; what it starts ends with it",
  async () => {
    await using tree = await runningTree({
      behaviours: [`${SPOUT}=describe`, `${BOLT}=offspring`],
      environment: { GREETING: "hello" },
    });
    await tree.until("both", () => tree.linesOf("s").length > 0 && tree.linesOf("b").length > 0);
    expect(JSON.parse(tree.linesOf("s")[0] ?? "")).toEqual({
      // A real one takes the options out before it loads user code.
      env: { PATH: process.env["PATH"], GREETING: "hello", ...RUNTIME_OPTIONS },
      folder: tmpdir(),
    });
    const offspring = `/proc/${tree.linesOf("b")[0]}`;
    expect(existsSync(offspring)).toBe(true);
    tree.order("stop");
    expect(await tree.ended()).toBe(0);
    await tree.until("the end of what the bolt started", () => !existsSync(offspring), GONE_MS);
  },
  TIMEOUT_MS,
);

test("the sockets take random bytes, and the processes live on", async () => {
  await using tree = await runningTree();
  for (const socket of ["scheduler", "container-1"]) {
    const address = { unix: join(tree.folder, "sockets", `${socket}.sock`) };
    const seed = 20_250_301;
    const result = await throwRandomBytes({ address, seed, durationMs: 500 });
    // Each of the eight that throw at a time.
    expect(result.opened, `seed ${seed}`).toBeGreaterThanOrEqual(8);
  }
  expect(tree.processes().length).toBe(12);
  expect(tree.bodies("processExited")).toEqual([]);
  tree.order("stop");
  expect(await tree.ended()).toBe(0);
}, TIMEOUT_MS);
