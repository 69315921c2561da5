import { expect, test } from "bun:test";
import { drawTopology } from "../../../tests/support/definitions.ts";
import { pack } from "../../../tests/support/plans.ts";
import { chooseLogs } from "./log_files.ts";

const { packingPlan } = pack(drawTopology("s b", { parallelism: { b: 2 } }));
const FILES = [
  "container_1_b_2.out",
  "container_1_b_3.out",
  "container_1_s_1.log",
  "container_1_s_1.out",
  "scheduler.log",
  "scheduler.stderr",
  "stmgr-1.log",
  "tm.log",
];

function chosen(word?: string, files = FILES): readonly string[] {
  return chooseLogs(word, packingPlan, files).map(({ file, prefix }) => `${prefix}${file}`);
}

test("chooseLogs() takes a component, a task by number or place, a role, or all that tasks print", () => {
  expect(chosen("b")).toEqual(["b[0] container_1_b_2.out", "b[1] container_1_b_3.out"]);
  expect(chosen("s")).toEqual(["container_1_s_1.out"]);
  expect(chosen("3")).toEqual(["container_1_b_3.out"]);
  expect(chosen("b[1]")).toEqual(["container_1_b_3.out"]);
  expect(chosen("stmgr-1")).toEqual(["stmgr-1.log"]);
  expect(chosen("container_1_s_1")).toEqual(["container_1_s_1.log"]);
  expect(chosen()).toEqual([
    "s[0] container_1_s_1.out",
    "b[0] container_1_b_2.out",
    "b[1] container_1_b_3.out",
  ]);
});

test("chooseLogs() leaves out what has not printed yet, and refuses what is nothing", () => {
  expect(chosen("b", ["tm.log"])).toEqual([]);
  expect(() => chosen("stmgr1")).toThrow(
    'Find logs of "stmgr1": found no component, task or role of that name; did you mean "stmgr-1"?',
  );
  expect(() => chosen("something else")).toThrow("expected one of s, b, container_1_s_1");
});
