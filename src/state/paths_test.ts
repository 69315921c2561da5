import { expect, test } from "bun:test";
import { HERON_FOLDERS, topologyPaths } from "./paths.ts";
import { checkRecordPath } from "./record_path.ts";

test("topologyPaths() is Heron's tree, and ours beside it", () => {
  const paths = topologyPaths("wc");
  expect(paths.topology).toBe("topologies/wc");
  expect(paths.physicalPlan).toBe("pplans/wc");
  expect(paths.tmLease).toBe("heron-bin/wc/tm-lease");
  expect(paths.epochs).toBe("heron-bin/wc/epochs");
});

test("topologyPaths() gives only paths that the store takes, Heron's in its folders", () => {
  const all = Object.values(topologyPaths("t"));
  for (const path of all) expect(() => checkRecordPath(path)).not.toThrow();
  const folders = new Set(all.map((path) => path.split("/")[0] ?? ""));
  expect(folders).toEqual(new Set([...HERON_FOLDERS, "heron-bin"]));
});
