import { expect, test } from "bun:test";
import { masterAt, until, WIRE } from "../../tests/support/wire.ts";
import { MemoryState, openMemory } from "./memory.ts";
import { topologyPaths } from "./paths.ts";
import { watchTmanager } from "./watch_tmanager.ts";

test("watchTmanager() tells each place of the topology's master, of no other run of that name", async () => {
  const tree = new MemoryState();
  const path = topologyPaths("two").tmanager;
  const told: string[] = [];
  const run = { topologyName: "two", topologyId: WIRE.topologyId };
  tree.set(path, masterAt(1));
  await using state = openMemory(tree);
  await watchTmanager(state, run, ({ hostname, port }) => void told.push(`${hostname}:${port}`));
  expect(told).toEqual(["127.0.0.1:1"]);
  tree.set(path, masterAt(2, "two-of-before"));
  tree.set(path, masterAt(3));
  await until(() => told.length > 1);
  expect(told).toEqual(["127.0.0.1:1", "127.0.0.1:3"]);
  tree.set(path, masterAt(4, "two-of-before"));
  await state.delete(path, "any");
  tree.set(path, masterAt(5));
  await until(() => told.length > 2);
  expect(told).toEqual(["127.0.0.1:1", "127.0.0.1:3", "127.0.0.1:5"]);
});
