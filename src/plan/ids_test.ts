import { expect, test } from "bun:test";
import {
  containerId,
  containerOfStmgr,
  instanceId,
  metricsmgrId,
  newTopologyId,
  stmgrId,
} from "./ids.ts";

test("ids have Heron's forms", () => {
  expect(stmgrId(1)).toBe("stmgr-1");
  expect(metricsmgrId(0)).toBe("metricsmgr-0");
  expect(containerId(0)).toBe("container-0");
  expect(instanceId(1, "my_word", 2)).toBe("container_1_my_word_2");
  expect(newTopologyId("WordCount", "3314d0c9-6afa")).toBe("WordCount3314d0c9-6afa");
});

test("containerOfStmgr() takes apart what stmgrId() makes, and nothing else", () => {
  for (const container of [1, 9, 10, 10_000]) {
    expect(containerOfStmgr(stmgrId(container))).toBe(container);
  }
  for (const id of ["", "stmgr-", "stmgr-0", "stmgr-01", "stmgr--1", "stmgr-1 ", "metricsmgr-1"]) {
    expect(containerOfStmgr(id), id).toBeUndefined();
  }
});
