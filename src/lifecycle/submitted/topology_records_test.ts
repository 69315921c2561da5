import { expect, test } from "bun:test";
import { put, topologyPaths } from "../../state/mod.ts";
import { createTestCluster, NAME } from "../../../tests/support/submitted.ts";
import { damagedRecords, readTopology, removeRecords, topologyNames } from "./topology_records.ts";

test("readTopology() gives all records, and faults of those that cannot be read", async () => {
  await using cluster = await createTestCluster();
  const { state } = cluster;
  expect(await readTopology(state, NAME)).toBeUndefined();
  await cluster.deploy();
  expect(await readTopology(state, NAME)).toMatchObject({
    name: NAME,
    executionState: { role: "ann" },
    submission: { scheduler: "local" },
    status: { pid: 77 },
    faults: [],
  });
  await put(state, topologyPaths(NAME).submission, new Uint8Array([255]));
  const damaged = await readTopology(state, NAME);
  expect(damaged?.submission).toBeUndefined();
  expect(damaged?.executionState).toBeDefined();
  expect(damaged?.faults.map(({ code }) => code)).toEqual(["corrupt"]);
});

test("readTopology() takes no word of a scheduler of an older topology of the name", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  const { status } = topologyPaths(NAME);
  const record = await cluster.state.get(status);
  await cluster.state.delete(topologyPaths(NAME).submission, "any");
  expect(record).toBeDefined();
  expect((await readTopology(cluster.state, NAME))?.status).toBeUndefined();
});

test("damagedRecords() tells each record that cannot be read", async () => {
  await using cluster = await createTestCluster();
  const { state } = cluster;
  await cluster.deploy();
  expect(await damagedRecords(state, NAME)).toEqual([]);
  const paths = topologyPaths(NAME);
  const records = [
    ...[paths.executionState, paths.submission, paths.status, paths.wanted, paths.tmanager],
    ...[paths.scheduler, paths.topology, paths.packingPlan, paths.physicalPlan],
  ];
  for (const [at, path] of records.entries()) {
    await put(state, path, new Uint8Array([255]));
    const codes = (await damagedRecords(state, NAME)).map(({ code }) => code);
    expect(codes).toEqual(Array<typeof codes[number]>(at + 1).fill("corrupt"));
  }
});

test("removeRecords() removes all, the execution state last, and again", async () => {
  await using cluster = await createTestCluster();
  const { state } = cluster;
  await cluster.deploy();
  await state.create(`heron-bin/${NAME}/epochs/1`, new Uint8Array());
  const deleted: string[] = [];
  const watched = new Proxy(state, {
    get(target, key) {
      if (key === "delete") {
        return (path: string, expected: string) => {
          deleted.push(path);
          return target.delete(path, expected);
        };
      }
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  await removeRecords(watched, NAME);
  expect(deleted.at(-1)).toBe(`executionstate/${NAME}`);
  expect(await readTopology(state, NAME)).toBeUndefined();
  expect(await topologyNames(state)).toEqual([]);
  expect(await state.list("heron-bin")).toEqual([]);
  await removeRecords(state, NAME);
});
