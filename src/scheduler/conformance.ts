/**
 * What every scheduler must do; a member's test calls this with itself. Processes are real,
 * so members of other machines run it where they can reach one.
 */

import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../base/mod.ts";
import { readProcessesWith, readProcessFacts } from "../base/supervision/mod.ts";
import type { ContainerStart, RunningContainer, Scheduler } from "./scheduler.ts";

/** In what a member differs. */
export interface SchedulerTraits {
  /** Variables that a container has besides those that it is given. @default none */
  readonly ownVariables?: RegExp;
}

type Check = (container: RunningContainer, start: ContainerStart) => Promise<void>;

/** Declares the tests of scheduler `name`. */
export function testScheduler(
  name: string,
  create: () => Scheduler,
  { ownVariables = /^$/ }: SchedulerTraits = {},
): void {
  const withContainer = (script: string, check: Check) => runContainer(create(), script, check);

  test(`${name}: a container has the command, folder and environment it was given, and no more`, () =>
    withContainer('pwd; /usr/bin/env; echo "to stderr" >&2; exit 7', async (container, start) => {
      expect(await container.exited).toEqual({ pid: container.pid, code: 7, signal: "" });
      const lines = (await readFile(start.logFile, "utf8")).trim().split("\n");
      expect(lines[0]).toBe(start.workingFolder);
      // The shell's own variables.
      const isOwn = (line: string) =>
        /^(PWD|OLDPWD|SHLVL|_)=/.test(line) || ownVariables.test(line.split("=")[0] ?? "");
      const known = lines.slice(1).filter((line) => !isOwn(line));
      expect(known.sort()).toEqual(["GREETING=hello", "PATH=/usr/bin:/bin", "to stderr"]);
    }));

  test(`${name}: kill() ends a container that ignores signals, and what it started`, () =>
    withContainer("trap '' TERM INT HUP; sleep 100 & echo $!; wait", async (container, start) => {
      const read = async () =>
        existsSync(start.logFile) ? await readFile(start.logFile, "utf8") : "";
      while (!(await read()).includes("\n")) await Bun.sleep(5);
      const inner = Number(await read());
      container.kill();
      expect(await container.exited).toEqual({ pid: container.pid, code: 0, signal: "SIGKILL" });
      container.kill();
      await untilGone(inner);
    }));

  test(`${name}: killLeft() kills the processes it is given and none with another start time`, () =>
    withContainer("exit 0", async (container) => {
      await container.exited;
      const [left, other] = [sleeper(), sleeper()];
      const [leftFacts, otherFacts] = [left, other].map(({ pid }) => readProcessFacts(pid));
      if (leftFacts === undefined || otherFacts === undefined) throw new Error("no such process");
      await container.killLeft([
        leftFacts,
        { ...otherFacts, startTime: otherFacts.startTime - 1n },
      ]);
      expect(readProcessFacts(left.pid)).toBeUndefined();
      await left.exited;
      expect(left.signalCode).toBe("SIGKILL");
      expect(readProcessFacts(other.pid)).toEqual(otherFacts);
      other.kill("SIGKILL");
      await other.exited;
      await container.killLeft([leftFacts, otherFacts]);
    }));

  test(`${name}: killLeft() kills the processes with the marks of the container, told or not`, () =>
    withContainer("exit 0", async (container, { marks }) => {
      await container.exited;
      const left = markedSleeper(marks);
      const other = markedSleeper([...marks.slice(0, -1), "2"]);
      // A process that begins has no command line yet.
      while (!readProcessesWith(marks).includes(left.pid)) await Bun.sleep(1);
      left.kill("SIGSTOP");
      await container.killLeft([]);
      expect(readProcessFacts(left.pid)).toBeUndefined();
      expect(readProcessFacts(other.pid)).toBeDefined();
      process.kill(-other.pid, "SIGKILL");
      await other.exited;
    }));
  testStarts(name, create);
}

/** What start() does when it cannot, and when it does so again. */
function testStarts(name: string, create: () => Scheduler): void {
  test(`${name}: what cannot be started is told by start(), or has failed`, () =>
    withFolder(async (folder) => {
      const command = ["/nowhere/heron-bin"];
      const start = { ...startIn(folder), command };
      let container: RunningContainer;
      try {
        container = create().start(start);
      } catch (thrown) {
        expect(String(thrown)).toContain('Start "/nowhere/heron-bin": ');
        return;
      }
      const { code, signal } = await container.exited;
      expect([code > 0, signal]).toEqual([true, ""]);
    }));

  test(`${name}: a container that is started again has its log behind that of the one before`, () =>
    runContainer(create(), "echo $$", async (container, start) => {
      await container.exited;
      const next = create().start(start);
      expect(next.pid).not.toBe(container.pid);
      await next.exited;
      expect((await readFile(start.logFile, "utf8")).split("\n").length).toBe(3);
    }));
}

/** Runs `script` as a container in a folder of its own, which goes with it. */
function runContainer(scheduler: Scheduler, script: string, check: Check): Promise<void> {
  return withFolder(async (folder) => {
    const start = { ...startIn(folder), command: ["/bin/sh", "-c", script] };
    const container = scheduler.start(start);
    try {
      await check(container, start);
    } finally {
      container.kill();
      await container.exited;
    }
  });
}

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "heron-bin-scheduler-"));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function startIn(folder: string): Omit<ContainerStart, "command"> {
  return {
    container: 1,
    marks: ["--job", folder, "--container", "1"],
    environment: { PATH: "/usr/bin:/bin", GREETING: "hello" },
    workingFolder: folder,
    logFile: join(folder, "container-1.log"),
    logger: silentLogger,
  };
}

function sleeper(): Bun.Subprocess {
  return Bun.spawn(["sleep", "100"], { detached: true, stderr: "ignore" });
}

async function untilGone(pid: number): Promise<void> {
  while (readProcessFacts(pid) !== undefined) await Bun.sleep(5);
}

/** A process of a group of its own, with those arguments. */
function markedSleeper(args: readonly string[]): Bun.Subprocess {
  const command = ["/bin/sh", "-c", "sleep 100; :", "sh", ...args];
  return Bun.spawn(command, { detached: true, stderr: "ignore" });
}
