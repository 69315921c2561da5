/** Tests of the cluster that a command is given. */

import { expect, test } from "bun:test";
import { parseClusterTarget } from "./cluster_argument.ts";

test("parseClusterTarget() takes role and environ, or their defaults", () => {
  expect(parseClusterTarget("slurm", "ann"))
    .toEqual({ cluster: "slurm", role: "ann", environ: "default" });
  expect(parseClusterTarget("slurm/team", "ann"))
    .toEqual({ cluster: "slurm", role: "team", environ: "default" });
  expect(parseClusterTarget("slurm/team/prod", "ann"))
    .toEqual({ cluster: "slurm", role: "team", environ: "prod" });
});

test.each([
  ["", 'Read cluster "", its cluster: found an empty name'],
  ["a//b", 'Read cluster "a//b", its role: found an empty name'],
  ["a/b/", 'Read cluster "a/b/", its environ: found an empty name'],
  ["a/b/c/d", 'Read cluster "a/b/c/d": found 4 names, expected CLUSTER[/ROLE[/ENVIRON]]'],
  ["../b", 'Read cluster "../b", its cluster: found "..", expected letters'],
  ["a/b c", 'Read cluster "a/b c", its role: found "b c", expected letters'],
])("parseClusterTarget() refuses %j", (text, message) => {
  expect(() => parseClusterTarget(text, "ann")).toThrow(message);
});

test("parseClusterTarget() asks for another role where the user's name cannot be one", () => {
  expect(() => parseClusterTarget("slurm", "DOMAIN\\ann")).toThrow(
    /^Read cluster "slurm", the name of this user for its role: found .*; name another: slurm\/ROLE$/,
  );
  expect(parseClusterTarget("slurm/ann", "DOMAIN\\ann").role).toBe("ann");
});
