import { expect, test } from "bun:test";
import { LeftProcesses } from "./left_processes.ts";

test("take() gives the processes of one container that have not ended, once", () => {
  const left = new LeftProcesses();
  left.started("container-1", "stmgr-1", { pid: 1, startTime: 10n });
  left.started("container-1", "metricsmgr-1", { pid: 2, startTime: 10n });
  left.started("container-2", "stmgr-2", { pid: 3, startTime: 10n });
  left.exited("container-1", "metricsmgr-1", 2);
  expect(left.isEmpty("container-1")).toBe(false);
  expect(left.take("container-1")).toEqual([{ pid: 1, startTime: 10n }]);
  expect(left.isEmpty("container-1")).toBe(true);
  expect(left.take("container-1")).toEqual([]);
  expect(left.take("container-2").length).toBe(1);
  expect(left.take("container-9")).toEqual([]);
});

test("the end of an earlier life does not hide the present one", () => {
  const left = new LeftProcesses();
  left.started("container-1", "stmgr-1", { pid: 1, startTime: 10n });
  left.started("container-1", "stmgr-1", { pid: 2, startTime: 20n });
  left.exited("container-1", "stmgr-1", 1);
  left.exited("container-9", "stmgr-1", 2);
  expect(left.take("container-1")).toEqual([{ pid: 2, startTime: 20n }]);
});
