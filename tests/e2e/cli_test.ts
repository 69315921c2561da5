/** The command line as users meet it: help, versions, mistakes, signals and ends. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ERROR_CODES } from "../../src/base/mod.ts";
import {
  BINARY,
  type BinaryProcess,
  type BinaryResult,
  processesBelow,
  resultOf,
  runBinary,
  startBinary,
  startPrinting,
  textOf,
} from "./binary.ts";

const TEST_MS = 120_000;
const root = await mkdtemp("/tmp/hb-cli-");
const place = { cwd: root, temporary: root };
afterAll(() => rm(root, { recursive: true }));

const TOPOLOGY = `import { TopologyBuilder } from "heron-bin";
let sent = 0;
export default function define(args: readonly string[]) {
  const [mode = "bounded"] = args;
  let collector: { emit(values: unknown[]): number[]; end(): void };
  const spout = {
    open(_config: unknown, _context: unknown, given: typeof collector) {
      collector = given;
    },
    nextTuple() {
      if (mode !== "endless" && sent === 10) return collector.end();
      collector.emit([sent++]);
    },
    declareOutputFields(declarer: { declare(fields: string[]): void }) {
      declarer.declare(["number"]);
    },
  };
  const bolt = {
    execute(tuple: { getValue(index: number): unknown }) {
      const number = tuple.getValue(0);
      if (mode === "throws" && number === 7) {
        const broken = new Error("seven is too much");
        throw broken;
      }
      if (mode !== "silent") console.log("got " + number);
    },
  };
  const builder = new TopologyBuilder("cli");
  builder.setSpout("numbers", spout, 1);
  builder.setBolt("print", bolt, 1).shuffleGrouping("numbers");
  return builder.createTopology();
}
`;

beforeAll(async () => {
  await writeFile(join(root, "topology.ts"), TOPOLOGY);
});

function call(...args: readonly string[]): Promise<BinaryResult> {
  return runBinary(args, place);
}

test("version prints itself, and how long that takes", async () => {
  const times: number[] = [];
  for (let round = 0; round < 20; round++) {
    const started = performance.now();
    const { exitCode, stdout } = await call("version");
    times.push(performance.now() - started);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^heron-bin \d+\.\d+\.\d+\n$/);
  }
  const [best = 0, , , , , , , , , , median = 0] = times.toSorted((a, b) => a - b);
  console.log(
    `heron-bin version: median ${median.toFixed(1)} ms, best ${best.toFixed(1)} ms of 20`,
  );
}, TEST_MS);

test("version --json tells platform and version", async () => {
  const { stdout } = await call("version", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ version: expect.any(String), bun: Bun.version });
}, TEST_MS);

test("help lists the commands, and no arguments mean help", async () => {
  const { exitCode, stdout } = await call();
  expect(exitCode).toBe(0);
  for (const name of ["run", "check", "config", "version", "help", "completion", "roles"]) {
    expect(stdout).toContain(`\n  ${name} `);
  }
  expect((await call("--help")).stdout).toBe(stdout);
  for (const flag of ["--version", "-v"]) {
    expect(await call(flag)).toEqual(await call("version"));
  }
  expect((await call("help")).stdout).toBe(stdout);
  expect(stdout).not.toContain("define");
}, TEST_MS);

test("each command has help with its exit codes", async () => {
  const roles = ["scheduler", "container", "tm", "stmgr", "instance", "metricsmgr"];
  for (
    const name of ["run", "check", "config", "version", "help", "completion", "roles", ...roles]
  ) {
    const { exitCode, stdout } = await call(name, "--help");
    expect({ name, exitCode }).toEqual({ name, exitCode: 0 });
    expect(stdout).toStartWith(`Usage: heron-bin ${name}`);
    expect(stdout).toContain("Exit codes:\n    0  ");
  }
  expect((await call("help", "run")).stdout).toBe((await call("run", "--help")).stdout);
}, TEST_MS);

test(
  "check tells the plan as text, as JSON and as a graph, and leaves nothing behind",
  async () => {
    const temporary = await mkdtemp("/tmp/hb-");
    const check = (...flags: readonly string[]) =>
      runBinary(["check", "topology.ts", ...flags], { cwd: root, temporary });
    const { exitCode, stdout, stderr } = await check();
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toStartWith("topology cli: 2 components, 2 tasks, 1 container\n");
    expect(stdout).toContain("  bolt print × 1\n    reads numbers by shuffle\n");
    expect(stdout).toContain("  container 1: numbers[0] print[0]\n");
    const json = JSON.parse((await check("--json", "--containers", "2")).stdout);
    expect(json).toMatchObject({
      topology: "cli",
      containers: [{ container: 1 }, { container: 2 }],
    });
    expect((await check("--dot")).stdout).toContain('  "numbers" -> "print" [label="shuffle"];\n');
    const [own = ""] = await readdir(temporary);
    expect(await readdir(join(temporary, own))).toEqual([]);
    await rm(temporary, { recursive: true });
  },
  TEST_MS,
);

test.each(["check", "run"])("%s tells of keys that do nothing", async (command) => {
  const code = TOPOLOGY.replace("createTopology()", 'createTopology({ "topology.drain.msec": 1 })');
  await writeFile(join(root, "misspelt.ts"), code);
  const { exitCode, stderr } = await call(command, "misspelt.ts");
  const told = 'heron-bin: config key "topology.drain.msec" is not known, and does nothing\n';
  expect(stderr).toContain(told);
  expect(exitCode).toBe(0);
}, TEST_MS);

test("completion prints a script of which bash completes this binary's commands", async () => {
  const { exitCode, stdout } = await call("completion", "bash");
  expect(exitCode).toBe(0);
  const script = `${stdout}\nCOMP_WORDS=(heron-bin ch); COMP_CWORD=1; _heron_bin; echo $COMPREPLY`;
  expect(Bun.spawnSync(["bash", "-c", script]).stdout.toString()).toBe("check\n");
  for (const shell of ["zsh", "fish"]) {
    expect((await call("completion", shell)).stdout).toContain("end it after 30s");
  }
}, TEST_MS);

test("help exit-codes names all error codes", async () => {
  const { stdout } = await call("help", "exit-codes");
  for (const code of ERROR_CODES) expect(stdout).toContain(code);
}, TEST_MS);

test.each([
  [["rum"], 2, "unknown command 'rum' (Did you mean run?)"],
  [["run", "--contaners", "2", "topology.ts"], 2, "(Did you mean --containers?)"],
  [["run"], 2, "missing required argument 'file'"],
  [["run", "topology.ts", "--for", "soon"], 2, 'Read --for: found "soon"'],
  [["run", "topology.ts", "--containers", "0"], 2, 'Read --containers: found "0"'],
  [["run", "topology.ts", "--json", "--plain"], 2, "expected one"],
  [["run", "topology.ts", "--env", "BUN_OPTIONS=x"], 2, "never passed on"],
  [["check", "topology.ts", "--json", "--dot"], 2, "expected one"],
  [["check", "nope.ts"], 5, 'Read topology "nope.ts": there is no such file'],
  [["completion", "tcsh"], 2, 'found "tcsh", expected bash, zsh, fish'],
  [["run", "nope.ts"], 5, 'Read topology "nope.ts": there is no such file'],
  [["tm", "--job", "x"], 2, 'Start role "tm": --container and --incarnation is missing'],
])("%p ends with %p", async (args, exitCode, told) => {
  const result = await call(...args);
  expect(result.stderr).toContain(told);
  expect(result.stdout).toBe("");
  expect(result.exitCode).toBe(exitCode);
}, TEST_MS);

test.each([
  ["const a = ;", 3, "broken.ts:1:11: Unexpected ;\n  1 | const a = ;\n                ^"],
  [`import "left-pad";`, 3, 'broken.ts:1:8: Unresolved import "left-pad"'],
  ["export const a = 1;", 3, "has no default export"],
  ["export default () => { throw new RangeError('no'); };", 4, "RangeError: no\n    at "],
  [
    TOPOLOGY.replace("new TopologyBuilder(", "new TopologyBuilder(Math.random() < 0.5 ? 'a' : "),
    3,
    'name: "cli" at first, then "a"|name: "a" at first, then "cli"',
  ],
])("a topology that is %p is told and leaves nothing behind", async (code, exitCode, told) => {
  const file = join(root, "broken.ts");
  await writeFile(file, code);
  const temporary = await mkdtemp("/tmp/hb-");
  const result = await runBinary(["run", "broken.ts"], { cwd: root, temporary });
  expect(told.split("|").some((one) => result.stderr.includes(one)) ? told : result.stderr)
    .toBe(told);
  expect(result.exitCode).toBe(exitCode);
  for (const home of await readdir(temporary)) {
    expect(await readdir(join(temporary, home))).toEqual([]);
  }
  await rm(temporary, { recursive: true });
}, TEST_MS);

test("Ctrl-C while the topology is built ends with 130", async () => {
  await writeFile(join(root, "slow.ts"), "console.log('here'); for (;;);");
  const child = startBinary(["run", "slow.ts"], place);
  const seen = child.stderr.getReader();
  let text = "";
  while (!text.includes("here")) text += await textOf(seen);
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
}, TEST_MS);

test("run prints prefixed output, ends by itself and keeps only the logs", async () => {
  const { exitCode, stdout, stderr } = await call("run", "topology.ts");
  expect(stderr).toContain("plan: numbers × 1, print × 1: 2 tasks in 1 container");
  expect(stderr).toMatch(
    /summary of "cli"[^]*numbers +1 +10 +0 +[\d,]+ +0 +0\n +print +1 +0 +10 +[\d,]+ +0 +0\n/,
  );
  expect(stdout.split("\n").sort().slice(0, 3)).toEqual(["", "print[0] got 0", "print[0] got 1"]);
  expect(exitCode).toBe(0);
  const logs = /logs in (.*)\/logs\n/.exec(stderr)?.[1] ?? "";
  expect(await readdir(logs)).toEqual(["logs"]);
}, TEST_MS);

test("run --json prints nothing but JSON lines", async () => {
  const { exitCode, stdout } = await call("run", "--json", "topology.ts");
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({ type: "running", tasks: 2, containers: 1 });
  expect(lines.filter(({ type }) => type === "output").length).toBe(10);
  expect(lines.at(-1)).toMatchObject({ type: "summary", topology: "cli" });
  expect(exitCode).toBe(0);
}, TEST_MS);

test(
  "user code that throws is shown with component, task, line and log, and all is kept",
  async () => {
    const { exitCode, stderr } = await call("run", "topology.ts", "throws");
    expect(stderr).toMatch(
      /heron-bin: print\[0\] \(task 2\) failed and starts again: Error: seven/,
    );
    expect(stderr).toMatch(/heron-bin: print\[0\] \(task 2\): Error: seven is too much\n/);
    expect(stderr).toMatch(/ at execute \(topology\.ts:22:\d+\)\n/);
    expect(exitCode).toBe(4);
    const log = / log: (.*)\n/.exec(stderr)?.[1] ?? "";
    expect((await stat(log)).isFile()).toBe(true);
    const kept = /everything of the run is kept in (.*)\n/.exec(stderr)?.[1] ?? "";
    expect((await readdir(kept)).sort()).toContain("job");
  },
  TEST_MS,
);

test("run --json tells of restarts and of the failure in objects", async () => {
  const { exitCode, stdout } = await call("run", "--json", "topology.ts", "throws");
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const common = {
    code: "user_code",
    message: "Error: seven is too much",
    component: "print",
    index: 0,
    task: 2,
    stack: [expect.stringMatching(/^at execute \(topology\.ts:22:\d+\)$/)],
  };
  expect(lines.filter(({ type }) => type === "restart")).toMatchObject([common]);
  expect(lines.filter(({ type }) => type === "summary"))
    .toMatchObject([{ restarts: { instance: 1 } }]);
  expect(lines.at(-1)).toMatchObject({ type: "failure", ...common });
  expect(exitCode).toBe(4);
}, TEST_MS);

test("run --for ends an endless topology with its totals", async () => {
  // Long enough for a slow machine to begin.
  const { exitCode, stderr } = await call("run", "--for", "2s", "topology.ts", "endless");
  expect(stderr).toMatch(/summary of "cli"[^]*numbers +1 +[1-9][\d,]* /);
  expect(exitCode).toBe(0);
}, TEST_MS);

async function startEndless(): Promise<BinaryProcess> {
  const { child, printed } = await startPrinting(["--plain", "topology.ts", "endless"], place);
  expect(printed).toStartWith("got 0\n");
  return child;
}

async function expectNoneLeft(): Promise<void> {
  const deadline = performance.now() + 5000;
  let left = await processesBelow(root);
  while (left.length > 0 && performance.now() < deadline) {
    await Bun.sleep(50);
    left = await processesBelow(root);
  }
  for (const pid of left) process.kill(pid, "SIGKILL");
  expect(left).toEqual([]);
}

test("Ctrl-C ends a running topology with its totals and leaves no process", async () => {
  const child = await startEndless();
  child.kill("SIGINT");
  const { exitCode, stderr } = await resultOf(child);
  expect(stderr).toContain("press Ctrl-C again to kill it");
  expect(stderr).toMatch(/summary of "cli"[^]*print +1 +0 +[1-9]/);
  expect(exitCode).toBe(0);
  await expectNoneLeft();
}, TEST_MS);

test("a second Ctrl-C kills and leaves no process", async () => {
  const child = await startEndless();
  child.kill("SIGINT");
  child.kill("SIGTERM");
  await child.exited;
  // The first may have been enough.
  expect([0, 130]).toContain(child.exitCode ?? -1);
  await expectNoneLeft();
}, TEST_MS);

test.each(["the command line", "the scheduler"])("kill -9 of %s leaves no process", async (who) => {
  const child = await startEndless();
  const schedulers = await processesBelow(root);
  expect(schedulers.length).toBeGreaterThan(3);
  if (who === "the command line") {
    child.kill("SIGKILL");
  } else {
    const scheduler = schedulers.find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("\0scheduler\0")
    );
    process.kill(scheduler ?? NaN, "SIGKILL");
    const { exitCode, stderr } = await resultOf(child);
    expect(stderr).toContain("the scheduler ended unasked with signal SIGKILL");
    expect(exitCode).toBe(6);
  }
  await expectNoneLeft();
}, TEST_MS);

test("a reader that goes away ends the run quietly", async () => {
  const child = startBinary(["run", "--plain", "topology.ts", "endless"], place);
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const stderr = await new Response(child.stderr).text();
  expect(await child.exited).toBe(0);
  expect(stderr).not.toMatch(/EPIPE|summary/);
}, TEST_MS);

test.each(["tm", "stmgr", "instance", "metricsmgr", "container", "scheduler"])(
  "role %s says which job it cannot read",
  async (role) => {
    const life = ["--container", "1", "--incarnation", "1.1"];
    const flags = role === "scheduler"
      ? []
      : role === "instance"
      ? [...life, "--task", "1", "--component", "words", "--index", "0"]
      : life;
    const { exitCode, stderr } = await call(role, "--job", "/nope/job", ...flags);
    expect(stderr).toContain('Read the job "/nope/job": ENOENT');
    expect(exitCode).toBe(5);
  },
  TEST_MS,
);

/** Names of the threads of a process. */
async function threadsOf(pid: number): Promise<string[]> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const names = tasks.map((task) =>
    // It may end while it is looked at.
    readFile(`/proc/${pid}/task/${task}/comm`, "utf8").catch(() => "")
  );
  return (await Promise.all(names)).map((name) => name.trim());
}

// Two readers of one pipe: whoever is first takes the request, and under load it was the watch.
test("define starts its watch of standard input only when it has the request", async () => {
  const child = Bun.spawn([BINARY, "define"], { stdio: ["pipe", "ignore", "ignore", "pipe"] });
  while (!(await threadsOf(child.pid)).includes("heron-bin")) await Bun.sleep(10);
  // Time in which it would start one.
  await Bun.sleep(700);
  const threads = await threadsOf(child.pid);
  expect(threads).toContain("heron-bin");
  expect(threads).not.toContain("Worker");
  const world = { clockMs: 0, seed: 1, mirrored: false };
  const request = { bundle: "/nope", sourceFolder: "/", arguments: [], world };
  child.stdin.write(`${JSON.stringify(request)}\n`);
  await child.stdin.flush();
  const descriptor = child.stdio[3];
  if (typeof descriptor !== "number") throw new TypeError("The define process has no pipe");
  expect(JSON.parse(await Bun.file(descriptor).text())).toMatchObject({ ok: false });
  expect(await child.exited).toBe(0);
}, TEST_MS);
