/**
 * The folder one stands in is not configuration: files that would run code or
 * change a build elsewhere do neither here, at no step and in no process.
 */

import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BinaryResult, runBinary } from "./binary.ts";

const TEST_MS = 180_000;
const root = await mkdtemp("/tmp/hb-hostile-");
const markers = join(root, "markers");
afterAll(() => rm(root, { recursive: true }));

const HONEST: Readonly<Record<string, string>> = {
  "topology.ts": `import { TopologyBuilder } from "heron-bin";
import { words } from "./words.ts";
import text from "./data.txt" with { type: "file" };
import seven from "seven";
import { readFileSync } from "node:fs";
function seen() {
  return JSON.stringify({
    words,
    seven,
    text: readFileSync(text, "utf8"),
    environment: Object.keys(process.env).sort(),
    mode: process.env.NODE_ENV,
    leaked: [process.env.EVIL, process.env["EVIL"], process.env.SEEN],
    zone: new Date(0).getTimezoneOffset(),
    builder: TopologyBuilder.name,
  });
}
export default function define() {
  console.log("defining " + seen());
  const builder = new TopologyBuilder("hostile");
  let collector: { emit(values: unknown[]): void; end(): void };
  builder.setSpout("words", {
    open(_config: unknown, _context: unknown, given: typeof collector) {
      collector = given;
      console.log("running " + seen());
    },
    nextTuple() {
      collector.emit(["word"]);
      collector.end();
    },
    declareOutputFields(declarer: { declare(fields: string[]): void }) {
      declarer.declare(["word"]);
    },
  });
  builder.setBolt("print", {
    execute(tuple: { getValue(index: number): unknown }) {
      console.log(String(tuple.getValue(0)));
    },
  }).shuffleGrouping("words");
  return builder.createTopology();
}
`,
  "words.ts": `export const words = "honest";\n`,
  "data.txt": "honest text",
  "node_modules/seven/package.json": `{ "name": "seven", "main": "index.js" }`,
  "node_modules/seven/index.js": "module.exports = 7;",
};

function evil(name: string): string {
  const path = JSON.stringify(join(markers, name));
  return `require("node:fs").writeFileSync(${path}, "ran");`;
}

const HOSTILE: Readonly<Record<string, string>> = {
  "evil.ts": `${evil("evil.ts")}
export const words = "evil";
export class TopologyBuilder {}
export default function macro() { ${evil("macro")} return "evil"; }
`,
  "evil.cjs": evil("evil.cjs"),
  "bunfig.toml": `preload = ["./evil.ts"]
logLevel = "debug"
[run]
preload = ["./evil.ts"]
[test]
preload = ["./evil.ts"]
[define]
"process.env.SEEN" = "'bunfig'"
[loader]
".txt" = "ts"
[install]
auto = "force"
registry = "http://127.0.0.1:9/"
[serve.static]
plugins = ["./evil.ts"]
`,
  ".env": `EVIL=from-env
NODE_ENV=evil
TZ=Asia/Tokyo
BUN_OPTIONS="--preload ./evil.ts"
NODE_OPTIONS="--require ./evil.cjs"
NODE_PATH=./evil_modules
`,
  ".env.local": "EVIL=from-env-local\n",
  ".env.production": "EVIL=from-env-production\n",
  "tsconfig.json": `{
  "extends": "./evil_base.json",
  "compilerOptions": {
    "baseUrl": ".",
    "paths": {
      "heron-bin": ["./evil.ts"],
      "seven": ["./evil.ts"],
      "./words.ts": ["./evil.ts"],
      "node:fs": ["./evil.ts"],
      "*": ["./evil.ts"]
    },
    "jsx": "react-jsx",
    "jsxImportSource": "./evil.ts"
  }
}
`,
  "evil_base.json": `{ "compilerOptions": { "paths": { "*": ["./evil.ts"] } } }`,
  "jsconfig.json": `{ "compilerOptions": { "paths": { "*": ["./evil.ts"] } } }`,
  "package.json": `{
  "name": "heron-bin",
  "type": "commonjs",
  "main": "./evil.ts",
  "exports": "./evil.ts",
  "imports": { "#words": "./evil.ts" },
  "browser": { "./words.ts": "./evil.ts", "seven": "./evil.ts" },
  "sideEffects": false,
  "bun": { "macros": { "./words.ts": { "words": "./evil.ts" }, "seven": { "default": "./evil.ts" } } },
  "scripts": {
    "preinstall": "touch ${markers}/preinstall",
    "postinstall": "touch ${markers}/postinstall",
    "prebuild": "touch ${markers}/prebuild",
    "run": "touch ${markers}/run"
  },
  "trustedDependencies": ["seven"]
}
`,
  "evil_modules/seven/index.js": evil("NODE_PATH"),
  "heron-bin.ts": evil("heron-bin.ts"),
};

