import { afterEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HeronError } from "./errors.ts";
import { type LogFile, type LogFileOptions, openLogFile } from "./log_file.ts";

const folder = mkdtempSync(join(tmpdir(), "heron-bin-log-"));
const path = join(folder, "role.log");
let open: LogFile | undefined;

async function logTo(options: Partial<LogFileOptions>): Promise<LogFile> {
  open = await openLogFile({ path, role: "stmgr-1", ...options });
  return open;
}

function linesOf(file: string): Record<string, unknown>[] {
  return readFileSync(file, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
}

afterEach(async () => {
  await open?.close();
  open = undefined;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
});

test("openLogFile() writes one JSON line an entry before the call returns", async () => {
  const { logger } = await logTo({});
  logger.child({ peer: "stmgr-2" }).warn("peer_lost {peer}", { silentMs: 10_000 });
  const [line] = linesOf(path);
  expect(line).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    level: "warn",
    event: "peer_lost {peer}",
    role: "stmgr-1",
    peer: "stmgr-2",
    silentMs: 10_000,
  });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("openLogFile() keeps entries from its level upward", async () => {
  const { logger } = await logTo({ level: "warn" });
  for (const level of ["debug", "info", "warn", "error", "fatal"] as const) logger[level](level);
  expect(linesOf(path).map((line) => line["event"])).toEqual(["warn", "error", "fatal"]);
});

test("openLogFile() prints what JSON cannot, and survives what nothing can", async () => {
  const { logger } = await logTo({});
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  logger.error("odd", {
    big: 2n ** 70n,
    bytes: new Uint8Array([1, 255]),
    map: new Map([["a", 1]]),
    error: new HeronError("io", "Reading x: found nothing", { cause: new Error("inner") }),
    level: "mine",
  });
  logger.error("cycle", cycle);
  const [odd, second] = linesOf(path);
  expect(odd).toMatchObject({
    level: "error",
    big: "1180591620717411303424",
    bytes: "01ff",
    map: [["a", 1]],
    error: { code: "io", message: "Reading x: found nothing", cause: { message: "inner" } },
  });
  expect(second).toMatchObject({ event: "cycle", unprintable: expect.stringContaining("cyclic") });
});

test("openLogFile() rotates once at the size limit and keeps two files", async () => {
  const { logger } = await logTo({ fileBytesMax: 1_000 });
  for (let entry = 0; entry < 100; entry += 1) logger.info("entry", { entry });
  expect(statSync(path).size).toBeLessThanOrEqual(1_000);
  expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(1_000);
  const kept = [...linesOf(`${path}.1`), ...linesOf(path)].map((line) => line["entry"]);
  expect(kept.at(-1)).toBe(99);
  expect(kept).toEqual(kept.map((_, index) => 100 - kept.length + index));
});

test("openLogFile() appends to what is there", async () => {
  (await logTo({})).logger.info("first");
  await open?.close();
  (await logTo({})).logger.info("second");
  expect(linesOf(path).map((line) => line["event"])).toEqual(["first", "second"]);
});

test("openLogFile() refuses a second file in the same thread, and a path it cannot open", async () => {
  const { logger, close } = await logTo({});
  await expect(openLogFile({ path, role: "tm" })).rejects.toThrow(TypeError);
  await close();
  logger.info("after close");
  expect(readFileSync(path, "utf8")).toBe("");
  const missing = join(folder, "no", "x.log");
  await expect(openLogFile({ path: missing, role: "tm" })).rejects.toThrow(
    `Open log "${missing}"`,
  );
});

test("a full disk breaks no caller", async () => {
  const { logger } = await logTo({ path: "/dev/full" });
  expect(() => logger.info("lost")).not.toThrow();
});

test("the first line that fits again tells how many were lost", async () => {
  const { logger } = await logTo({ fileBytesMax: 150 });
  const blocker = `${path}.1`;
  mkdirSync(blocker);
  for (let entry = 0; entry < 4; entry += 1) logger.info("entry", { entry });
  rmSync(blocker, { recursive: true });
  logger.info("entry", { entry: 4 });
  expect(linesOf(path)).toMatchObject([{ event: "log_lines_lost", count: 3 }, { entry: 4 }]);
  expect(linesOf(blocker)).toMatchObject([{ entry: 0 }]);
});
