import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LogFields, type Logger, silentLogger, systemClock } from "../../base/mod.ts";
import { ROOT } from "../../../tests/support/repository.ts";
import { testScheduler } from "../conformance.ts";
import { createSlurmScheduler, type SlurmSchedulerOptions } from "./slurm_scheduler.ts";

const VARIABLES = {
  SLURM_JOB_ID: "21",
  SLURM_JOB_NODELIST: "n[1-2]",
  SLURM_TASKS_PER_NODE: "1(x2)",
  SLURM_MEM_PER_CPU: "1024",
};
const MIB = 1024 * 1024;

function bun(file: string): readonly string[] {
  return [process.execPath, join(ROOT, "tests/support", file)];
}

function create(change: Partial<SlurmSchedulerOptions> = {}) {
  return createSlurmScheduler({
    variables: VARIABLES,
    sizes: [0, 1, 2].map((container) => ({ container, cpus: container + 1, ramBytes: 64 * MIB })),
    sweepCommand: bun("sweep.ts"),
    srun: bun("fake_srun.ts"),
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
