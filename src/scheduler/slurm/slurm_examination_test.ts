import { expect, test } from "bun:test";
import { HeronError } from "../../base/mod.ts";
import { examineSlurm } from "./slurm_examination.ts";

const QUEUE = [
  "7|RUNNING|None|n1|1:00|2:00|main|who|N/A|n1|heron-bin words-1",
  "8|PENDING|Resources||N/A|2:00|main|who|N/A|N/A|heron-bin lost-1",
  "9|RUNNING|None|n1|1:00|2:00|main|who|N/A|n1|of somebody else",
  "6|CANCELLED|None||N/A|2:00|main|who|N/A|N/A|heron-bin older-1",
].join("\n");

type Answer = string | HeronError | { readonly code: number; readonly stderr: string };

/** What is said of a Slurm whose commands answer so. */
async function examined(
  answers: Readonly<Record<string, Answer>> = {},
  partition?: string,
): Promise<readonly string[]> {
  const usual: Readonly<Record<string, Answer>> = {
    squeue: QUEUE,
    sinfo: "main*|up|infinite|4\nshort|down|1:00|2\n",
    sacct: "",
  };
  const findings = await examineSlurm({
    run: ([name = "", first = ""]) => {
      const answer = answers[name] ?? (first === "--version" ? "slurm 22" : usual[name] ?? "");
      if (answer instanceof HeronError) return Promise.reject(answer);
      const said = { code: 0, signal: "", stdout: "", stderr: "" };
      return Promise.resolve(
        typeof answer === "string" ? { ...said, stdout: answer } : { ...said, ...answer },
      );
    },
    user: "who",
    options: partition === undefined ? {} : { partition },
    known: new Set(["words-1"]),
  });
  return findings.map(({ verdict, about, found, advice }) =>
    `${verdict} ${about}: ${found}${advice === "" ? "" : `; ${advice}`}`
  );
}

test("examineSlurm() finds nothing wrong with a Slurm that answers, and names jobs without a record", async () => {
  expect(await examined()).toEqual([
    "ok Slurm's commands: sbatch, squeue, scancel, srun are there (slurm 22)",
    `ok Slurm's queue: it answers; 3 jobs of "who", 2 of them of heron-bin`,
    'hint left behind: job 8 (PENDING, "heron-bin lost-1") is of no topology that this cluster has; ' +
    '"scancel 8" ends it, unless another cluster file has its topology',
    `ok Slurm's partition: "main" is up, 4 nodes, time limit infinite`,
    "ok Slurm's accounts: sacct answers",
  ]);
});

test("examineSlurm() tells commands that are missing, and asks no further", async () => {
  const missing = new HeronError("not_found", 'Run "sbatch": no such program in PATH');
  const findings = await examined({ sbatch: missing, squeue: missing });
  expect(findings.length).toBe(2);
  expect(findings[0]).toContain('fault Slurm\'s commands: Run "sbatch": no such program');
  expect(findings[0]).toContain("module load slurm");
  const broken = await examined({ srun: { code: 127, stderr: "srun: no libslurm\n" } });
  expect(broken).toEqual([
    `fault Slurm's commands: "srun --version" ended with 127: srun: no libslurm; ` +
    "ask the administrator of the cluster",
  ]);
});

test("examineSlurm() tells partitions that take no job, and accounts that are not kept", async () => {
  const partition = (findings: readonly string[]) =>
    findings.filter((one) => one.includes("partition"))[0];
  expect(partition(await examined({}, "short"))).toStartWith(
    `fault Slurm's partition: "short" is down, 2 nodes, time limit 1:00`,
  );
  expect(partition(await examined({}, "nope"))).toBe(
    `fault Slurm's partition: there is no "nope"; name one of main, short as scheduler.slurm.partition`,
  );
  expect(partition(await examined({ sinfo: "short|up|1:00|2\n" }))).toContain(
    "none is the default",
  );
  const off = { code: 1, stderr: "Slurm accounting storage is disabled\n" };
  expect((await examined({ sacct: off })).at(-1)).toStartWith(
    "hint Slurm's accounts: sacct does not answer: Slurm accounting storage is disabled; nothing has",
  );
  const none = new HeronError("not_found", 'Run "sacct": no such program');
  expect((await examined({ sacct: none })).at(-1)).toStartWith("hint Slurm's accounts: Run");
});
