import { expect, test } from "bun:test";
import { createTestCluster, faultOf, NAME } from "../../../tests/support/submitted.ts";
import { findTopology } from "./find_topology.ts";

test("findTopology() finds one by its name, of that role and environ where they are given", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  const find = (name: string, role?: string, environ?: string) =>
    findTopology(cluster.state, { cluster: "local", name, role, environ });
  expect((await find(NAME)).name).toBe(NAME);
  expect((await find(NAME, "ann", "default")).name).toBe(NAME);
  expect(await faultOf(find(NAME, "bob"))).toBe(
    `usage: Find topology "${NAME}": cluster/role/environ does not match, it is running at ` +
      "local/ann/default, not local/bob/default",
  );
  expect(await faultOf(find("drawm"))).toBe(
    'not_found: Find topology "drawm": topology "drawm" does not exist in cluster "local"; ' +
      `did you mean "${NAME}"?`,
  );
  expect(await faultOf(find("other"))).toEndWith('does not exist in cluster "local"');
});
