/**
 * What becomes of a run whose user code goes wrong: each fault ends it, or is warned of, with its
 * error code, the component, the task and the user's line.
 */

import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { ErrorCode } from "../../src/base/mod.ts";
import { BINARY } from "./binary.ts";
import { LiveRun, type RunResult, topologyFile } from "./live_run.ts";
import { memoryOf, processesIn } from "./process_tree.ts";

const TEST_MS = 120_000;
const GONE_MS = 5000;
const FAULTS = topologyFile("user_faults");

/** The task of each component, as it is told. */
const TASKS: Readonly<Record<string, string>> = {
  numbers: "numbers[0] (task 1)",
  middle: "middle[0] (task 2)",
  last: "last[0] (task 3)",
};

async function runOf(...args: readonly string[]): Promise<RunResult> {
  await using run = new LiveRun(args);
  const result = await run.result;
  await run.untilGone(GONE_MS);
  return result;
}

/** A pattern for the line of the topology that is marked for `mode`. */
function lineOf(mode: string): RegExp {
  const lines = readFileSync(FAULTS, "utf8").split("\n");
  const line = 1 + lines.findIndex((one) => one.endsWith(`// line of ${mode}`));
  return new RegExp(`^ +at .*\\buser_faults\\.ts:${line}:\\d+\\)?$`, "m");
}

/** A fault that ends the run: what user code does, in which component, the words. */
interface Fatal {
  readonly mode: string;
  readonly code: ErrorCode;
  readonly component?: string;
  readonly message: string;
}

const FATAL: readonly Fatal[] = [
  {
    mode: "unknown_stream",
    code: "unknown_stream",
    message: 'Emit from "middle" to stream "nowhere": not declared, expected one of [default]',
  },
  {
    mode: "wrong_arity",
    code: "wrong_arity",
    message: 'Emit from "middle" to stream "default": found 2 values, expected 1 (number)',
  },
  {
    mode: "no_values",
    code: "wrong_arity",
    message: 'Emit to stream "word": found string, expected an array of values',
  },
  {
    mode: "value_not_encodable",
    code: "value_not_encodable",
    message: 'Emit from "middle" to stream "default", field "number"',
  },
  {
    mode: "tuple_too_large",
    code: "tuple_too_large",
    message: "topology.tuple.max.bytes",
  },
  {
    mode: "no_such_target",
    code: "no_such_target",
    message:
      'Emit from "middle" to task 99 on stream "default": found no such task, expected a bolt that does',
  },
  {
    mode: "acked_twice",
    code: "acked_twice",
    message: 'Ack or fail a tuple of "numbers": it was acked or failed before',
  },
  {
    mode: "failed_after_ack",
    code: "acked_twice",
    message: 'Ack or fail a tuple of "numbers": it was acked or failed before',
  },
  {
    mode: "anchored_to_done",
    code: "anchored_to_done",
    message: 'Emit anchored to a tuple of "numbers": it was acked or failed before',
  },
  {
    mode: "foreign_tuple",
    code: "foreign_tuple",
    message:
      "Ack or fail a tuple: found an object of another kind, expected a tuple that execute()",
  },
  {
    mode: "collector_closed",
    code: "collector_closed",
    component: "last",
    message: "Emit from a basic bolt: its tuple is already acked or failed",
  },
  {
    mode: "exit_in_spout",
    code: "user_exit",
    component: "numbers",
    message: "Run user code: found a call of process.exit(3)",
  },
  {
    mode: "not_enough_memory",
    code: "out_of_memory",
    message: "RangeError: Out of memory: the process holds ",
  },
];

test.each(FATAL)(
  "$mode ends the run with code $code, the task and the line",
  async ({ mode, code, component = "middle", message }) => {
    const { exitCode, stderr } = await runOf(FAULTS, mode);
    const told = stderr.slice(stderr.lastIndexOf(`heron-bin: ${TASKS[component]}: `));
    expect(told).toStartWith(`heron-bin: ${TASKS[component]}: `);
    expect(told.split("\n")[0]).toContain(message);
    expect(told).toMatch(lineOf(mode));
    expect(told).toContain(`\n  code: ${code} ("heron-bin help errors" lists them)\n`);
    expect(exitCode).toBe(4);
  },
  TEST_MS,
);

/** A fault that the run is let go on with. */
interface Warning {
  readonly mode: string;
  readonly code: ErrorCode;
  readonly component: string;
  readonly message: string;
}

const WARNINGS: readonly Warning[] = [
  {
    mode: "close_fails",
    code: "cleanup_failed",
    component: "numbers",
    message: "Error: thrown on purpose",
  },
  {
    mode: "emit_in_close",
    code: "emit_after_end",
    component: "numbers",
    message: 'Emit from "numbers" to stream "default": the task has ended',
  },
  {
    mode: "emit_after_end",
    code: "emit_after_end",
    component: "numbers",
    message: 'Emit from "numbers" to stream "default": the task has ended',
  },
];

