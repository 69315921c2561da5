/**
 * How a run ends, whatever ends it: no process of it is left and no file outside its folder,
 * and what went wrong is told with the process, its log and the user's line.
 */

import { expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorCode } from "../../src/base/mod.ts";
import { LiveRun, strayPaths, topologyFile, until } from "./live_run.ts";
import { logLines } from "./role_logs.ts";
import { filesWrittenBy, isAlive, label, type RunProcess, signal } from "./process_tree.ts";

const TEST_MS = 120_000;
/** From any end to the last process, in milliseconds. */
const GONE_MS = 5000;
const ENDS = topologyFile("ends");

/** Has a paced topology end. */
function letEnd(run: LiveRun): void {
  writeFileSync(join(run.cwd, "enough"), "");
}

/** The run is over: nothing of it runs within 5 s, and it wrote into its own folder alone. */
async function expectNothingLeft(run: LiveRun): Promise<void> {
  await run.untilGone(GONE_MS);
  // The word to end is the test's own.
  rmSync(join(run.cwd, "enough"), { force: true });
  expect(strayPaths(run)).toEqual([]);
}

/** Subcommand and place by process: `ps` as a user sees it. */
async function psOf(run: LiveRun): Promise<string[]> {
  const ps = Bun.spawn(["ps", "-ww", "-eo", "args="], { stdout: "pipe" });
  const lines = (await new Response(ps.stdout).text()).split("\n");
  return lines.filter((line) => line.includes(`--job ${run.folder}/job`))
    .map((line) => line.replace(/^\S+ /, "").replace(/ --(job|incarnation) \S+/g, "")).sort();
}

test("ps shows one process a role and one a task", async () => {
  await using run = await LiveRun.running(["--containers", "2", ENDS, "endless"]);
  await run.untilStdout(/going/);
  expect(await psOf(run)).toEqual([
    "container --container 0",
    "container --container 1",
    "container --container 2",
    "instance --container 1 --task 1 --component numbers --index 0",
    "instance --container 1 --task 3 --component middle --index 1",
    "instance --container 2 --task 2 --component middle --index 0",
    "instance --container 2 --task 4 --component last --index 0",
    "metricsmgr --container 0",
    "metricsmgr --container 1",
    "metricsmgr --container 2",
    "scheduler",
    "stmgr --container 1",
    "stmgr --container 2",
    "tm --container 0",
  ]);
  // Nothing else of ours either: no helper, no shell.
  expect(run.processes.filter(({ role }) => role === "").map(label)).toEqual([]);
  for (const { pid } of run.processes) {
    const outside = filesWrittenBy(pid).filter((path) => !path.startsWith(`${run.folder}/`));
    expect(outside).toEqual([]);
  }
}, TEST_MS);

test("timers of a spout run though it never waits", async () => {
  await using run = new LiveRun([topologyFile("no_wait"), "--for", "40s"]);
  const { exitCode, stderr } = await run.result;
  expect(exitCode).toBe(0);
  // It ended by itself, not by its time.
  expect(stderr).not.toMatch(/summary of "no-wait" after [4-9]\d/);
}, TEST_MS);

test("a bounded topology ends by itself", async () => {
  await using run = new LiveRun(["--containers", "2", ENDS, "bounded"]);
  const { exitCode, stdout, stderr } = await run.result;
  expect(stdout).toContain("last[0] received 10000\n");
  expect(stderr).toMatch(/summary of "ends"[^]*numbers +1 +10,000 +0 +[\d,]+ +0 +0\n/);
  expect(exitCode).toBe(0);
  await expectNothingLeft(run);
}, TEST_MS);

test("Ctrl-C on the process group ends an endless topology with its summary", async () => {
  await using run = await LiveRun.running([ENDS, "endless"]);
  await run.untilStdout(/going/);
  run.interrupt();
  const { exitCode, stdout, stderr } = await run.result;
  const [, emitted = "none"] = /summary of "ends"[^]*numbers +1 +([\d,]+) /.exec(stderr) ?? [];
  // At most once, but no process died: all that was emitted was handled.
  expect(stdout).toContain(`last[0] received ${emitted.replaceAll(",", "")}\n`);
  expect(exitCode).toBe(0);
  await expectNothingLeft(run);
}, TEST_MS);

