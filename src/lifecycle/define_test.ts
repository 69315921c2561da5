/** Tests of the define step, with its real child processes. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HeronError, seededRandom, systemClock } from "../base/mod.ts";
import { bundleTopology } from "./bundle.ts";
import { type DefineOptions, defineTopology, type Definition } from "./define.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-define-"));
const entry = join(import.meta.dir, "../../cmd/heron_bin.ts");
/** A definition takes two processes, which begin with all the program's code. */
const TEST_MS = 60_000;
beforeAll(() => writeFile(join(root, "empty.json"), "{}"));
afterAll(() => rm(root, { recursive: true }));

const HEAD = `import { TopologyBuilder } from "heron-bin";
const spout = {
  nextTuple() {},
  open() { throw new Error("open() never runs here"); },
  declareOutputFields(declarer) { declarer.declare(["x"]); },
};
function topologyOf(parallelism) {
  const builder = new TopologyBuilder("defined");
  builder.setSpout("words", spout, parallelism);
  return builder;
}
`;

async function define(code: string, more: Partial<DefineOptions> = {}): Promise<Definition> {
  const folder = join(root, crypto.randomUUID());
  await mkdir(folder);
  const file = join(folder, "topology.ts");
  await writeFile(file, HEAD + code);
  await writeFile(join(folder, "data.txt"), "12");
  const out = join(folder, "out");
  await mkdir(out);
  const bundle = await bundleTopology({
    file,
    folder: out,
    tsconfig: join(root, "empty.json"),
    nodeEnv: "production",
    workingFolder: process.cwd(),
  });
  return defineTopology({
    command: [process.execPath, entry, "define"],
    file,
    bundle: bundle.path,
    arguments: [],
    environment: { PATH: "/usr/bin", GIVEN: "yes" },
    workingFolder: root,
    clock: systemClock,
    random: seededRandom(7),
    signal: new AbortController().signal,
    ...more,
  });
}

async function faultOf(code: string, more: Partial<DefineOptions> = {}): Promise<HeronError> {
  const thrown: unknown = await define(code, more).catch((error: unknown) => error);
  if (thrown instanceof HeronError) return thrown;
  throw new Error("expected a HeronError", { cause: thrown });
}

test(
  "defineTopology() gives arguments and the listed environment, and returns the definition",
  async () => {
    const { definition, assets } = await define(
      `import { readFileSync } from "node:fs";
export const assets = ["data.txt"];
export default async function define(args) {
  if (Object.keys(process.env).filter((name) => name !== "PATH").join() !== "GIVEN") throw new Error(Object.keys(process.env).join());
  const parallelism = Number(readFileSync(import.meta.dir + "/data.txt", "utf8")) + Number(args[0]);
  return topologyOf(parallelism).createTopology({ "user.key": 1.5 });
}`,
      { arguments: ["3"] },
    );
    expect(definition.name).toBe("defined");
    expect(definition.config["user.key"]).toBe(1.5);
    expect(definition.components.map(({ name, parallelism }) => [name, parallelism])).toEqual([
      ["words", 15],
    ]);
    expect(assets).toEqual(["data.txt"]);
  },
  TEST_MS,
);

test("defineTopology() takes a builder for what it builds", async () => {
  const { definition } = await define(`export default () => topologyOf(2);`);
  expect(definition.components[0]?.parallelism).toBe(2);
}, TEST_MS);

test.each([
  ["Math.random()", "Math.random() < 0.5 ? 1 : 2"],
  ["random bytes", "1 + (crypto.getRandomValues(new Uint8Array(1))[0] & 1)"],
  ["a random UUID", "1 + (parseInt(crypto.randomUUID()[0], 16) & 1)"],
  ["the year", "new Date().getFullYear() - 2000"],
  ["the weekday", "1 + new Date().getDay()"],
  ["the minute", "1 + new Date(Date.now()).getMinutes()"],
  ["the date as text", "Date().length + Number(Date().slice(11, 15))"],
  ["the monotonic clock", "1 + Math.floor(performance.now() / 3_600_000) % 7"],
])("defineTopology() refuses a plan that depends on %s", async (_, parallelism) => {
  const error = await faultOf(
    `export default () => topologyOf(${parallelism}).createTopology();`,
  );
  expect(error.code).toBe("unstable_topology");
  expect(error.message).toMatch(/words.*parallelism.*: \d+ at first, then \d+/);
}, TEST_MS);

