import { expect, test } from "bun:test";
import { HeronError } from "../../base/mod.ts";
import { isFull } from "./full_disk.ts";

test("isFull() looks at what caused an error", () => {
  const cause = Object.assign(new Error("no space left"), { code: "ENOSPC" });
  expect(isFull(cause)).toBe(true);
  expect(isFull(HeronError.from(cause, "Write"))).toBe(true);
  expect(isFull(new HeronError("io", "Kill", { cause: HeronError.from(cause) }))).toBe(true);
  expect(isFull(Object.assign(new Error("read-only"), { code: "EROFS" }))).toBe(false);
  expect(isFull("ENOSPC")).toBe(false);
});