test("a cleanup that throws does not hold the end up", async () => {
  await using run = new LiveRun([ENDS, "cleanup"]);
  const { exitCode, stdout, stderr } = await run.result;
  expect(stdout).toContain("last[0] received 10000\n");
  expect(stderr).toContain(
    "last[0] (task 4): warning: Error: thrown on purpose (cleanup_failed)\n",
  );
  expect(exitCode).toBe(0);
  // It ended itself: nobody had to kill it.
  const [ended = "{}"] = logLines(run.folder, ["container-1"])
    .filter((line) => line.includes('"process ended"') && line.includes("container_1_last_4"));
  expect(JSON.parse(ended)).toMatchObject({ code: 0, signal: "" });
  expect(logLines(run.folder, ["container_1_last"]).join("\n")).toContain("thrown on purpose");
  await expectNothingLeft(run);
}, TEST_MS);

test("a second Ctrl-C kills a topology that does not drain", async () => {
  await using run = await LiveRun.running([ENDS, "stuck"]);
  await run.untilStdout(/stuck/);
  run.interrupt();
  await run.untilStderr(/press Ctrl-C again to kill it/);
  const interruptedMs = performance.now();
  run.interrupt();
  const { exitCode } = await run.result;
  expect(exitCode).toBe(130);
  // Long before the drain would be given up.
  expect(performance.now() - interruptedMs).toBeLessThan(8000);
  await expectNothingLeft(run);
}, TEST_MS);

test("--for ends an endless topology after its time", async () => {
  await using run = await LiveRun.running(["--for", "2s", ENDS, "endless"]);
  const runningMs = performance.now();
  const { exitCode, stderr } = await run.result;
  // That it runs may have been seen late.
  expect(performance.now() - runningMs).toBeGreaterThan(1000);
  expect(stderr).toMatch(/summary of "ends"[^]*numbers +1 +[1-9][\d,]* /);
  expect(exitCode).toBe(0);
  await expectNothingLeft(run);
}, TEST_MS);

test("kill -9 of the command line leaves nothing", async () => {
  await using run = await LiveRun.running(["--containers", "2", ENDS, "endless"]);
  await run.untilStdout(/going/);
  signal(run.child.pid, "SIGKILL");
  await expectNothingLeft(run);
}, TEST_MS);

test("kill -9 of the scheduler is told and leaves nothing", async () => {
  await using run = await LiveRun.running(["--containers", "2", ENDS, "endless"]);
  await run.untilStdout(/going/);
  const { folder } = run;
  signal(run.process("scheduler").pid, "SIGKILL");
  await expectNothingLeft(run);
  const { exitCode, stderr } = await run.result;
  expect(exitCode).toBe(6);
  expect(stderr).toContain("the scheduler ended unasked with signal SIGKILL\n");
  expect(stderr).toContain(`  log: ${folder}/logs`);
}, TEST_MS);

/** How a run may end whose user code has started a process of its own. */
const ENDS_WITH_CHILD: readonly (readonly [string, (run: LiveRun) => void])[] = [
  ["Ctrl-C", (run) => run.interrupt()],
  ["kill -9 of the command line", (run) => void signal(run.child.pid, "SIGKILL")],
  ["kill -9 of the scheduler", (run) => void signal(run.process("scheduler").pid, "SIGKILL")],
];

test.each(ENDS_WITH_CHILD)("%s ends what user code has started too", async (_, end) => {
  await using run = await LiveRun.running([ENDS, "child"]);
  await run.untilStdout(/child started/);
  await until("the child", () => run.processes.some(({ role }) => role === ""));
  end(run);
  await run.result;
  await expectNothingLeft(run);
}, TEST_MS);

test("kill -9 of a container, or of the task alone, ends what user code has started", async () => {
  await using run = await LiveRun.running([ENDS, "child"]);
  for (const find of [() => run.process("container", { container: 1 }), () => firstMiddle(run)]) {
    const children = await until("the children of both tasks", () => {
      const found = run.processes.filter(({ role }) => role === "");
      return found.length === 2 && found;
    });
    // That of the second task outlives the first.
    const mortal = find().role === "instance" ? 1 : 2;
    signal(find().pid, "SIGKILL");
    await until("their end", () => children.filter(({ pid }) => !isAlive(pid)).length === mortal);
  }
  run.interrupt();
  await run.result;
  await expectNothingLeft(run);
}, TEST_MS);

