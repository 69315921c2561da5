/** Tests of the table of keys. */

import { expect, test } from "bun:test";
import { BUILT_IN_CLUSTERS, CLUSTER_KEYS, type ClusterKey, SINK_KEYS } from "./cluster_keys.ts";
import { expand } from "./expand.ts";

const NAMES = {
  cluster: "local",
  role: "ann",
  environ: "default",
  home: "/home/ann",
  user: "ann",
  environment: {},
};

test("CLUSTER_KEYS and SINK_KEYS have defaults that their kinds read", () => {
  const keys = Object.entries<ClusterKey>({ ...CLUSTER_KEYS, ...SINK_KEYS });
  for (const [path, { kind, byDefault, isOptional }] of keys) {
    if (byDefault === undefined) {
      expect([path, isOptional || path === "scheduler.type"]).toEqual([path, true]);
      continue;
    }
    const expansion = expand(byDefault, kind.variables, NAMES);
    const reading = kind.read("value" in expansion ? expansion.value : undefined);
    expect([path, "value" in reading]).toEqual([path, true]);
  }
});

test("BUILT_IN_CLUSTERS sets only keys that there are", () => {
  for (const given of Object.values(BUILT_IN_CLUSTERS)) {
    for (const path of Object.keys(given)) expect(Object.keys(CLUSTER_KEYS)).toContain(path);
  }
});

test("CLUSTER_KEYS asks squeue at most every 30 s", () => {
  const { kind } = CLUSTER_KEYS["scheduler.slurm.poll.interval"];
  expect(kind.read("30s")).toEqual({ value: 30_000 });
  expect(kind.read("29999ms")).toHaveProperty("expected");
});

test("CLUSTER_KEYS says of ZooKeeper that it is not there yet", () => {
  expect(CLUSTER_KEYS["state.type"].kind.read("zookeeper"))
    .toEqual({ expected: '"local_fs": this version has no other yet' });
});
