/** Tests of finding a second copy of the API, on real files in a throw-away folder. */

import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundledCopy, copyError, installedCopy } from "./api_copy.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-copy-"));
afterAll(() => rm(root, { recursive: true }));

test("installedCopy() finds the package where an import would, with its version", async () => {
  const inner = join(root, "a/b/c");
  const path = join(root, "a/node_modules/heron-bin");
  await mkdir(inner, { recursive: true });
  expect(await installedCopy(inner)).toBeUndefined();
  await mkdir(path, { recursive: true });
  expect(await installedCopy(inner)).toEqual({ path });
  await writeFile(join(path, "package.json"), "no json");
  expect(await installedCopy(inner)).toEqual({ path });
  await writeFile(join(path, "package.json"), '{ "version": "0.0.9" }');
  expect(await installedCopy(inner)).toEqual({ path, version: "0.0.9" });
  expect(await installedCopy(root)).toBeUndefined();
});

test("bundledCopy() knows a copy by its brand, packed or not", async () => {
  const own = await Bun.file(join(import.meta.dir, "../api/topology.ts")).text();
  const packed = new Bun.Transpiler({ loader: "ts", minifyWhitespace: true }).transformSync(own);
  for (const text of [own, packed, 'Symbol.for( "heron-bin.topology" )']) {
    expect(bundledCopy(new Map([["/a/topology.ts", ""], ["/a/x.js", text]])))
      .toEqual({ path: "/a/x.js" });
  }
  expect(bundledCopy(new Map([["/a/topology.ts", 'import "heron-bin"; "heron-bin.topology"']])))
    .toBeUndefined();
});

test("copyError() says what was found and what to do", () => {
  const path = "/home/me/flow/node_modules/heron-bin";
  const installed = copyError({ path, version: "0.0.9" }, "topology.ts", "/home/me/flow");
  expect(installed.code).toBe("duplicate_api");
  expect(installed.message).toBe(
    'Bundle "topology.ts": found a second copy of the API, "node_modules/heron-bin" (version 0.0.9), ' +
      'expected the one in this binary alone: remove the package ("npm uninstall heron-bin", ' +
      '"bun remove heron-bin"); types for the editor come from "heron-bin init"',
  );
  const imported = copyError(
    { path: "/home/me/heron/src/api/topology.ts" },
    "t.ts",
    "/home/me/flow",
  );
  expect(imported.message).toContain('"../heron/src/api/topology.ts", expected');
  expect(imported.message).toContain('import from "heron-bin" in place of it');
});
