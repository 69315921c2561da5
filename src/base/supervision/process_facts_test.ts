import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import {
  isRunning,
  killGroup,
  killOne,
  killProcess,
  MemoryReader,
  parseStartTime,
  readCommandLine,
  readProcessesWith,
  readProcessFacts,
} from "./process_facts.ts";

function statOf(command: string): string {
  const fields = Array.from({ length: 50 }, (_, at) => String(at + 3));
  return `77 (${command}) S ${fields.slice(1).join(" ")}\n`;
}

test("parseStartTime() reads field 22, whatever the command is named", () => {
  for (const command of ["bun", "a b", ") (", "x) S 1 2 3", ""]) {
    expect(parseStartTime(statOf(command))).toBe(22n);
  }
});

test("parseStartTime() refuses what has no field 22", () => {
  expect(() => parseStartTime("77 (bun) S 1 2")).toThrow("expected a number in field 22");
  expect(() => parseStartTime("")).toThrow('found ""');
});

test("readProcessFacts() tells this process from one that started later", async () => {
  const child = Bun.spawn(["sleep", "100"]);
  const [own, other] = [readProcessFacts(process.pid), readProcessFacts(child.pid)];
  expect(own?.pid).toBe(process.pid);
  expect(other?.startTime ?? 0n).toBeGreaterThanOrEqual(own?.startTime ?? 0n);
  expect(readProcessFacts(process.pid)).toEqual(own);
  child.kill("SIGKILL");
  await child.exited;
  expect(readProcessFacts(child.pid)).toBeUndefined();
  expect(readProcessFacts(2 ** 22 + 1)).toBeUndefined();
});

test("readCommandLine() tells the words of a process that is there", async () => {
  const child = Bun.spawn(["/bin/sleep", "100"]);
  while (readCommandLine(child.pid)[0] !== "/bin/sleep") await Bun.sleep(1);
  expect(readCommandLine(child.pid)).toEqual(["/bin/sleep", "100"]);
  child.kill("SIGKILL");
  await child.exited;
  expect(readCommandLine(child.pid)).toEqual([]);
});

test("MemoryReader tells what a process holds, without the files that it maps", async () => {
  const memory = new MemoryReader();
  const held: number[] = [];
  for (const mebibytes of [0, 64]) {
    const code = `const kept = new Uint8Array(${mebibytes} * 2 ** 20).fill(1);
      console.log("filled"); process.stdin.once("data", () => process.exit(kept[0]));`;
    const child = Bun.spawn([process.execPath, "-e", code], { stdin: "pipe", stdout: "pipe" });
    // It has said so: all of it is there.
    await child.stdout.getReader().read();
    held.push(memory.bytesOf(child.pid) ?? 0);
    child.kill("SIGKILL");
    await child.exited;
  }
  const [without = 0, withThem = 0] = held;
  expect((withThem - without) / 2 ** 20).toBeWithin(48, 96);
  // The executable alone is larger.
  expect(without).toBeWithin(2 ** 20, 64 * 2 ** 20);
  expect(memory.bytesOf(2 ** 22 + 1)).toBeUndefined();
});

/** A process that begins has its parent's command line, then for a moment none. */
async function hasBegun(pid: number, word: string): Promise<void> {
  while (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(word)) await Bun.sleep(1);
}

test("readProcessesWith() finds the processes with all words, in a row and whole", async () => {
  const start = (...words: string[]) =>
    // It starts nothing, which would have its words for a moment.
    Bun.spawn(["/bin/sh", "-c", "read word", "sh", ...words], { stdin: "pipe", detached: true });
  const mark = `märk-${crypto.randomUUID()}`;
  const found = [start("--job", mark), start("--job", mark, "x")];
  const others = [start("--job", `${mark}2`), start("--job", "x", mark), start(`x--job`, mark)];
  await Promise.all([...found, ...others].map(({ pid }) => hasBegun(pid, mark)));
  expect(readProcessesWith(["--job", mark]).toSorted()).toEqual(
    found.map(({ pid }) => pid).toSorted(),
  );
  for (const { pid, exited } of [...found, ...others]) {
    killGroup(pid);
    await exited;
  }
  expect(readProcessesWith(["--job", mark])).toEqual([]);
});

test("killProcess() kills the process that is meant, with its group, and no other", async () => {
  const child = Bun.spawn(["sleep", "100"], { detached: true });
  const facts = readProcessFacts(child.pid);
  if (facts === undefined) throw new Error("no such process");
  killProcess({ ...facts, startTime: facts.startTime + 1n });
  expect(isRunning(facts)).toBe(true);
  expect(isRunning({ ...facts, startTime: facts.startTime + 1n })).toBe(false);
  killProcess(facts);
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
  expect(isRunning(facts)).toBe(false);
  expect([killGroup(child.pid), killOne(child.pid)]).toEqual([false, false]);
});

test("killProcess() kills the group of a process that has ended", async () => {
  const leader = Bun.spawn(["/bin/sh", "-c", "sleep 100 & echo $!; wait"], { detached: true });
  const facts = readProcessFacts(leader.pid);
  if (facts === undefined) throw new Error("no such process");
  const { value } = await leader.stdout.getReader().read();
  const follower = Number(new TextDecoder().decode(value));
  leader.kill("SIGKILL");
  await leader.exited;
  expect(readProcessFacts(follower)).toBeDefined();
  killProcess(facts);
  while (readProcessFacts(follower) !== undefined) await Bun.sleep(1);
});
