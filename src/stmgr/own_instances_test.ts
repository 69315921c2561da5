import { expect, test } from "bun:test";
import { ownInstances } from "./own_instances.ts";

test("ownInstances() tells where and what each task is", () => {
  const task = {
    taskId: 3,
    instanceId: "container_1_word_3",
    component: "word",
    componentIndex: 2,
  };
  expect(ownInstances("stmgr-1", [task])).toEqual([{
    instanceId: "container_1_word_3",
    stmgrId: "stmgr-1",
    info: { taskId: 3, componentIndex: 2, componentName: "word" },
  }]);
});
