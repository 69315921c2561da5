import { expect, test } from "bun:test";
import { join } from "node:path";
import { fileSystemOfOneMachine } from "./file_system.ts";

test("fileSystemOfOneMachine() knows what memory holds, also for a folder that is to come", async () => {
  const folder = "/dev/shm";
  expect(await fileSystemOfOneMachine(folder)).toBe("tmpfs");
  expect(await fileSystemOfOneMachine(join(folder, "none/of/these"))).toBe("tmpfs");
  expect(await fileSystemOfOneMachine("/proc")).toBeUndefined();
});
