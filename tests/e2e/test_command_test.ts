/** `heron-bin test` as users have it: in a folder with nothing installed, by the compiled binary alone. */

import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BinaryResult, runBinary } from "./binary.ts";

const root = await mkdtemp("/tmp/hb-test-");
afterAll(() => rm(root, { recursive: true }));

const TOPOLOGY = `import { BaseBasicBolt, TopologyBuilder, type Tuple } from "heron-bin";
import type { BasicOutputCollector, OutputFieldsDeclarer, Topology } from "heron-bin";

class Double extends BaseBasicBolt {
  execute(tuple: Tuple, collector: BasicOutputCollector): void {
    const number = tuple.getInteger(0);
    if (number === 7) throw new RangeError("seven is too much");
    collector.emit([2 * number]);
  }
  override declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["double"]);
  }
}

export default function double(): Topology {
  const builder = new TopologyBuilder("double");
  builder.setSpout("numbers", {
    nextTuple() {},
    declareOutputFields: (declarer: OutputFieldsDeclarer) => declarer.declare(["number"]),
  });
  builder.setBolt("double", new Double(), 2).shuffleGrouping("numbers");
  return builder.createTopology();
}
`;

/** A test file in which number `number` comes out doubled. */
function testOf(number: number): string {
  return `import { createTestTopology, describe, expect, test } from "heron-bin/testing";
import { HeronError, TopologyBuilder } from "heron-bin";
import double from "./double.ts";

describe("double", () => {
  test("${number} comes out doubled", async () => {
    await using topology = await createTestTopology(double, {
      mockSpouts: { numbers: [[${number}]] },
    });
    await topology.run();
    expect(topology.values("double")).toEqual([[${2 * number}]]);
    expect(typeof TopologyBuilder).toBe("function");
    expect(process.env["BUN_BE_BUN"]).toBeUndefined();
  });
});
`;
}

/** A folder of a user with these files, and an empty one for what the binary writes. */
async function createPlace(name: string, files: Readonly<Record<string, string>>) {
  const folder = join(root, name);
  const temporary = join(root, `${name}-tmp`);
  await mkdir(temporary, { recursive: true });
  for (const [path, text] of Object.entries({ "double.ts": TOPOLOGY, ...files })) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const run = (...args: string[]): Promise<BinaryResult> =>
    // A slow machine is no reason for a test of these to fail.
    runBinary(["test", "--timeout", "60000", ...args], { cwd: folder, temporary });
  return { folder, temporary, run };
}

test("test runs all test files below the folder, and leaves nothing behind", async () => {
  const { run, temporary } = await createPlace("passing", {
    "double_test.ts": testOf(3),
    "deep/other_test.ts": testOf(4).replace("./double.ts", "../double.ts"),
    "node_modules/other/other_test.ts": "throw new Error('not ours');",
  });
  const { exitCode, stderr } = await run();
  expect(stderr).toContain("3 comes out doubled");
  expect(stderr).toContain("4 comes out doubled");
  expect(stderr).toContain(" 2 pass");
  expect(exitCode).toBe(0);
  expect(await readdir(temporary)).toEqual([]);
});

test("test ends with 1 when a test fails, and shows the user's error where it was thrown", async () => {
  const { run } = await createPlace("failing", {
    "good_test.ts": testOf(3),
    "bad_test.ts": testOf(7),
  });
  const { exitCode, stderr } = await run();
  // Of the kit, one long line, nothing.
  expect(stderr).toMatch(/bad_test\.ts:10:\d+/);
  expect(stderr).not.toContain("testing.js");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("seven is too much");
  expect(stderr).toMatch(/Run "double": task \d \(double\[\d\]\) threw in execute: RangeError/);
  expect(stderr).toContain("double.ts:7");
  expect(stderr).toContain(" 1 fail");
  expect((await run("good_test.ts")).exitCode).toBe(0);
  expect((await run("--name", "3 comes")).exitCode).toBe(0);
});

test("test gives the API and the kit of the binary, whatever else has their names", async () => {
  const evil = "throw new Error('the wrong one');";
  const { run } = await createPlace("hostile", {
    "double_test.ts": testOf(3),
    "evil.ts": evil,
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        paths: { "heron-bin": ["./evil.ts"], "heron-bin/testing": ["./evil.ts"] },
      },
    }),
    "node_modules/heron-bin/package.json": JSON.stringify({
      name: "heron-bin",
      exports: { ".": "./index.js", "./testing": "./index.js" },
    }),
    "node_modules/heron-bin/index.js": evil,
  });
  const { exitCode, stderr } = await run();
  expect(stderr).not.toContain("the wrong one");
  expect(exitCode).toBe(0);
});

test("test --seed is the seed of tests that name none", async () => {
  const { run } = await createPlace("seeds", {
    "seed_test.ts": `import { createTestTopology, test } from "heron-bin/testing";
import double from "./double.ts";
test("trace", async () => {
  const numbers = Array.from({ length: 20 }, (_, index) => [8 + index]);
  await using topology = await createTestTopology(double, { mockSpouts: { numbers } });
  await topology.run();
  console.log("trace " + JSON.stringify(topology.outputs("double")));
});
`,
  });
  const trace = async (...args: string[]) => {
    const { stdout } = await run(...args);
    return stdout.split("\n").find((line) => line.startsWith("trace [{"));
  };
  const first = await trace("--seed", "5");
  expect(first).toBeDefined();
  expect(await trace("--seed", "5")).toBe(first);
  expect(await trace("--seed", "6")).not.toBe(first);
  expect(await trace()).toBe(await trace("--seed", "1"));
});

test("test says what is wrong with what it is given", async () => {
  const { run } = await createPlace("wrong", { "sub/readme.txt": "" });
  const none = await run();
  expect(none.exitCode).toBe(5);
  expect(none.stderr).toContain("found no test file, expected a name that ends in _test.ts");
  const missing = await run("gone_test.ts");
  expect(missing.exitCode).toBe(5);
  expect(missing.stderr).toContain('"gone_test.ts"');
  const seed = await run("--seed", "x");
  expect(seed.exitCode).toBe(2);
  expect(seed.stderr).toContain('Read --seed: found "x", expected a whole number');
  expect((await run("--help")).stdout).toContain("heron-bin/testing");
});
