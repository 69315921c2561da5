import { expect, test } from "bun:test";
import { BaseTaskHook } from "./base_task_hook.ts";
import type { EmitInfo } from "./hook_infos.ts";

test("BaseTaskHook does nothing but what is added", () => {
  const seen: unknown[] = [];
  class Noting extends BaseTaskHook {
    override emit({ values }: EmitInfo): void {
      seen.push(values);
    }
  }
  const hook = new Noting();
  hook.emit({ values: [1], stream: "default", taskId: 1, outTasks: [] });
  expect([hook.prepare, hook.boltAck, hook.cleanup]).toEqual([undefined, undefined, undefined]);
  expect(seen).toEqual([[1]]);
});
