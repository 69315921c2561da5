/** Tests of names of clusters, roles and environs. */

import { expect, test } from "bun:test";
import { clusterNameFault } from "./cluster_name.ts";

test("clusterNameFault() lets pass what may be a part of a path and of a record", () => {
  for (const name of ["a", "slurm", "ann.b", "j_smith", "ann@site", "c++", "_x", "Zoë", "9"]) {
    expect(clusterNameFault(name)).toBeUndefined();
  }
});

test("clusterNameFault() says what is wrong", () => {
  expect(clusterNameFault("")).toBe("found an empty name");
  for (const name of ["..", ".a", "-a", "@a", "a/b", "a\\b", "a b", "a\0", "a\n", "$A", "a:b"]) {
    expect(clusterNameFault(name)).toStartWith(`found ${JSON.stringify(name)}, expected letters`);
  }
  expect(clusterNameFault("é".repeat(51))).toEndWith("expected at most 100 bytes");
});
