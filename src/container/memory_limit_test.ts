import { expect, test } from "bun:test";
import { MEMORY_LOOK_FAR_MS, MEMORY_LOOK_MS, MemoryLimit } from "./memory_limit.ts";

const MIB = 2 ** 20;

test("MemoryLimit warns once above the plan's memory, and ends once far above it", () => {
  const limit = new MemoryLimit({ ramBytes: 100 * MIB, killPercent: 150 });
  expect([10, 100].map((mebibytes) => limit.look(mebibytes * MIB))).toEqual([undefined, undefined]);
  expect(limit.look(101 * MIB)).toEqual({
    code: "memory_high",
    message: "holds 101 MiB of memory, more than the 100 MiB that the packing plan gives it; " +
      "it is ended at 150 % of that; " +
      'give it more by Config.setComponentRam ("topology.component.rammap")',
  });
  expect([90, 150].map((mebibytes) => limit.look(mebibytes * MIB))).toEqual([undefined, undefined]);
  expect(limit.look(1510 * MIB)).toEqual({
    code: "out_of_memory",
    message: "holds 1,510 MiB of memory, more than 150 % of the 100 MiB that the packing plan " +
      "gives it (instance.memory.kill.percent): it was ended; " +
      'give it more by Config.setComponentRam ("topology.component.rammap")',
  });
  expect(limit.look(9999 * MIB)).toBeUndefined();
});

test("MemoryLimit ends a task below what it is given, if so little is asked for", () => {
  const limit = new MemoryLimit({ ramBytes: 100 * MIB, killPercent: 50 });
  expect(limit.look(50 * MIB)).toBeUndefined();
  expect(limit.look(51 * MIB)?.code).toBe("out_of_memory");
  expect(limit.look(200 * MIB)).toBeUndefined();
});

test("MemoryLimit wants a task looked at less often while it holds less than half of its memory", () => {
  const limit = new MemoryLimit({ ramBytes: 100 * MIB, killPercent: 150 });
  const after = (mebibytes: number): number => {
    limit.look(mebibytes * MIB);
    return limit.nextLookMs;
  };
  expect(limit.nextLookMs).toBe(MEMORY_LOOK_MS);
  expect([49, 50, 160, 10].map(after)).toEqual([
    ...[MEMORY_LOOK_FAR_MS, MEMORY_LOOK_MS, MEMORY_LOOK_MS, MEMORY_LOOK_FAR_MS],
  ]);
});