function firstMiddle(run: LiveRun): RunProcess {
  return run.process("instance", { task: 2 });
}

/** Which process dies: its id, how lines name it, and its role in the summary. */
const VICTIMS: readonly (readonly [id: string, role: string, (run: LiveRun) => RunProcess])[] = [
  ["container-1", "container", (run) => run.process("container", { container: 1 })],
  ["container-0", "container", (run) => run.process("container", { container: 0 })],
  ["tm", "tm", (run) => run.process("tm")],
  ["stmgr-2", "stmgr", (run) => run.process("stmgr", { container: 2 })],
  ["metricsmgr-1", "metricsmgr", (run) => run.process("metricsmgr", { container: 1 })],
  ["middle[0] (task 2", "instance", firstMiddle],
];

test.each(VICTIMS)(
  "kill -9 of %s: it is told, starts again, and the run comes to its end",
  async (name, role, find) => {
    await using run = await LiveRun.running(["--containers", "2", ENDS, "paced"]);
    await run.untilStdout(/going/);
    const old = find(run);
    signal(old.pid, "SIGKILL");
    const told = name.includes("(") ? `${name}, pid ${old.pid})` : `${name} (pid ${old.pid})`;
    await run.untilStderr(
      new RegExp(RegExp.escape(`heron-bin: ${told} ended with signal SIGKILL and starts again\n`)),
    );
    await until("its next life", () => {
      const found = run.processes.find((one) =>
        one.role === old.role && one.container === old.container && one.task === old.task
      );
      return found !== undefined && found.pid !== old.pid;
    });
    letEnd(run);
    const { exitCode, stdout, stderr } = await run.result;
    expect(stderr).toMatch(/summary of "ends"[^]*numbers +1 +[1-9]/);
    const hasTasks = role === "instance" || role === "container";
    const short = hasTasks ? "; what a task counted before is not in the figures" : "";
    expect(stderr).toEndWith(`  restarts: ${role} 1${short}\n`);
    // At most once: what was on its way is gone, and no more.
    const [, received = "0"] = /^last\[0\] received (\d+)$/m.exec(stdout) ?? [];
    expect(Number(received)).toBeGreaterThan(100);
    expect(exitCode).toBe(0);
    await expectNothingLeft(run);
  },
  TEST_MS,
);

test("Ctrl-C ends a run whose topology master has just died", async () => {
  await using run = await LiveRun.running([ENDS, "endless"]);
  await run.untilStdout(/going/);
  signal(run.process("tm").pid, "SIGKILL");
  run.interrupt();
  const { exitCode, stderr } = await run.result;
  expect(stderr).toMatch(/summary of "ends"[^]*numbers +1 +[1-9][\d,]* /);
  expect(exitCode).toBe(0);
  await expectNothingLeft(run);
}, TEST_MS);

test("Ctrl-C ends a run whose topology master's container dies while it drains", async () => {
  await using run = await LiveRun.running(["--containers", "2", ENDS, "endless"]);
  await run.untilStdout(/going/);
  const { pid } = run.process("container", { container: 0 });
  run.interrupt();
  await run.untilStderr(/press Ctrl-C again to kill it/);
  // On a fast machine it may have ended by now.
  signal(pid, "SIGKILL");
  const { exitCode, stderr } = await run.result;
  expect(stderr).toMatch(/summary of "ends"[^]*numbers +1 +[1-9][\d,]* /);
  expect(exitCode).toBe(0);
  await expectNothingLeft(run);
}, TEST_MS);

test("a stop while a task waits to start again ends at once", async () => {
  await using run = new LiveRun([ENDS, "loops"]);
  // The next waits are 800 and 1600 ms. Whether the topology ran by then decides what the first does.
  await run.untilStderr(/(numbers\[0\] \(task 1\) failed and starts again[^]*){6}/);
  run.interrupt();
  // Of two signals that nobody has taken yet the kernel keeps one.
  await until(
    "the first to be taken",
    () => run.stderr.includes("press Ctrl-C again") || run.child.exitCode !== null,
  );
  run.interrupt();
  const { exitCode, stderr } = await run.result;
  expect(exitCode).toBe(130);
  expect(stderr).toMatch(
    /restarts: instance [6-8]; what a task counted before is not in the figures\n/,
  );
  await expectNothingLeft(run);
}, TEST_MS);

