import { expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HeronError } from "../../base/mod.ts";
import { put, type StateManager, topologyPaths } from "../../state/mod.ts";
import { createTestCluster, NAME, type TestCluster } from "../../../tests/support/submitted.ts";
import { examineCluster, formatFindings } from "./examination.ts";

function examine(
  cluster: TestCluster,
  openState = (): Promise<StateManager> =>
    Promise.resolve(
      new Proxy(cluster.state, {
        get(target, key) {
          // The test goes on with it.
          if (key === Symbol.asyncDispose) return () => Promise.resolve();
          const value: unknown = Reflect.get(target, key);
          return typeof value === "function" ? value.bind(target) : value;
        },
      }),
    ),
) {
  return examineCluster({
    cluster: "local",
    stateRoot: cluster.root,
    packageFolder: cluster.packages,
    workingRoot: cluster.workingRoot,
    launcher: cluster.launcher,
    isShared: false,
    clock: cluster.clock,
    examineScheduler: () => Promise.resolve([]),
    openState,
  });
}

test("examineCluster() finds nothing wrong where nothing is, and leaves nothing", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  const findings = await examine(cluster);
  expect(findings.filter(({ verdict }) => verdict === "fault")).toEqual([]);
  expect(findings.map(({ about }) => about)).toContain('topology "drawn"');
  expect(await cluster.state.list("heron-bin")).toEqual(["drawn"]);
});

test("examineCluster() names what was left behind, and what to do", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  await mkdir(join(cluster.workingRoot, "old-one"));
  await writeFile(join(cluster.packages, "old.tar.gz"), "");
  cluster.launcher.presence = { type: "gone", reason: "its scheduler is not there" };
  const text = formatFindings(await examine(cluster));
  expect(text).toContain(`the folder "${join(cluster.workingRoot, "old-one")}" is of no topology`);
  expect(text).toContain(`the package "${join(cluster.packages, "old.tar.gz")}" is of no topology`);
  expect(text).toContain('  fault  topology "drawn": dead: its scheduler is not there\n');
  expect(text).toContain('"heron-bin restart local drawn" starts it again');
  expect(text).not.toContain("drawn-");
});

test("examineCluster() tells records that are read only now and then, and a store that was there", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  await put(cluster.state, topologyPaths(NAME).packingPlan, new Uint8Array([255]));
  const faults = (await examine(cluster)).filter(({ verdict }) => verdict === "fault");
  expect(faults.map(({ found }) => found)).toEqual([
    expect.stringContaining(`a record of it is damaged: Read "packingplans/${NAME}"`),
  ]);
  const missing = () => Promise.reject(new HeronError("not_found", "Open state root"));
  expect((await examine(cluster, missing)).at(-1)).toMatchObject({
    verdict: "fault",
    found: expect.stringContaining("has the folders of a topology"),
  });
});

test("examineCluster() tells a folder that cannot be, and a store that is not there", async () => {
  await using cluster = await createTestCluster();
  await writeFile(cluster.packages, "");
  const findings = await examine(
    cluster,
    () => Promise.reject(new HeronError("not_found", "Open state root")),
  );
  expect(findings.find(({ about }) => about === "package folder")?.verdict).toBe("fault");
  expect(findings.find(({ about }) => about === "state store")).toMatchObject({
    verdict: "hint",
    found: "Open state root",
  });
});