test("defineTopology() lets code read clocks that the plan does not show", async () => {
  const { definition } = await define(`export default () => {
  if (new Date(0).getTime() !== 0 || !(new Date() instanceof Date)) throw new Error("no Date");
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())) throw new Error("no UUID");
  for (let i = 0; i < 1000; i++) { const x = Math.random(); if (!(x >= 0 && x < 1)) throw new Error("no chance"); }
  return topologyOf(1);
}`);
  expect(definition.name).toBe("defined");
}, TEST_MS);

test("defineTopology() shows what user code throws with its line", async () => {
  const error = await faultOf(`export default function define() {
  const nothing = undefined;
  const length = nothing.length;
  return length;
}`);
  expect(error.code).toBe("user_code");
  expect(error.message).toMatch(/^Define "topology\.ts": TypeError: /);
  expect(error.message).toContain("at define (topology.ts:14:18)");
}, TEST_MS);

test("defineTopology() shows what the module itself throws with its line", async () => {
  const error = await faultOf(`throw new RangeError("at the top");\nexport default () => 1;`);
  expect(error.message).toContain("RangeError: at the top");
  expect(error.message).toMatch(/at topology\.ts:12:\d+/);
}, TEST_MS);

test.each([
  ["", "no default export", "bad_default_export"],
  ["export default 7;", "is a number, expected a function", "bad_default_export"],
  [
    "export default () => ({ definition: {} });",
    "returned an object of another kind",
    "bad_default_export",
  ],
  ["export default () => undefined;", "returned undefined", "bad_default_export"],
  [
    "export default () => new TopologyBuilder('x').createTopology();",
    "has no spout",
    "invalid_topology",
  ],
  [
    "export const assets = ['../x'];\nexport default () => topologyOf(1);",
    "outside the topology",
    "invalid_topology",
  ],
])("defineTopology() refuses %p", async (text, told, code) => {
  const error = await faultOf(text);
  expect(error).toMatchObject({ code });
  expect(error.message).toContain(told);
}, TEST_MS);

test("defineTopology() tells of code that ends the process or rejects aside", async () => {
  const ended = await faultOf("export default () => process.exit(0);");
  expect(ended.code).toBe("user_exit");
  expect(ended.message).toContain("the process ended (0) before the default export returned");
  const aside = await faultOf(
    "export default () => { Promise.reject(new Error('aside')); return new Promise(() => {}); };",
  );
  expect(aside.message).toContain("Error: aside");
}, TEST_MS);

test("defineTopology() ends code that never returns, blocking or not", async () => {
  for (const code of ["for (;;);", "return new Promise(() => setInterval(() => {}, 1000));"]) {
    const error = await faultOf(`export default () => { ${code} };`, { timeoutMs: 700 });
    expect(error.code).toBe("define_timeout");
    expect(error.message).toContain("had not returned after 0.7 s");
  }
}, TEST_MS);

test("defineTopology() can be aborted", () => {
  const abort = new AbortController();
  const pending = define("export default () => new Promise(() => {});", { signal: abort.signal });
  abort.abort();
  expect(pending).rejects.toThrow("aborted");
}, TEST_MS);

test("the define process ends with its parent, even when user code blocks it", async () => {
  const file = join(root, "blocking.js");
  const pidFile = join(root, "pid");
  await writeFile(
    file,
    `import { writeFileSync } from "node:fs";
export default () => { writeFileSync(${
      JSON.stringify(pidFile)
    }, String(process.pid)); for (;;); };`,
  );
  const request = {
    bundle: file,
    sourceFolder: root,
    arguments: [],
    world: { clockMs: 0, seed: 1, mirrored: false },
  };
  const parent = `const child = Bun.spawn([process.execPath, ${
    JSON.stringify(entry)
  }, "define"], { stdio: ["pipe", "ignore", "ignore", "pipe"], detached: true });
child.stdin.write(${JSON.stringify(JSON.stringify(request))} + "\\n");
await child.stdin.flush();
while (Bun.file(${JSON.stringify(pidFile)}).size === 0) await Bun.sleep(10);
await Bun.sleep(100);
process.kill(process.pid, "SIGKILL");`;
  const run = Bun.spawn([process.execPath, "-e", parent], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  await run.exited;
  const pid = Number(await readFile(pidFile, "utf8"));
  const deadline = Date.now() + 20_000;
  while (isAlive(pid) && Date.now() < deadline) await Bun.sleep(20);
  const left = isAlive(pid);
  if (left) process.kill(pid, "SIGKILL");
  expect(left).toBe(false);
}, TEST_MS);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