test("processes that are stopped when their container dies do not stay", async () => {
  await using run = await LiveRun.running(["--containers", "2", ENDS, "paced"]);
  await run.untilStdout(/going/);
  const victims = run.processes.filter(({ container, role }) => container === 1 && role !== "");
  for (const { pid, role } of victims) if (role !== "container") signal(pid, "SIGSTOP");
  signal(run.process("container", { container: 1 }).pid, "SIGKILL");
  await until("their end", () => victims.every(({ pid }) => !isAlive(pid)), GONE_MS);
  letEnd(run);
  expect((await run.result).exitCode).toBe(0);
  await expectNothingLeft(run);
}, TEST_MS);

test(
  "user code that fails once, at most once, costs tuples: the run goes on and ends with 4",
  async () => {
    await using run = new LiveRun([ENDS, "once"]);
    const { exitCode, stdout, stderr } = await run.result;
    const line = lineMarked("once");
    const failed =
      /middle\[([01])\] \(task ([23])\) failed and starts again: Error: thrown on purpose\n/;
    const [, index, task] = failed.exec(stderr) ?? [];
    expect(stderr).toMatch(
      new RegExp(
        `failed and starts again: .*\n( +at .*\n)* +at .*\\bends\\.ts:${line}:[^]*` +
          `summary of "ends"[^]*  restarts: instance 1; what a task counted before is not in the figures\n` +
          `heron-bin: user code failed once in 1 task: what it held then is lost( and [\\d,]+ tuples more were dropped)?; at first:\n` +
          `heron-bin: middle\\[${index}\\] \\(task ${task}\\): Error: thrown on purpose\n`,
      ),
    );
    const [, received = "0"] = /^last\[0\] received (\d+)$/m.exec(stdout) ?? [];
    expect(Number(received)).toBeWithin(5_000, 10_000);
    expect(exitCode).toBe(4);
    await expectNothingLeft(run);
  },
  TEST_MS,
);

/** How user code fails, in which component, and with what words. */
const THROWN = "Error: thrown on purpose";
const FAULTS: readonly {
  readonly mode: string;
  readonly component: string;
  readonly message: string;
  readonly code: ErrorCode;
}[] = [
  { mode: "throws", component: "middle", message: THROWN, code: "user_code" },
  { mode: "rejects", component: "middle", message: THROWN, code: "user_code" },
  { mode: "unhandled", component: "middle", message: THROWN, code: "user_unhandled" },
  { mode: "timer", component: "middle", message: THROWN, code: "user_unhandled" },
  { mode: "open", component: "numbers", message: THROWN, code: "user_code" },
  { mode: "finish", component: "last", message: THROWN, code: "user_code" },
  { mode: "exit", component: "middle", message: "process.exit(3)", code: "user_exit" },
];

test.each(FAULTS)(
  "user code that fails by $mode is shown with its line and code $code",
  async ({ mode, component, message, code }) => {
    await using run = new LiveRun([ENDS, mode]);
    const { exitCode, stderr } = await run.result;
    expect(stderr).toContain(") failed and starts again: ");
    const task = { numbers: 1, middle: "[23]", last: 4 }[component];
    const line = lineMarked(mode);
    expect(stderr).toMatch(
      new RegExp(
        `heron-bin: ${component}\\[[01]\\] \\(task ${task}\\): .*${RegExp.escape(message)}`,
      ),
    );
    expect(stderr).toMatch(new RegExp(`^ +at .*\\bends\\.ts:${line}:\\d+\\)?$`, "m"));
    expect(stderr).toContain(`\n  code: ${code} (`);
    // The folder alone when the process, on a loaded machine, takes a second to end.
    const log = `logs(/container_1_${component}_${task}\\.log)?`;
    expect(stderr).toMatch(new RegExp(`^  log: .*/${log}$`, "m"));
    expect(exitCode).toBe(4);
    await expectNothingLeft(run);
  },
  TEST_MS,
);

/** The number of the line of the topology that is marked for `mode`. */
function lineMarked(mode: string): number {
  const lines = readFileSync(ENDS, "utf8").split("\n");
  return 1 + lines.findIndex((line) => new RegExp(`// line of .*\\b${mode}\\b`).test(line));
}
