/** Tests of bundling, on real files in a throw-away folder. */

import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { HeronError } from "../base/mod.ts";
import { type Bundle, bundleTopology } from "./bundle.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-bundle-"));
afterAll(() => rm(root, { recursive: true }));

async function bundle(name: string, files: Readonly<Record<string, string>>): Promise<Bundle> {
  const home = join(root, name);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(home, file)), { recursive: true });
    await writeFile(join(home, file), text);
  }
  const folder = join(home, "out");
  await mkdir(folder, { recursive: true });
  const tsconfig = join(root, "empty.json");
  await writeFile(tsconfig, "{}");
  return bundleTopology({
    file: join(home, "topology.ts"),
    folder,
    tsconfig,
    nodeEnv: "production",
    workingFolder: process.cwd(),
  });
}

async function faultOf(name: string, files: Readonly<Record<string, string>>): Promise<HeronError> {
  try {
    await bundle(name, files);
  } catch (thrown) {
    if (thrown instanceof HeronError) return thrown;
    throw thrown;
  }
  throw new Error("expected a HeronError");
}

test("bundleTopology() packs dependencies and imported files, and maps stacks to the source", async () => {
  const { path, bytes } = await bundle("good", {
    "topology.ts": `import { fail } from "./lib/fail.ts";
import words from "./lib/words.txt" with { type: "file" };
import seven from "seven";
export { words, seven };
export const mode = process.env.NODE_ENV;
export default function define(): never {
  const reason: string = "boom";
  const error: never = fail(reason);
  return error;
}
`,
    "lib/fail.ts": `export function fail(reason: string): never {\n  throw new Error(reason);\n}\n`,
    "lib/words.txt": "one two",
    "node_modules/seven/package.json": `{"name":"seven","main":"index.js"}`,
    "node_modules/seven/index.js": `module.exports = 7;`,
  });
  expect(bytes).toBeGreaterThan(100);
  const module = await import(path);
  expect(module.seven).toBe(7);
  expect(module.mode).toBe("production");
  expect(module.words).toStartWith(join(root, "good/out/files/words-"));
  expect(await readFile(module.words, "utf8")).toBe("one two");
  let stack = "";
  try {
    module.default();
  } catch (thrown) {
    stack = thrown instanceof Error ? thrown.stack ?? "" : "";
  }
  expect(stack).toContain(join(root, "good/out/lib/fail.ts:2:13"));
  expect(stack).toContain(join(root, "good/out/topology.ts:8:24"));
});

test("bundleTopology() leaves heron-bin to the binary, whatever the folder says", async () => {
  const evil = `export const TopologyBuilder = "evil";`;
  const { path } = await bundle("own_api", {
    "topology.ts":
      `import { TopologyBuilder } from "heron-bin";\nexport default TopologyBuilder;\n`,
    "evil.ts": evil,
    "tsconfig.json": `{"compilerOptions":{"baseUrl":".","paths":{"heron-bin":["./evil.ts"]}}}`,
    "package.json": `{"name":"heron-bin","exports":"./evil.ts","sideEffects":false}`,
  });
  const code = await readFile(path, "utf8");
  expect(code).toContain(`from "heron-bin"`);
  expect(code).not.toContain("evil");
});

test("bundleTopology() keeps imports for side effects", async () => {
  const { path } = await bundle("side_effects", {
    "topology.ts": `import "./setup.ts";\nexport default 1;\n`,
    "setup.ts": `Reflect.set(globalThis, "heronBinSetupRan", true);`,
    "package.json": `{"sideEffects":false}`,
  });
  expect(await readFile(path, "utf8")).toContain("heronBinSetupRan");
});

test("bundleTopology() shows a syntax error with place and code frame", async () => {
  const error = await faultOf("syntax", { "topology.ts": "export default 1;\n\tconst a = ;\n" });
  expect(error.code).toBe("bundle_failed");
  expect(error.message).toContain("syntax/topology.ts:2:12: Unexpected ;\n");
  expect(error.message).toContain("2 | \tconst a = ;\n      \t          ^");
});

test("bundleTopology() names every unresolved import", async () => {
  const error = await faultOf("unresolved", {
    "topology.ts": `import a from "left-pad";\nimport b from "./nope.ts";\nexport default a + b;\n`,
  });
  expect(error.code).toBe("bundle_failed");
  expect(error.message).toContain(
    `topology.ts:1:15: Unresolved import "left-pad": no such package beside the topology`,
  );
  expect(error.message).toContain(
    `topology.ts:2:15: Unresolved import "./nope.ts": there is no such file`,
  );
});

test("bundleTopology() names native addons and who imports them", async () => {
  const error = await faultOf("native", {
    "topology.ts": `import addon from "./addon.node";\nexport default addon;\n`,
    "addon.node": "not really",
  });
  expect(error.code).toBe("bundle_failed");
  expect(error.message).toContain(`topology.ts: "./addon.node" is a native addon`);
});

test("bundleTopology() runs no macro", async () => {
  const error = await faultOf("macro", {
    "topology.ts": `import evil from "./evil.ts" with { type: "macro" };\nexport default evil();\n`,
    "evil.ts": `export default function evil() { throw new Error("ran"); }`,
  });
  expect(error.message).toContain("macros are never run");
});

test("bundleTopology() names a package of the API that lies beside the topology", async () => {
  const error = await faultOf("installed_copy", {
    "topology.ts":
      `import { TopologyBuilder } from "heron-bin";\nexport default TopologyBuilder;\n`,
    "node_modules/heron-bin/package.json": `{"name":"heron-bin","version":"0.0.9","main":"i.js"}`,
    "node_modules/heron-bin/i.js": `throw new Error("ran");`,
  });
  expect(error.code).toBe("duplicate_api");
  expect(error.message).toContain('installed_copy/node_modules/heron-bin" (version 0.0.9)');
  expect(error.message).toContain("npm uninstall heron-bin");
});

test("bundleTopology() names another mod.ts that would be packed", async () => {
  const door = join(import.meta.dir, "../../mod.ts");
  const error = await faultOf("packed_copy", {
    "topology.ts": `import { make } from "./lib.ts";\nexport default make;\n`,
    "lib.ts": `import { TopologyBuilder } from "${door}";
export function make() { return new TopologyBuilder("x").createTopology(); }\n`,
  });
  expect(error.code).toBe("duplicate_api");
  expect(error.message).toContain('src/api/topology.ts", expected the one in this binary');
  expect(error.message).toContain('import from "heron-bin" in place of it');
});
