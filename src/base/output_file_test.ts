import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OutputFile } from "./output_file.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "output-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("OutputFile appends, and makes no file without a line", async () => {
  const file = new OutputFile(join(folder, "output.log"));
  await file.close();
  expect(await readdir(folder)).toEqual([]);
  await file.append("one\n");
  await file.append("two\n");
  await file.close();
  expect(await readFile(file.path, "utf8")).toBe("one\ntwo\n");
  expect(file.hasLost).toBe(false);
});

test("OutputFile takes two files at most, and says when the oldest is gone", async () => {
  const file = new OutputFile(join(folder, "output.log"), 8);
  await file.append("one two\n");
  await file.append("three\n");
  expect(file.hasLost).toBe(false);
  await file.append("four\n");
  await file.append("five\n");
  await file.close();
  expect(file.hasLost).toBe(true);
  expect(await readFile(`${file.path}.1`, "utf8")).toBe("three\nfour\n");
  expect(await readFile(file.path, "utf8")).toBe("five\n");
});

test("append() tells when it cannot write", async () => {
  const file = new OutputFile(join(folder, "none", "output.log"));
  await expect(file.append("one\n")).rejects.toThrow("Keep what user code printed");
});
