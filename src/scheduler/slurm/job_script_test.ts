import { expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../../tests/support/wire.ts";
import { renderJobScript, type SlurmJob } from "./job_script.ts";

const SMALL: SlurmJob = {
  topologyName: "words",
  topologyId: "words-6f3a",
  folder: "/shared/heron/words-6f3a",
  command: ["/shared/bin/heron-bin", "scheduler", "--job", "/shared/heron/words-6f3a/job"],
  size: { tasks: 3, cpusPerTask: 2, ramMibPerCpu: 1024, masterHasPlace: true },
  options: {},
};

const FULL: SlurmJob = {
  ...SMALL,
  folder: "/shared/it's $HOME #1",
  command: ["/opt/heron bin/heron-bin", "scheduler", "--job", "/shared/it's $HOME #1/job"],
  options: {
    partition: "main",
    account: "proj-7",
    qos: "high",
    constraint: "[rack1|rack2]&nvme",
    timeLimit: "1-00:00:00",
    gres: "gpu:2",
    reservation: "week7",
    exclude: "n[3-5],n9",
    jobName: 'words "at" night',
    mailUser: "who@example.org",
    mailType: "END,FAIL",
    containersPerNode: 4,
    requestMemory: false,
    extraLines: [
      "module load tools",
      "#SBATCH --nice=5",
      "#SBATCH --licenses=x:2",
      'export SCRATCH="/scratch/$USER"',
    ],
  },
};

function golden(name: string): Promise<string> {
  return readFile(join(import.meta.dir, "../../../tests/golden/slurm", name), "utf8");
}

test("renderJobScript() is as the golden scripts have it", async () => {
  expect(renderJobScript(SMALL)).toBe(await golden("small_job.sh"));
  expect(renderJobScript(FULL)).toBe(await golden("full_job.sh"));
});

test("renderJobScript() refuses what no script can hold", () => {
  const bad: readonly Partial<SlurmJob>[] = [
    { topologyName: "words\n#SBATCH --uid=0" },
    { topologyId: "words\r" },
    { options: { partition: "a\nb" } },
    { folder: "relative" },
    { folder: '/a"b' },
    { folder: "/a\nb" },
    { command: ["heron-bin", "scheduler"] },
    { command: ["/bin/heron-bin", "a\nb"] },
  ];
  for (const change of bad) {
    expect(() => renderJobScript({ ...SMALL, ...change })).toThrow(/^(Write|Ask) /);
  }
});

/** A folder with a scheduler that is a shell script, and the job's script that starts it. */
async function prepare(body: string) {
  const folder = await mkdtemp(join(tmpdir(), "heron-bin-script-"));
  const program = join(folder, "it's a scheduler");
  await writeFile(program, `#!/bin/sh\n${body}\n`);
  await chmod(program, 0o755);
  await mkdir(join(folder, "logs"));
  const script = renderJobScript({ ...SMALL, folder, command: [program, "a b", "$(id)"] });
  const read = async () => {
    const file = Bun.file(join(folder, "told"));
    return await file.exists() ? await file.text() : "";
  };
  const job = Bun.spawn(["/bin/sh", "-c", script], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", BUN_OPTIONS: "--x", NODE_OPTIONS: "--y", KEPT: "1" },
    stdout: "ignore",
    stderr: "pipe",
  });
  return { folder, read, job, remove: () => rm(folder, { recursive: true }) };
}

test("the script starts the scheduler with its words, and nothing that loads code into it", async () => {
  const { read, job, remove } = await prepare(
    'printf "%s|%s|%s|%s|%s" "$1" "$2" "$BUN_OPTIONS" "$NODE_OPTIONS" "$KEPT" >told; exit 4',
  );
  expect(await job.exited).toBe(4);
  expect(await read()).toBe("a b|$(id)|||1");
  await remove();
});

test("the script starts a scheduler that crashes again, some times, and no other", async () => {
  const crash = await prepare("echo x >>told; kill -KILL $$");
  expect(await crash.job.exited).toBe(137);
  expect(await crash.read()).toBe("x\n".repeat(5));
  expect(await new Response(crash.job.stderr).text()).toContain("the scheduler ended with 137");
  await crash.remove();
  const once = await prepare("[ -e told ] && exit 0; echo x >>told; exit 70");
  expect(await once.job.exited).toBe(0);
  expect(await once.read()).toBe("x\n");
  await once.remove();
});

test("the script passes SIGTERM on, waits, and starts nothing again", async () => {
  const { read, job, remove } = await prepare(
    "trap 'sleep 0.2; echo ended >>told; exit 137' TERM; echo up >>told; while :; do sleep 0.05; done",
  );
  let told = "";
  void (async () => {
    while (told === "") {
      told = await read();
      await Bun.sleep(10);
    }
  })();
  await until(() => told !== "");
  job.kill("SIGTERM");
  expect(await job.exited).toBe(137);
  expect(await read()).toBe("up\nended\n");
  await remove();
});
