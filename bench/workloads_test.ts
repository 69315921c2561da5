/** The table of workloads. */

import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findWorkloads, WORKLOADS } from "./workloads.ts";

test("findWorkloads() keeps the order of names, and names what there is", () => {
  const found = findWorkloads(["chain", "const"]).map(({ name }) => name);
  expect(found).toEqual(["chain", "const"]);
  expect(() => findWorkloads(["chian"])).toThrow('workload "chian": expected one of');
});

test("findWorkloads() without names gives all", () => {
  expect(findWorkloads([])).toBe(WORKLOADS);
});

test("each workload has a name of its own and a topology that is there", () => {
  expect(new Set(WORKLOADS.map(({ name }) => name)).size).toBe(WORKLOADS.length);
  for (const { kind, topology } of WORKLOADS) {
    if (kind === "stmgr") continue;
    expect(existsSync(join(import.meta.dir, "topologies", `${topology}.ts`))).toBe(true);
  }
});
