import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LogFields, type Logger, silentLogger, systemClock } from "../../base/mod.ts";
import { readCommandLine } from "../../base/supervision/mod.ts";
import { ROOT } from "../../../tests/support/repository.ts";
import { testScheduler } from "../conformance.ts";
import type { SlurmJobState } from "./job_state.ts";
import { createSlurmScheduler, type SlurmSchedulerOptions } from "./slurm_scheduler.ts";

const VARIABLES = {
  SLURM_JOB_ID: "21",
  SLURM_JOB_NODELIST: "n[1-2]",
  SLURM_TASKS_PER_NODE: "1(x2)",
  SLURM_JOB_CPUS_PER_NODE: "2(x2)",
  SLURM_MEM_PER_CPU: "1024",
};
const MIB = 1024 * 1024;

const JOB: SlurmJobState = {
  jobId: "21",
  state: "RUNNING",
  reason: "None",
  nodeList: "n[1-2]",
  secondsLeft: undefined,
  timeLimit: "UNLIMITED",
  partition: "main",
  user: "ann",
  startTime: "",
  batchNode: "n1",
  comment: "",
};

/** Whether a fake srun has its command line by now. */
function isStep(pid: number): boolean {
  return readCommandLine(pid).includes("--job-name=container-1");
}

function bun(file: string): readonly string[] {
  return [process.execPath, join(ROOT, "tests/support", file)];
}

function create(change: Partial<SlurmSchedulerOptions> = {}) {
  return createSlurmScheduler({
    variables: VARIABLES,
    sizes: [0, 1, 2].map((container) => ({ container, cpus: container + 1, ramBytes: 64 * MIB })),
    sweepCommand: bun("sweep.ts"),
    srun: bun("fake_srun.ts"),
    client: { jobState: () => Promise.resolve(undefined) },
    clock: systemClock,
    ...change,
  });
}

// The fake starts what it is given on this machine.
testScheduler("slurm, by a fake srun", create, { ownVariables: /^SLURM/ });

/** What is needed to start a container in `folder`. */
function startIn(folder: string, container: number, logger: Logger = silentLogger) {
  return {
    container,
    command: ["/bin/sh", "-c", "echo $SLURMD_NODENAME"],
    marks: ["--job", folder, "--container", String(container)],
    environment: { PATH: "/usr/bin:/bin" },
    workingFolder: folder,
    logFile: join(folder, `container-${container}.log`),
    logger,
  };
}

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "heron-bin-steps-"));
  await run(folder);
  await rm(folder, { recursive: true });
}

test("each container is a step on its node, with its CPUs and memory", () =>
  withFolder(async (folder) => {
    // What it is asked for, in its own log.
    const scheduler = create({ srun: ["/bin/sh", "-c", 'echo "$@"', "sh"] });
    expect(scheduler.allocation).toBe("21.0");
    await scheduler.start(startIn(folder, 2)).exited;
    const asked = await readFile(join(folder, "container-2.srun"), "utf8");
    expect(asked).toContain(
      "--jobid=21 --job-name=container-2 --nodes=1 --ntasks=1 --nodelist=n2 ",
    );
    expect(asked).toContain(" --cpus-per-task=3 --mem=64M ");
    const { SLURM_MEM_PER_CPU: _, ...variables } = VARIABLES;
    const unlimited = create({
      srun: ["/bin/sh", "-c", 'echo "$@"', "sh"],
      variables: { ...variables, SLURM_RESTART_COUNT: "2" },
    });
    expect(unlimited.allocation).toBe("21.2");
    await unlimited.start(startIn(folder, 0)).exited;
    expect(await readFile(join(folder, "container-0.srun"), "utf8")).not.toContain("--mem");
    expect(() => unlimited.start(startIn(folder, 3))).toThrow("Start container 3: not found");
  }));

test("the end of an adopted container is seen by that of its srun, whoever started it", () =>
  withFolder(async (folder) => {
    const start = { ...startIn(folder, 1), command: ["/bin/sleep", "100"] };
    // Nothing was left of it.
    expect(await create().adopt?.(start).exited).toEqual({ pid: 0, code: 0, signal: "SIGKILL" });
    const command = ["/bin/sh", "-c", "sleep 100; :", "sh", ...start.marks];
    const first = create().start({ ...start, command });
    while (!isStep(first.pid)) await Bun.sleep(1);
    const adopted = create().adopt?.(start);
    expect(adopted?.pid).toBe(first.pid);
    first.kill();
    expect(await adopted?.exited).toEqual({ pid: first.pid, code: 0, signal: "SIGKILL" });
  }));

test("containers of a node that the job has lost go to another, or wait", () =>
  withFolder(async (folder) => {
    let nodes = "n[1-2]";
    const client = {
      jobState: () => Promise.resolve({ ...JOB, nodeList: nodes }),
    };
    // What n2 is asked for, it cannot do.
    const srun = ["/bin/sh", "-c", 'case "$*" in *=n2*) exit 1;; esac; echo "$@"', "sh"];
    const [roomy, full] = [{}, { SLURM_MEM_PER_CPU: "64" }]
      .map((more) => create({ client, srun, variables: { ...VARIABLES, ...more } }));
    const waits: string[] = [];
    const start = { ...startIn(folder, 2), onWaiting: (text: string) => void waits.push(text) };
    for (const scheduler of [roomy, full]) {
      nodes = "n[1-2]";
      const first = scheduler?.start(start);
      expect((await first?.exited)?.code).toBe(1);
      await first?.killLeft([]);
      const second = scheduler?.start(start);
      expect((await second?.exited)?.code).toBe(1);
      nodes = "n1";
      await second?.killLeft([]);
      const third = scheduler?.start(start);
      if (scheduler === full) third?.kill();
      expect(await third?.exited).toMatchObject(
        scheduler === full ? { pid: 0, signal: "SIGKILL" } : { code: 0, signal: "" },
      );
      await third?.killLeft([]);
    }
    expect(await readFile(join(folder, "container-2.srun"), "utf8")).toContain("--nodelist=n1 ");
    expect(waits).toEqual([
      "node n2 is down, and the others of job 21 have no room; " +
      '"scontrol requeue 21" starts all of it anew',
    ]);
  }));

test("an adopted container ends when it is killed, by a sweep of its node", () =>
  withFolder(async (folder) => {
    const scheduler = create();
    const command = ["/bin/sh", "-c", "sleep 100; :", "sh", "--job", folder, "--container", "1"];
    const left = Bun.spawn(command, { detached: true, stderr: "ignore" });
    const adopted = scheduler.adopt?.(startIn(folder, 1));
    adopted?.kill();
    expect(await adopted?.exited).toEqual({ pid: 0, code: 0, signal: "SIGKILL" });
    await left.exited;
    expect(left.signalCode).toBe("SIGKILL");
  }));

test("a node that cannot be swept holds up nobody, and is told", () =>
  withFolder(async (folder) => {
    const warnings: (LogFields | undefined)[] = [];
    const logger: Logger = {
      ...silentLogger,
      warn: (_message, fields) => void warnings.push(fields),
    };
    const failing = create({ srun: ["/bin/sh", "-c", "exit 1"] });
    const container = failing.start(startIn(folder, 1, logger));
    expect((await container.exited).code).toBe(1);
    await container.killLeft([]);
    const missing = create({ srun: ["/nowhere/srun"] });
    await missing.adopt?.(startIn(folder, 2, logger)).killLeft([]);
    expect(warnings).toMatchObject([
      { container: 1, code: 1 },
      { container: 2, error: { message: expect.stringContaining("/nowhere/srun") } },
    ]);
  }));