async function makeFolder(
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = join(root, name);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  return folder;
}

// What every run shows of its own: its folder and its times.
function comparable({ exitCode, stdout, stderr }: BinaryResult): unknown {
  const defined = stderr.split("\n").filter((line) => line.startsWith("defining "));
  const strange = stderr.split("\n").filter((line) => /evil|bunfig|tsconfig|debug/i.test(line));
  return { exitCode, stdout: stdout.split("\n").sort(), defined, strange };
}

test("a hostile folder runs nothing and changes nothing", async () => {
  await mkdir(markers, { recursive: true });
  const clean = await makeFolder("clean", HONEST);
  const hostile = await makeFolder("hostile", { ...HONEST, ...HOSTILE });
  const args = ["run", "topology.ts"];
  const honest = await runBinary(args, { cwd: clean, temporary: root });
  expect(honest.stdout).toContain('"environment":["HOME",');
  // What the engine is told at its start is not for user code.
  expect(honest.stdout).not.toMatch(/"BUN_/);
  const expected = comparable(honest);
  expect(expected).toMatchObject({
    exitCode: 0,
    defined: [expect.stringContaining('"words":"honest","seven":7,"text":"honest text"')],
    strange: [],
  });
  expect(comparable(await runBinary(args, { cwd: hostile, temporary: root }))).toEqual(expected);
  expect(await readdir(markers)).toEqual([]);
}, TEST_MS);

test(
  "the folder of the topology is no more trusted than the one that the user stands in",
  async () => {
    await mkdir(markers, { recursive: true });
    const clean = await makeFolder("clean2", HONEST);
    const hostile = await makeFolder("hostile2", { ...HONEST, ...HOSTILE });
    const elsewhere = await makeFolder("elsewhere", HOSTILE);
    const [expected, found] = [
      comparable(await runBinary(["run", "topology.ts"], { cwd: clean, temporary: root })),
      comparable(
        await runBinary(["run", join(hostile, "topology.ts")], { cwd: elsewhere, temporary: root }),
      ),
    ];
    expect(found).toEqual(expected);
    expect(await readdir(markers)).toEqual([]);
  },
  TEST_MS,
);

test("an import macro is refused by name and not run", async () => {
  await mkdir(markers, { recursive: true });
  const code = HONEST["topology.ts"]?.replace(
    `import { words } from "./words.ts";`,
    `import macro from "./evil.ts" with { type: "macro" };\nconst words = macro();`,
  ) ?? "";
  const folder = await makeFolder("macro", { ...HONEST, ...HOSTILE, "topology.ts": code });
  const { exitCode, stderr } = await runBinary(["run", "topology.ts"], {
    cwd: folder,
    temporary: root,
  });
  expect(stderr).toContain("topology.ts:3:15: An import macro would run code while bundling");
  expect(exitCode).toBe(3);
  expect(await readdir(markers)).toEqual([]);
}, TEST_MS);

test("a second copy of the API is refused by name and not run", async () => {
  await mkdir(markers, { recursive: true });
  const folder = await makeFolder("copy", {
    ...HONEST,
    "node_modules/heron-bin/package.json":
      `{ "name": "heron-bin", "version": "9.9.9", "main": "index.js" }`,
    "node_modules/heron-bin/index.js": evil("node_modules"),
  });
  const { exitCode, stderr } = await runBinary(["run", "topology.ts"], {
    cwd: folder,
    temporary: root,
  });
  expect(stderr).toContain(
    'found a second copy of the API, "node_modules/heron-bin" (version 9.9.9)',
  );
  expect(exitCode).toBe(3);
  expect(await readdir(markers)).toEqual([]);
}, TEST_MS);
