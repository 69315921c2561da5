import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnCaptured, spawnLogged } from "./child_process.ts";
import { readProcessFacts } from "./process_facts.ts";

function shell(script: string) {
  return { command: ["/bin/sh", "-c", script], workingFolder: "/", environment: {} };
}

test("spawnCaptured() gives both streams, the exit code, and nothing to read", async () => {
  const child = spawnCaptured(shell("cat; echo out; echo err >&2; exit 3"));
  expect(await new Response(child.stdout).text()).toBe("out\n");
  expect(await new Response(child.stderr).text()).toBe("err\n");
  expect(await child.exited).toEqual({ pid: child.pid, code: 3, signal: "" });
});

test("spawnCaptured() leads a session of its own", async () => {
  const child = spawnCaptured(shell("cut -d' ' -f6 /proc/$$/stat"));
  expect(Number(await new Response(child.stdout).text())).toBe(child.pid);
});

test("spawnCaptured() leaves what nobody reads in the pipe", async () => {
  const child = spawnCaptured(shell("exec yes 0123456789abcdef"));
  const writtenBytes = async (): Promise<number> => {
    const facts = await readFile(`/proc/${child.pid}/io`, "utf8");
    return Number(/^wchar: (\d+)$/m.exec(facts)?.[1]);
  };
  while (await writtenBytes() === 0) await Bun.sleep(5);
  await Bun.sleep(300);
  // A pipe holds 64 KiB, the runtime may hold a little more; a reader would take gigabytes.
  expect(await writtenBytes()).toBeLessThan(4 * 1024 * 1024);
  child.kill();
  expect((await child.exited).signal).toBe("SIGKILL");
});

test("spawnLogged() appends to a file that only its owner reads", async () => {
  const folder = await mkdtemp(join(tmpdir(), "heron-bin-child-"));
  const logFile = join(folder, "x.log");
  for (const word of ["first", "second"]) {
    await spawnLogged(shell(`echo ${word}; echo ${word} >&2`), logFile).exited;
  }
  expect(await readFile(logFile, "utf8")).toBe("first\nfirst\nsecond\nsecond\n");
  expect((await stat(logFile)).mode & 0o777).toBe(0o600);
  expect(() => spawnLogged(shell(""), join(folder, "none", "x.log"))).toThrow('Start "/bin/sh -c ');
  await rm(folder, { recursive: true });
});

test("a child that ends takes along what it started, and is killed only once", async () => {
  const child = spawnCaptured(shell("sleep 100 & echo $!"));
  const reader = child.stdout.getReader();
  const inner = Number(new TextDecoder().decode((await reader.read()).value));
  expect((await child.exited).code).toBe(0);
  while (readProcessFacts(inner) !== undefined) await Bun.sleep(1);
  child.kill();
  await reader.cancel();
});

test("a command that is not there is named", () => {
  const options = { ...shell(""), command: ["/nowhere/x", "tm"] };
  expect(() => spawnCaptured(options)).toThrow('Start "/nowhere/x tm": ');
});
