import { afterAll, expect, test } from "bun:test";
import { appendFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogTail } from "./log_tail.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-tail-"));
afterAll(() => rm(root, { recursive: true }));
let files = 0;

async function newFile(text: string): Promise<string> {
  const path = join(root, `log-${files++}`);
  await writeFile(path, text);
  return path;
}

test("LogTail gives the last lines, however long the file is", async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ö`);
  const path = await newFile(`${lines.join("\n")}\n`);
  for (const count of [0, 1, 3, 15_000, 20_000, 30_000]) {
    const tail = new LogTail(path);
    expect(await tail.last(count)).toEqual(count === 0 ? [] : lines.slice(-count));
    await tail.close();
  }
});

test("LogTail gives what comes later, a line when it has ended", async () => {
  const path = await newFile("one\ntwo\nthr");
  const tail = new LogTail(path);
  expect(await tail.last(5)).toEqual(["one", "two"]);
  expect(await tail.next()).toEqual([]);
  await appendFile(path, "ee\nfour\n");
  expect(await tail.next()).toEqual(["three", "four"]);
  expect(await tail.next()).toEqual([]);
  await tail.close();
});

test("LogTail follows a file that is renamed when it is full, and one that comes later", async () => {
  const path = await newFile("one\n");
  const tail = new LogTail(path);
  expect(await tail.last(5)).toEqual(["one"]);
  await appendFile(path, "two\n");
  await rename(path, `${path}.1`);
  await writeFile(path, "three\n");
  expect(await tail.next()).toEqual(["two", "three"]);
  await tail.close();
  const late = join(root, "late");
  const lateTail = new LogTail(late);
  expect(await lateTail.last(5)).toEqual([]);
  expect(await lateTail.next()).toEqual([]);
  await writeFile(late, "here\n");
  expect(await lateTail.next()).toEqual(["here"]);
  await lateTail.close();
});

test("LogTail gives a line without an end in pieces, once it is very long", async () => {
  const path = await newFile("x".repeat(3 * 1024 * 1024));
  const tail = new LogTail(path);
  const pieces = await tail.last(1);
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces.join("").length).toBeGreaterThan(2 * 1024 * 1024);
  await tail.close();
});

test("LogTail says what cannot be read", async () => {
  await expect(new LogTail(root).last(1)).rejects.toThrow(`Read log "${root}"`);
});
