import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../base/mod.ts";
import { TaskOutput } from "./task_output.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-output-"));
afterAll(() => rm(root, { recursive: true }));

test("TaskOutput keeps the order of lines that come at once, also over two lives", async () => {
  const path = join(root, "lines.out");
  const expected: string[] = [];
  for (const life of ["a", "b"]) {
    const output = new TaskOutput(path, silentLogger);
    const lines = Array.from({ length: 50 }, (_, index) => `${life} ${index}`);
    expected.push(...lines);
    await Promise.all(lines.map((line) => output.append([line])));
    await output.close();
  }
  expect(await readFile(path, "utf8")).toBe(`${expected.join("\n")}\n`);
});

test("TaskOutput tells how many lines could not be written", async () => {
  const path = join(root, "blocked.out");
  await mkdir(path);
  const output = new TaskOutput(path, silentLogger);
  await output.append(["a", "b"]);
  await output.append(["c"]);
  await rmdir(path);
  await output.append(["d"]);
  await output.close();
  expect(await readFile(path, "utf8")).toBe("[heron-bin: 3 lines could not be written]\nd\n");
});
