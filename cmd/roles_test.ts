/** Tests of the flags of roles. */

import { expect, test } from "bun:test";
import { readRoleOptions, type RoleSpec } from "./roles.ts";

const spec: RoleSpec = {
  name: "instance",
  summary: "runs a task",
  flags: ["--container", "--task", "--component", "--index", "--incarnation"],
  start() {},
};

test("readRoleOptions() reads what supervisors write", () => {
  const argv =
    "--job /run/job --container 2 --task 7 --component count --index 4 --incarnation 3.41"
      .split(" ");
  expect(readRoleOptions(spec, argv)).toMatchObject({
    jobFile: "/run/job",
    container: 2,
    task: 7,
    component: "count",
    index: 4,
    incarnation: { epoch: 3, counter: 41 },
  });
});

test.each([
  "--job /run/job --container 2 --task 7",
  "--job /run/job --container x --task 7 --component c --index 4 --incarnation 1.1",
  "--job /run/job --container 2 --task 7 --component c --index 4 --incarnation 1.b",
  "--job /run/job --job /run/job --container 2 --task 7 --component c --index 4 --incarnation 1.1",
  "--job /run/job --what 2 --container 2 --task 7 --component c --index 4 --incarnation 1.1",
  "--job /run/job --container 2 --task 7 --component c --index 4 --incarnation",
])("readRoleOptions() refuses %p", (argv) => {
  expect(() => readRoleOptions(spec, argv.split(" "))).toThrow(/^Start role "instance": /);
});
