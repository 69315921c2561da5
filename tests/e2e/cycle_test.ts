/** Cycles through the binary: one that holds its own goes round and drains, one that grows is named. */

import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../support/repository.ts";
import { runBinary } from "./binary.ts";

const TEST_MS = 180_000;
const TOPOLOGY = join(ROOT, "tests/e2e/topologies/cycle.ts");

test("a cycle that emits as much as it takes goes round until it is drained", async () => {
  const { exitCode, stderr } = await runBinary(["run", "--for", "3s", TOPOLOGY, "1"], {
    cwd: tmpdir(),
  });
  expect(stderr).toMatch(/there +1 +[\d,]{4,} /);
  expect(exitCode).toBe(0);
}, TEST_MS);

test("a cycle that emits more than it takes ends the run, which names it", async () => {
  const { exitCode, stderr } = await runBinary(["run", TOPOLOGY, "3"], { cwd: tmpdir() });
  expect(stderr).toMatch(/found the cycle (there\[0\] → back\[0\]|back\[0\] → there\[0\]) → /);
  expect(exitCode).toBe(6);
}, TEST_MS);