test.each(WARNINGS)(
  "$mode is warned of with code $code, the task and the line, and the run ends well",
  async ({ mode, code, component, message }) => {
    const { exitCode, stderr } = await runOf(FAULTS, mode);
    const told = stderr.slice(stderr.indexOf(`heron-bin: ${TASKS[component]}: warning: `));
    expect(told).toStartWith(`heron-bin: ${TASKS[component]}: warning: ${message}`);
    expect(told.split("\n")[0]).toEndWith(` (${code})`);
    expect(told).toMatch(lineOf(mode));
    expect(stderr).toMatch(/summary of "user-faults"[^]*numbers +1 +100 +0 +\d+ +0 +0\n/);
    expect(exitCode).toBe(0);
  },
  TEST_MS,
);

/** Calls that do not return. */
const ENDLESS: readonly Warning[] = [
  ["call_pending", "call_pending", "middle", "the promise of execute has been open for "],
  ["prepare_pending", "call_pending", "middle", "the promise of prepare has been open for "],
  ["open_pending", "call_pending", "numbers", "the promise of open has been open for "],
  ["call_blocked", "call_blocked", "middle", "has not returned from execute for "],
  ["blocks_behind_await", "call_blocked", "middle", "has not returned from execute for "],
  [
    "blocks_in_timer",
    "call_blocked",
    "middle",
    "user code outside of any call (a timer, a promise)",
  ],
].map(([mode = "", code = "", component = "", message = ""]) => ({
  mode,
  // All are in the list: they are compared with what is told.
  code: code as ErrorCode,
  component,
  message,
}));

test.each(ENDLESS)(
  "$mode is warned of, and --for ends the run in time with code $code",
  async ({ mode, code, component, message }) => {
    await using run = new LiveRun(["--for", "2s", FAULTS, mode]);
    await run.untilStderr(new RegExp(RegExp.escape(`${TASKS[component]}: warning: ${message}`)));
    // Heartbeats go on: nobody has taken the task for dead.
    const { exitCode, stderr } = await run.result;
    expect(stderr).not.toContain("starts again");
    const told = stderr.slice(stderr.lastIndexOf(`heron-bin: ${TASKS[component]}: `));
    expect(told).toStartWith(`heron-bin: ${TASKS[component]}: ${message}`);
    expect(told).toMatch(/^[^\n]*, and the run could not drain for it\n {2}code: /);
    expect(told).toContain(`\n  code: ${code} (`);
    expect(exitCode).toBe(4);
    await run.untilGone(GONE_MS);
  },
  TEST_MS,
);

test("a slow call is warned of with code call_pending, and that it has returned", async () => {
  const { exitCode, stdout, stderr } = await runOf("--json", FAULTS, "slow_call");
  // In which the watch leaves out what it slept itself.
  expect(stderr).toMatch(/middle\[0\] \(task 2\): execute has returned after \d+\.\d s/);
  const warnings = stdout.trim().split("\n").map((line) => JSON.parse(line))
    .filter(({ type }) => type === "warning");
  const warned = { code: "call_pending", component: "middle", task: 2, index: 0 };
  expect(warnings[0]).toMatchObject({ ...warned, isOver: false });
  expect(warnings.at(-1)).toMatchObject({ ...warned, isOver: true });
  expect(exitCode).toBe(0);
}, TEST_MS);

test("a task that allocates without end is ended with code out_of_memory", async () => {
  const { exitCode, stderr } = await runOf(FAULTS, "out_of_memory");
  const [, held = ""] = new RegExp(
    `^heron-bin: middle\\[0\\] \\(task \\d\\): holds ([\\d,]+) MiB of memory, more than 300 % of the 100 MiB ` +
      "that the packing plan gives it ",
    "m",
  ).exec(stderr) ?? [];
  // 16 MiB each tenth of a second, looked at four times a second, or much later.
  expect(Number(held.replaceAll(",", ""))).toBeWithin(300, 2000);
  expect(stderr).toContain("\n  code: out_of_memory (");
  expect(exitCode).toBe(4);
}, TEST_MS);

test(
  "a task that prints 256 MiB takes bounded memory in every process, and the run goes on",
  async () => {
    // Its reader counts: nothing of it is kept here.
    const root = mkdtempSync("/tmp/hb-");
    const child = Bun.spawn([BINARY, "run", "--plain", FAULTS, "prints"], {
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: root, TMPDIR: root },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stderr = new Response(child.stderr).text();
    let printed = 0;
    let mostBytes = 0;
    const timer = setInterval(() => {
      for (const { pid } of processesIn(root)) {
        mostBytes = Math.max(mostBytes, memoryOf(pid)?.privateBytes ?? 0);
      }
    }, 100);
    for await (const chunk of child.stdout) printed += chunk.length;
    clearInterval(timer);
    expect(await stderr).toMatch(/summary of "user-faults"[^]*numbers +1 +100 +0 +\d+ +0 +0\n/);
    expect([await child.exited, printed]).toEqual([0, 2 ** 28]);
    expect(mostBytes / 2 ** 20).toBeWithin(10, 200);
    rmSync(root, { recursive: true });
  },
  TEST_MS,
);

test("a task above its memory is warned of with code memory_high", async () => {
  const { exitCode, stderr } = await runOf(FAULTS, "memory_high");
  expect(stderr).toMatch(
    /middle\[0\] \(task \d\): warning: holds \d+ MiB of memory, more than the 100 MiB [^\n]* \(memory_high\)\n/,
  );
  expect(exitCode).toBe(0);
}, TEST_MS);
