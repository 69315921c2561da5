import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../base/mod.ts";
import { killGroup, readProcessesWith, readProcessFacts } from "../base/supervision/mod.ts";
import { createLocalLauncher } from "./local_launcher.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-launcher-"));
afterAll(() => rm(root, { recursive: true }));

const launcher = createLocalLauncher(systemClock);
let jobs = 0;

/** Launches a scheduler that is a shell. */
async function launch(script: string): Promise<{ jobFile: string; logFile: string; pid: number }> {
  const jobFile = join(root, `job-${jobs++}`);
  const logFile = `${jobFile}.log`;
  await launcher.launch({
    jobFile,
    command: ["/bin/sh", "-c", `${script}; :`, "scheduler", "--job", jobFile],
    environment: { PATH: "/usr/bin:/bin", GREETING: "hello" },
    workingFolder: root,
    logFile,
  });
  while (readProcessesWith(["scheduler", "--job", jobFile]).length === 0) await Bun.sleep(5);
  const [pid = 0] = readProcessesWith(["scheduler", "--job", jobFile]);
  return { jobFile, logFile, pid };
}

test("local: a scheduler is a session of its own, with the environment it was given", async () => {
  const { jobFile, logFile, pid } = await launch('echo "$GREETING" "$HOME"; sleep 100');
  while ((await readFile(logFile, "utf8")) === "") await Bun.sleep(5);
  expect(await readFile(logFile, "utf8")).toBe("hello \n");
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  expect(stat.split(") ")[1]?.split(" ")[3]).toBe(String(pid));
  await launcher.end({ jobFile, told: undefined });
});

test("local: look() knows a scheduler by its job, then by what it told, and that another has its pid", async () => {
  const { jobFile, pid } = await launch("sleep 100");
  const startTime = readProcessFacts(pid)?.startTime ?? 0n;
  const told = { host: hostname(), pid, startTime };
  expect(await launcher.look({ jobFile, told: undefined })).toEqual({ type: "alive" });
  expect(await launcher.look({ jobFile, told })).toEqual({ type: "alive" });
  expect(await launcher.look({ jobFile, told: { ...told, startTime: 1n } })).toMatchObject({
    type: "gone",
  });
  expect(await launcher.look({ jobFile, told: { ...told, host: "elsewhere" } })).toEqual({
    type: "unknown",
    reason: 'its scheduler is on host "elsewhere"',
  });
  await launcher.end({ jobFile, told });
  expect(await launcher.look({ jobFile, told })).toMatchObject({ type: "gone" });
  expect(await launcher.look({ jobFile, told: undefined })).toMatchObject({ type: "gone" });
});

test("local: end() ends all processes of a job and no others, also when the scheduler is gone", async () => {
  const [one, other] = [await launch("sleep 100 & sleep 100"), await launch("sleep 100")];
  const container = Bun.spawn(
    ["/bin/sh", "-c", "trap '' TERM; sleep 100; :", "container", "--job", one.jobFile],
    { detached: true },
  );
  killGroup(one.pid);
  await launcher.end({ jobFile: one.jobFile, told: undefined });
  await container.exited;
  expect(container.signalCode).toBe("SIGKILL");
  expect(readProcessFacts(other.pid)).toBeDefined();
  await launcher.end({ jobFile: one.jobFile, told: undefined });
  await launcher.end({ jobFile: other.jobFile, told: undefined });
});

test("local: what cannot be done is told", async () => {
  const launched = { jobFile: "/job", told: { host: "elsewhere", pid: 1, startTime: 1n } };
  await expect(launcher.end(launched)).rejects.toMatchObject({ code: "unavailable" });
  const launching = launcher.launch({
    jobFile: "/job",
    command: ["/nowhere/heron-bin"],
    environment: {},
    workingFolder: root,
    logFile: join(root, "log"),
  });
  await expect(launching).rejects.toThrow('Start "/nowhere/heron-bin"');
});
