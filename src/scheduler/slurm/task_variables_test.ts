import { expect, test } from "bun:test";
import { taskVariables } from "./task_variables.ts";

test("taskVariables() keeps devices, names, places and sizes, and nothing else of the machine", () => {
  const kept = {
    CUDA_VISIBLE_DEVICES: "1",
    SLURM_JOB_ID: "21",
    SLURM_STEP_ID: "3",
    SLURMD_NODENAME: "n1",
    SLURM_CPUS_PER_TASK: "2",
    TMPDIR: "/scratch/21",
  };
  const others = {
    HOME: "/root",
    LD_PRELOAD: "x.so",
    NODE_OPTIONS: "--import=x",
    BUN_OPTIONS: "--preload=x",
    SLURM_CONF: "/etc/slurm.conf",
    SLURM_JWT: "secret",
    SLURM_SRUN_COMM_HOST: "10.0.0.1",
    SLURM_NODEID: undefined,
  };
  expect(taskVariables({ ...kept, ...others })).toEqual(kept);
});

test("taskVariables() has none outside of a job", () => {
  expect(taskVariables({ TMPDIR: "/tmp", CUDA_VISIBLE_DEVICES: "0" })).toEqual({});
});
