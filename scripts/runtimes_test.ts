/** Tests of the runtimes of other machines, without installing one, which the step of cross builds does. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { runtimeFiles, targetOf, TARGETS } from "./runtimes.ts";
import { ROOT } from "./tool_chain.ts";

const LOCK = await Bun.file(join(ROOT, "bun.lock")).text();

test("targetOf() finds a target by name, and lists them for a wrong one", () => {
  expect(targetOf("linux-arm64").compile).toBe("bun-linux-arm64");
  expect(() => targetOf("linux-mips")).toThrow(
    'Building for "linux-mips": found no such target, expected one of linux-x64, ' +
      "linux-x64-baseline, linux-arm64, darwin-arm64",
  );
});

test.each(TARGETS)(
  "runtimeFiles() finds the Bun of $name in bun.lock, with its checksum",
  (target) => {
    const { version, os, cpu, lock, packageJson } = runtimeFiles(LOCK, target.runtime);
    expect(`bun-${os}-${cpu}`).toBe(target.compile);
    expect(JSON.parse(packageJson).dependencies).toEqual({ [target.runtime]: version });
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    const { packages } = JSON.parse(lock);
    expect(Object.keys(packages)).toEqual([target.runtime]);
    expect(LOCK).toContain(`"${packages[target.runtime][3]}"`);
  },
);

test("runtimeFiles() refuses what bun.lock has not, or has without a checksum", () => {
  expect(() => runtimeFiles(LOCK, "@oven/bun-plan9")).toThrow("@oven/bun-plan9: found it not");
  const bare = '{ "lockfileVersion": 1, "packages": { "a": ["a@1.0.0", "", {}], } }';
  expect(() => runtimeFiles(bare, "a")).toThrow("without a checksum");
});
